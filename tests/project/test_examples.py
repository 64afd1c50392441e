"""Every example is in the table, can be read by its language, and shows an answer, its citation and a follow-up."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.support.clients.environments import EXAMPLES, NotInstalledError, node, python
from tests.support.paths import NO_NETWORK, ROOT
from tests.support.running_server import running_server

_ROW = re.compile(r"^\| \[[^]]+\]\((\S+?)/(\S+)\) \| `([^`]+)` \| .+ \|$", re.MULTILINE)
_TABLE = {folder: (file, command) for folder, file, command in _ROW.findall((EXAMPLES / "README.md").read_text())}
_FILES = [path for path in sorted(EXAMPLES.glob("*/*")) if path.is_file()]
_LINK = r"[^\s\")]+"
_PATIENCE = 300


def test_the_table_names_every_example() -> None:
    assert set(_TABLE) == {path.name for path in EXAMPLES.iterdir() if path.is_dir()}


@pytest.mark.parametrize("folder", _TABLE)
def test_a_command_stands_at_the_head_of_its_example(folder: str) -> None:
    file, command = _TABLE[folder]
    head = (EXAMPLES / folder / file).read_text(encoding="utf-8").splitlines()[:10]
    assert command in "\n".join(head)
    (named,) = re.findall(r"examples/\S+", command)
    assert (ROOT / named).exists()


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.relative_to(EXAMPLES).as_posix())
def test_every_file_can_be_read_by_its_language(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".py":
            compile(text, path, "exec")
        case ".sh":
            subprocess.run(["sh", "-n", path], check=True)
        case ".mjs":
            if shutil.which("node") is None:
                pytest.skip("there is no Node.js on this machine")
            subprocess.run(["node", "--check", path], check=True)
        case ".json":
            assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in json.loads(text)["dependencies"].values())
        case _:
            assert path.suffix in {".css", ".html", ".jsx", ".md"}, "nothing reads this kind of file in a test"


@pytest.fixture(scope="module")
def address(seed_data: Path) -> Iterator[str]:
    with running_server(seed_data) as (found, _):
        yield found


def check(command: list[str | Path], address: str, folder: Path) -> None:
    """Run an example in ``folder``, and hold what it prints to what it has to show."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(NO_NETWORK), "ENDPOINT": address},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    first, follow_up, second = done.stdout.partition("Who said that?")
    assert follow_up
    for shown, answer in (first, "1,500"), (second, "South Korea's intelligence agency"):
        assert f"**{answer}** [1]" in shown or f'"text": "{answer}"' in shown
        assert "U.S. Officials Confirm North Korea Sent Troops to Russia" in shown
        cited = shown.partition("Cited:")[2] or shown
        (link,) = re.findall(rf"{address}/c/{_LINK}", cited)
        assert '<mark id="quote">' in httpx2.get(link, timeout=60).text


def test_curl(address: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    check(["sh", EXAMPLES / "curl" / "ask.sh"], address, tmp_path)


@pytest.mark.parametrize("name", ["openai-python", "mcp"])
def test_python(name: str, address: str, tmp_path: Path) -> None:
    check([sys.executable, EXAMPLES / name / "ask.py"], address, tmp_path)


def test_python_without_a_service(seed_data: Path, tmp_path: Path) -> None:
    (tmp_path / "var").symlink_to(seed_data)
    shown = subprocess.run(
        [sys.executable, EXAMPLES / "python" / "ask.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    first, follow_up, second = shown.partition("Who said that?")
    assert follow_up
    for part, answer in (first, "1,500"), (second, "South Korea's intelligence agency"):
        assert f"\n\n{answer}\n\n“" in part
        assert "U.S. Officials Confirm North Korea Sent Troops to Russia, 2024-10-23 (found)" in part


@pytest.mark.peers
@pytest.mark.parametrize("name", ["langchain", "llamaindex"])
def test_python_in_an_environment_of_its_own(name: str, address: str, tmp_path: Path) -> None:
    try:
        interpreter = python(name)
    except NotInstalledError as error:
        pytest.skip(str(error))
    check([interpreter, EXAMPLES / name / "ask.py"], address, tmp_path)


@pytest.mark.peers
def test_openai_of_npm(address: str, tmp_path: Path) -> None:
    try:
        (tmp_path / "node_modules").symlink_to(node("openai") / "node_modules")
    except NotInstalledError as error:
        pytest.skip(str(error))
    check(["node", shutil.copy(EXAMPLES / "openai-npm" / "ask.mjs", tmp_path)], address, tmp_path)
