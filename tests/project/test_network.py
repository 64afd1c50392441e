"""No test, and no process that a test starts, gets beyond this machine."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_running_a_model_writes_nothing_into_the_home_folder(tmp_path: Path) -> None:
    """What onnxruntime would tell its makers is kept there first."""
    embeds = "from index.models.embedder import SHIPPED, Embedder; Embedder(SHIPPED, threads=1).embed_passages(['a'])"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", embeds], env={**environment, "HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.rglob("*")) == []
