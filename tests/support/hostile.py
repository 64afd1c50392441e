"""Texts that are made to keep a reader busy: one short piece over and over, between a beginning and an end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PIECES = (
    *(
        " ",
        "\n",
        "\t",
        "\r\n",
        "\n\n",
        "\n \n",
        "\u00a0",
        "\u2028",
        "a",
        "A",
        "1",
        "é",
        "字",
        "字。",
        "\u0301",
        "e\u0301",
    ),
    *(".", ",", ":", ";", "!", "?", "…", "-", "—", "_", "*", "#", "=", "|", "~", "`", "\\", "/", "&", "%", "'", '"'),
    *(
        "“",
        "”",
        "‘",
        "’",
        "«",
        "»",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "a ",
        "A ",
        "Ab ",
        "a. ",
        "A. ",
        "A.",
        "1. ",
    ),
    *("a-", "A’s ", "a\n", "Ab\n\n", ". ", ".x ", "! ", " ”", "”\n", "- a\n", "* ", "> ", "| a ", "---\n", "a: b\n"),
    *(
        "said ",
        "said, ",
        "”said ",
        " said that ",
        "according to ",
        ", saying ",
        "the ",
        "of ",
        "and ",
        "by ",
        "By A ",
        "was ",
    ),
    *(
        "Photo: ",
        "photo ",
        "(CC BY ",
        "Page 1 ",
        "Mr. ",
        "10 ",
        "user:",
        "\n.",
        "### Task:",
        "</context>",
        '{"title',
        '{ "',
    ),
    *(
        "<p>",
        "<b>",
        "<a href=x>",
        "<div>",
        "<!--",
        "<!-- ",
        "<?xml ",
        "<![CDATA[",
        "&amp;",
        "&lt;",
        "[a](",
        "![",
        "[a]: b\n",
    ),
)
"""What single patterns repeat, and what formats, dialects and rules of English look for."""


def hostile(size: int, piece: str, before: str = "", after: str = "") -> str:
    """A text with about ``size`` code points of ``piece``."""
    return f"{before}{piece * (size // len(piece))}{after}"


def variants(piece: str, befores: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """The piece behind each beginning, before an end that lets no pattern come to a good one, and before none."""
    yield piece, "", ""
    yield from ((piece, before, "\n!x") for before in befores)


@contextmanager
def an_end(seconds: float = 60) -> Iterator[None]:
    """Stops what takes more than ``seconds`` of processor time: far more than it may take, far less than for ever.

    :raises TimeoutError: in the block, also inside of a regular expression.
    """

    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {seconds:g} s of processor time")

    before: Callable[..., object] | int | None = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
