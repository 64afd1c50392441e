"""Patterns that are looked for: none tries each place of a run and runs to its end from each.

``\\s+x`` looked for in n spaces takes n² steps. It has to begin where the run begins (``(?<!\\s)\\s++x``), to be
matched at one place only, or to be looked for in something short. ``test_linear_time.py`` tries hostile texts.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import api
import index
import rag

_ANYWHERE = {"search", "sub", "subn", "split", "findall", "finditer"}
_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
_SUCCEEDS = "a line ends with a line break or with the text, so the first place succeeds"

LOOKED_FOR_ALL_THE_SAME = {
    "index.formats.asciidoc _LINE": _SUCCEEDS,
    "index.formats.asciidoc _MAIL": "in 500 code points",
    "index.formats.csv _LINE": _SUCCEEDS,
    "index.formats.markdown _LINE": _SUCCEEDS,
    "index.parsing.byline _ENDS_AS_ABBREVIATION": "in titles of at most 220 code points",
    "index.parsing.headlines _SEPARATOR": "in titles on one line, whose runs of white space are one space",
    "index.parsing.people _DAY": "in 500 code points",
    "index.parsing.people _STAMP": "in 500 code points",
    "index.parsing.text_layout _LINE": _SUCCEEDS,
    "rag.english.followup _MARKUP": "in 800 code points",
    "rag.english.speakers _TIME_BEFORE": "in 400 code points",
}


def _begins_with_a_run(items: Sequence[Any]) -> bool:
    """Whether a parsed pattern begins with a repetition without end, behind which something has to stand."""
    for place, (kind, value) in enumerate(items):
        match kind:
            case codes.AT if value in {codes.AT_BEGINNING, codes.AT_BEGINNING_STRING}:
                return False
            case codes.AT:
                continue
            case codes.ASSERT | codes.ASSERT_NOT if value[0] < 0:
                return False
            case codes.SUBPATTERN:
                return _begins_with_a_run([*value[-1], *items[place + 1 :]])
            case codes.BRANCH:
                return any(_begins_with_a_run([*branch, *items[place + 1 :]]) for branch in value[1])
        rest = [(kind, value) for kind, value in items[place + 1 :] if kind not in _REPEATS or value[0]]
        return kind in _REPEATS and value[1] is codes.MAXREPEAT and bool(rest)
    return False


def _modules() -> Iterator[str]:
    for package in (index, rag, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                yield module.name


def _searched(module: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The patterns of a module that are looked for anywhere in a text, each with its name or its place."""
    loaded = importlib.import_module(module)
    tree = ast.parse(Path(str(loaded.__file__)).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            owner, method = node.func.value.id, node.func.attr
            pattern = getattr(loaded, owner, None)
            if isinstance(pattern, re.Pattern) and method in _ANYWHERE:
                yield f"{module} {owner}", pattern
            written = node.args[0] if node.args and owner == "re" and method in _ANYWHERE else None
            if isinstance(written, ast.Constant) and isinstance(written.value, (str, bytes)):
                yield f"{module} line {node.lineno}", re.compile(written.value)


def _suspicious() -> dict[str, str]:
    found = {}
    for module in _modules():
        for name, pattern in _searched(module):
            flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
            if _begins_with_a_run(parser.parse(pattern.pattern, flags)):
                found[name] = pattern.pattern
    return found


@pytest.mark.slow
def test_no_pattern_that_is_looked_for_begins_with_a_run() -> None:
    found = _suspicious()
    assert {name: pattern for name, pattern in found.items() if name not in LOOKED_FOR_ALL_THE_SAME} == {}
    assert set(LOOKED_FOR_ALL_THE_SAME) - set(found) == set(), "there is none of that name any more"


@pytest.mark.parametrize(
    ("pattern", "suspicious"),
    [
        (r"\s+[|]", True),
        (r"(\w+)-$", True),
        (r"\b\w+-$", True),
        (r"(?:a|\s*)b", True),
        (r"[^\r\n]*\w", True),
        (r"(?<!\s)\s++[|]", False),
        (r"^\s+[|]", False),
        (r"\s+", False),
        (r"\w+(?:-\w+)*", False),
        (r"x\s+y", False),
        (r"\s{1,9}y", False),
    ],
)
def test_what_begins_with_a_run(pattern: str, suspicious: bool) -> None:
    assert _begins_with_a_run(parser.parse(pattern)) is suspicious
