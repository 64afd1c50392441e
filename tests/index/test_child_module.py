"""A module in a process of its own is this code's, whatever lies in the working directory."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.child_module import child_command
from tests.support.own_modules import own_modules
from tests.support.paths import NO_NETWORK, ROOT

_EXAMINE = "index.collection.examine"
_DOCUMENT = b'{"key": "a.txt", "path": "a.txt", "url": null, "media_type": null, "article_id": null, "metadata": {}}\n'


@pytest.mark.parametrize("kind", ["module", "package"])
@pytest.mark.parametrize("path", [[NO_NETWORK, ROOT], [NO_NETWORK]], ids=["on PYTHONPATH", "not installed"])
def test_the_working_directory_has_no_say(tmp_path: Path, kind: str, path: list[Path]) -> None:
    own = own_modules(tmp_path, kind)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    done = subprocess.run(
        child_command(_EXAMINE), input=_DOCUMENT + b"Rain fell.", capture_output=True, cwd=tmp_path, env=environment
    )
    assert b'"article_ids": ["a' in done.stdout, done.stderr
    assert not own.exists()


@pytest.mark.slow
def test_arguments_reach_the_module_and_so_does_its_status(tmp_path: Path) -> None:
    done = subprocess.run(child_command("index.models.compile_embedder"), capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode != 0
    echo = child_command("this_is_no_module", "one", "two")
    assert echo[-2:] == ["one", "two"]
    assert "this_is_no_module" in subprocess.run(echo, capture_output=True, text=True, check=False).stderr


def test_nothing_starts_a_python_in_any_other_way() -> None:
    found = [
        path.relative_to(ROOT)
        for floor in ("index", "rag", "api")
        for path in sorted((ROOT / floor).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "executable"
    ]
    assert found == [Path("index/child_module.py")]
    assert child_command("m")[:2] == [sys.executable, "-P"]
