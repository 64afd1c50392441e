"""What others wrote is shown on a terminal without steering it."""

import json

import pytest

from api.cli.terminal import visible, visible_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;pwned\x07\x1b[2J", "\\x1b]0;pwned\\x07\\x1b[2J"),
        ("\x9b31mred\x7f", "\\x9b31mred\\x7f"),
        ("\u202eeliforP nhoJ\u202c", "\\u202eeliforP nhoJ\\u202c"),
        ("\u2066x\u2069 \u202ay\u202c", "\\u2066x\\u2069 \\u202ay\\u202c"),
        ("a\r\nX: y\u2028z", "a\\r\\nX: y\\u2028z"),
        ("שלום \u200f1", "שלום \u200f1"),
        ("東京 é 😀", "東京 é 😀"),
    ],
)
def test_what_steers_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown
    written = json.dumps({"title": text}, indent=1, ensure_ascii=False)
    assert json.loads(visible_json(written)) == {"title": text}
    assert not set(visible_json(written)) & {"\x1b", "\x9b", "\u202e", "\u2066", "\u2028"}


def test_lines_that_are_kept() -> None:
    assert visible("a\nb\x1b", kept="\n") == "a\nb\\x1b"
