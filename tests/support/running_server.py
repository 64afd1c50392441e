"""A real server process on a free port of the loopback address."""

import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

_PATIENCE = 240


@contextmanager
def running_server(
    data_dir: Path, *, folder: Path | None = None, trust: ssl.SSLContext | bool = True, **environment: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``pullquote serve`` in ``folder`` until the end of the block; gives its address and its process."""
    log = data_dir.parent / f"serve-{time.monotonic_ns()}.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api", "serve", "--port", "0", "--data-dir", str(data_dir)],
            stderr=sink,
            stdout=sink,
            text=True,
            env={**os.environ, **environment},
            cwd=folder or data_dir.parent,
        )
        try:
            yield _address(process, log, trust), process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE)


def _address(process: subprocess.Popen[str], log: Path, trust: ssl.SSLContext | bool) -> str:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if match := re.search(r'listens on (https?://[^\s"]+)', log.read_text()):
            httpx2.get(f"{match[1]}/healthz", timeout=_PATIENCE, verify=trust)
            return match[1]
        time.sleep(0.02)
    raise AssertionError(f"the server did not start: {log.read_text()}")
