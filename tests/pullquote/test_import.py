"""What importing brings along, and what may stand in its way."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pullquote
from tests.support.paths import ROOT

_ASKING = """
import json, sys
import pullquote
with pullquote.over(["The ferry sailed at nine."], models=pullquote.Models(threads=1)) as index:
    answer = index.ask("When did the ferry sail?").answers[0].text
print(json.dumps([answer, sorted(name.partition(".")[0] for name in sys.modules)]))
"""


def test_asking_loads_nothing_that_serves_and_no_torch(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _ASKING], capture_output=True, text=True, check=True, cwd=tmp_path)
    answer, loaded = json.loads(done.stdout)
    assert answer == "nine"
    assert list(tmp_path.iterdir()) == []
    servers = {"api", "fastapi", "starlette", "uvicorn", "mcp", "pydantic", "typer", "rich"}
    assert not (servers | {"torch", "transformers", "sentence_transformers", "onnx"}) & set(loaded)


def test_every_public_name_is_there_and_documented() -> None:
    assert sorted(pullquote.__all__) == pullquote.__all__
    assert len(set(pullquote.__all__)) == len(pullquote.__all__)
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for name in pullquote.__all__:
        assert hasattr(pullquote, name)
        assert re.search(rf"\b{name}\b", page), f"docs/python.md does not name {name}"


@pytest.mark.parametrize("package", ["index", "rag"])
def test_a_module_of_ones_own_that_hides_a_package_is_told(package: str, tmp_path: Path) -> None:
    (tmp_path / f"{package}.py").write_text("raise SystemExit('ran')", encoding="utf-8")
    (tmp_path / "program.py").write_text("import pullquote", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert f"{package}.py hides the package '{package}' that pullquote brings: rename it" in done.stderr
