"""There is one version, wherever it is told."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version

from fastapi.testclient import TestClient

import pullquote
from tests.support.paths import ROOT


def test_package_module_project_and_changelog_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == project["version"]
    assert version("pullquote") == project["version"], "the package is installed at another version: make install"
    assert pullquote.__version__ == project["version"]


def test_the_command_line_tells_it() -> None:
    done = subprocess.run([sys.executable, "-m", "api", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{pullquote.__version__}\n"


def test_the_service_tells_it(client: TestClient) -> None:
    assert client.get("/openapi.json").json()["info"]["version"] == pullquote.__version__
    initialize = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    headers = {"accept": "application/json, text/event-stream"}
    answer = client.post("/mcp", json=initialize, headers=headers).json()
    assert answer["result"]["serverInfo"]["version"] == pullquote.__version__
