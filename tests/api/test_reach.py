"""api asks a service for what it wants, and does not reach through it into the floors below."""

import ast

from tests.support.paths import ROOT

_OWNER = "api/runtime/service.py"


def test_nothing_reaches_through_a_service() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} .answerer.{node.attr}"
        for path in sorted((ROOT / "api").rglob("*.py"))
        if str(path.relative_to(ROOT)) != _OWNER
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "answerer"
    ]
    assert found == []


def test_the_state_of_the_application_is_read_in_one_place() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "api").rglob("*.py")
        if "app.state" in path.read_text(encoding="utf-8")
    }
    assert found == {"api/app.py", "api/runtime/state.py"}
