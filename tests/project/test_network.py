"""No test, and no process that a test starts, gets beyond this machine; and none gives up on a busy one."""

import ast
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

_BEYOND = ("192.0.2.1", 80)


def test_this_process_reaches_nothing_beyond_this_machine() -> None:
    with socket.socket() as beyond, pytest.raises(RuntimeError, match="tests stay off the network"):
        beyond.connect(_BEYOND)
    with socket.create_server(("127.0.0.1", 0)) as here, socket.create_connection(here.getsockname()) as there:
        assert there.getpeername() == here.getsockname()


def test_no_child_process_does_either() -> None:
    code = f"import socket; socket.create_connection({_BEYOND}, 1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "NetworkBlockedError" in done.stderr


def test_every_request_to_a_service_says_how_long_it_waits() -> None:
    """By default httpx2 gives up after five seconds, which a busy machine takes."""
    impatient = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / "tests").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and getattr(call.func.value, "id", None) == "httpx2"
        and call.func.attr in {"get", "post", "put", "patch", "delete", "head", "stream", "Client", "AsyncClient"}
        and not {"timeout", None} & {named.arg for named in call.keywords}
    ]
    assert impatient == []


def test_running_a_model_writes_nothing_into_the_home_folder(tmp_path: Path) -> None:
    """What onnxruntime would tell its makers is kept there first."""
    embeds = "from index.models.embedder import SHIPPED, Embedder; Embedder(SHIPPED, threads=1).embed_passages(['a'])"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", embeds], env={**environment, "HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.rglob("*")) == []
