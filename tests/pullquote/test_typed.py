"""A program outside of the repository, with the wheel in an environment of its own, as mypy --strict sees it."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.support.paths import NO_NETWORK, ROOT

pytestmark = pytest.mark.slow

_PROGRAM = ROOT / "examples" / "python" / "ask.py"

_WRONG = """\
import pullquote
from api.settings import Settings
from index.article import Article
from rag.answerer import Result

index: int = pullquote.open("var")
pullquote.over([b"bytes"])
pullquote.over(["text"]).ask(7)
pullquote.over(["text"]).ask("Who?", publisher="AFP")
pullquote.over(["text"]).ask("Who?").answers[0].text.nothing
text: int = pullquote.build(["news"], "var").failures[0].reason
status: int = pullquote.verify({}, "text").status
found: int = pullquote.over(["text"]).article("0")
article: int = Article("0", "title", "text")
def answers(result: Result) -> int: return result.answers
def host(settings: Settings) -> int: return settings.host
"""


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python in an environment that has the wheel, and beside it what it depends on."""
    folder = tmp_path_factory.mktemp("environment")
    run = [sys.executable, "-m"]
    subprocess.run([*run, "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("pullquote-*.whl")
    subprocess.run([*run, "venv", "--without-pip", folder / "own"], check=True)
    python = folder / "own" / "bin" / "python"
    options = ["--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*run, "pip", "--python", python, "install", *options, wheel], check=True)
    (packages,) = (folder / "own" / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def _mypy(interpreter: Path, program: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")}
    cache = interpreter.parent.parent / "mypy"
    options = ["--strict", "--python-executable", interpreter, "--cache-dir", cache]
    return subprocess.run(
        [sys.executable, "-m", "mypy", *options, program.name],
        cwd=program.parent,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_a_program_that_embeds_it_is_right(interpreter: Path, tmp_path: Path) -> None:
    done = _mypy(interpreter, Path(shutil.copy(_PROGRAM, tmp_path / "program.py")))
    assert done.stdout.startswith("Success: no issues found in 1 source file"), done.stdout


def test_every_wrong_line_is_told(interpreter: Path, tmp_path: Path) -> None:
    program = tmp_path / "wrong.py"
    program.write_text(_WRONG, encoding="utf-8")
    done = _mypy(interpreter, program)
    told = {int(line) for line in re.findall(r"^wrong\.py:(\d+): error", done.stdout, re.MULTILINE)}
    first = _WRONG[: _WRONG.index("index: int")].count("\n") + 1
    assert told == set(range(first, len(_WRONG.splitlines()) + 1)), done.stdout


def test_the_program_runs(interpreter: Path, seed_data: Path, tmp_path: Path) -> None:
    (tmp_path / "var").symlink_to(seed_data)
    environment = {**os.environ, "PYTHONPATH": str(NO_NETWORK)}

    def printed(*command: str | Path) -> str:
        done = subprocess.run(
            [interpreter, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert "\n\nFarah Dakhlallah\n\n" in printed(_PROGRAM, "Who is the NATO spokeswoman?")
    environment_folder = interpreter.parent.parent
    assert printed("-c", "import pullquote; print(pullquote.__file__)").startswith(str(environment_folder))


def test_every_package_says_that_it_is_typed(interpreter: Path) -> None:
    (packages,) = (interpreter.parent.parent / "lib").glob("python*/site-packages")
    found = {path.parent.name for path in packages.glob("*/py.typed")}
    assert found == {"pullquote", "index", "rag", "api"}
