"""Clients that serve a page of their own, as processes."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.support.paths import NO_NETWORK

_PATIENCE = 300


@contextmanager
def running_page(command: Sequence[str | Path], port: int, folder: Path, **environment: str) -> Iterator[str]:
    """``command`` until the end of the block, started in ``folder``; gives the address of its page on ``port``."""
    page = f"http://127.0.0.1:{port}"
    log = folder / "page.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(NO_NETWORK), **environment},
            stdout=sink,
            stderr=sink,
        )
        try:
            deadline = time.monotonic() + _PATIENCE
            while not _is_there(page):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.5)
            yield page
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE)


def _is_there(page: str) -> bool:
    try:
        return httpx2.get(page, timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
