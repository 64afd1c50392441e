"""Names say what a thing is: what was said about it is a reason, a report, metadata, a tooltip, …, and not "told"."""

import ast
from pathlib import Path

import pytest

from tests.support.paths import ROOT

FOLDERS = ("index", "rag", "api", "training", "pullquote")


@pytest.mark.parametrize("path", sorted(path for name in FOLDERS for path in (ROOT / name).rglob("*.py")), ids=str)
def test_nothing_is_named_told(path: Path) -> None:
    named = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            named.add(node.name)
        elif isinstance(node, ast.Name):
            named.add(node.id)
        elif isinstance(node, ast.Attribute):
            named.add(node.attr)
        elif isinstance(node, ast.arg):
            named.add(node.arg)
    assert not {name for name in named if name.strip("_").lower() == "told"}
