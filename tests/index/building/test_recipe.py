import ast
import sys
from importlib import metadata

import pytest

from index.building.recipe import LIBRARIES, modules, recipe


def test_libraries_are_those_that_the_code_imports() -> None:
    imported = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.partition(".")[0])
    distributions = metadata.packages_distributions()
    found = {name for module in imported - sys.stdlib_module_names - {"index"} for name in distributions[module]}
    assert sorted(name.lower() for name in found) == sorted(LIBRARIES)


def test_code_that_reads_and_cuts_is_in_and_what_serves_or_embeds_is_not() -> None:
    names = {"/".join(path.parts[-2:]) for path in modules()}
    assert {"formats/html.py", "parsing/byline.py", "index/sentences.py", "building/chunker.py"} <= names
    assert not {"models/embedder.py", "storage/versions.py", "building/builder.py", "sources/fetch.py"} & names


@pytest.mark.parametrize("name", ["uvicorn", "rich", "torch", "onnxruntime", "pydantic"])
def test_an_update_of_a_library_that_reads_nothing_leaves_the_hash(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = recipe.__wrapped__()
    update(monkeypatch, name)
    assert recipe.__wrapped__() == before


@pytest.mark.parametrize("name", ["trafilatura", "sentencex", "pypdfium2"])
def test_an_update_of_a_library_that_reads_changes_the_hash(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = recipe.__wrapped__()
    update(monkeypatch, name)
    assert recipe.__wrapped__() != before


def update(monkeypatch: pytest.MonkeyPatch, updated: str) -> None:
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "999.0" if name == updated else version(name))
