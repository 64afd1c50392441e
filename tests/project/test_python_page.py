"""Every example of docs/python.md runs, in its order, and prints what the page says."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

_BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_example_prints_what_stands_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ROOT / "docs" / "python.md"
    text = page.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "program"}
    printed, run = "", 0
    for match in _BLOCK.finditer(text):
        kind, content = match.groups()
        line = text[: match.start()].count("\n") + 1
        if kind == "text":
            assert printed == content, f"the example above line {line} prints something else"
            printed = ""
            continue
        assert not printed, f"what the example above line {line} prints is not shown"
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile("\n" * line + content, page.name, "exec"), names)
        printed, run = output.getvalue(), run + 1
    assert not printed
    assert run > 10
