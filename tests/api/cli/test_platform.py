"""On a system without ``fcntl`` (Windows) nothing starts, and the reason is one line."""

import subprocess
import sys

import pytest

from tests.support.paths import ROOT


def _run_without_fcntl(code: str) -> subprocess.CompletedProcess[str]:
    blocked = f"import sys; sys.modules['fcntl'] = None; {code}"
    return subprocess.run([sys.executable, "-c", blocked], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("entry", ["from api.cli.main import main; main()", "import runpy; runpy.run_module('api')"])
def test_the_command_says_which_systems_it_runs_on(entry: str) -> None:
    done = _run_without_fcntl(entry)
    assert done.returncode == 1
    assert done.stderr == "pullquote: Pullquote runs on Linux and macOS, not on Windows itself: use WSL there\n"


def test_so_does_importing_the_library() -> None:
    done = _run_without_fcntl("import rag.answerer")
    assert done.returncode == 1
    assert "ImportError: Pullquote runs on Linux and macOS, not on Windows itself" in done.stderr
