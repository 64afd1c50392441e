"""A library states facts; what to do about them is said by the command line or the service, whichever is asked."""

import ast
import re
from pathlib import Path

import pytest

from api.cli import advice as at_the_command_line
from api.http import advice as over_http
from index import errors
from tests.support.paths import ROOT

ABOVE = re.compile(
    r"\bmake (?:index|install|serve)\b|/v1/|PULLQUOTE_|\bpullquote (?:ask|build|calibrate|doctor|eval|serve)\b"
)
"""Commands, settings and routes, which a program that uses the library does not have."""


@pytest.mark.parametrize("path", sorted([*(ROOT / "index").rglob("*.py"), *(ROOT / "rag").rglob("*.py")]), ids=str)
def test_no_text_of_the_library_names_what_is_above_it(path: Path) -> None:
    texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    assert [text for text in texts if isinstance(text, str) and ABOVE.search(text)] == []


def codes() -> set[str]:
    """The codes that the errors of index and rag have: of their classes, and given where they are raised."""
    found = set()
    for path in [*(ROOT / "index").rglob("*.py"), *(ROOT / "rag").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign) and any(
                isinstance(name, ast.Name) and name.id == "code" for name in node.targets
            ):
                found |= {each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
                found |= {each.value for each in node.args[1:] if isinstance(each, ast.Constant)}
    return found


@pytest.mark.parametrize("table", [at_the_command_line.ADVICE, over_http.ADVICE])
def test_advice_is_given_for_errors_that_there_are(table: dict[str, str]) -> None:
    assert table.keys() <= codes()


def test_advice_stands_behind_the_fact_and_an_error_without_any_is_its_message() -> None:
    from index.storage.snapshot import SnapshotError

    error = SnapshotError("there is no index in var yet", "no_index")
    assert over_http.with_advice(error) == (
        "there is no index in var yet. Build one with 'make index' or 'pullquote build SOURCE…'"
    )
    assert at_the_command_line.with_advice(OSError("disk full")) == "disk full"


@pytest.mark.parametrize("base", [ValueError, RuntimeError, OSError])
def test_a_code_is_that_of_the_class_unless_one_is_given(base: type[Exception]) -> None:
    class BrokenError(errors.PullquoteError, base):  # type: ignore[misc, valid-type]
        code = "broken"

    assert (str(BrokenError("x")), BrokenError("x").code) == ("x", "broken")
    assert BrokenError("x", "other").code == "other"
    assert isinstance(BrokenError("x"), base)
