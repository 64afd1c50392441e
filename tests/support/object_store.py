"""An object store that speaks S3, on 127.0.0.1."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2

from tests.support.chat import until


@contextmanager
def object_store(folder: Path) -> Iterator[str]:
    """The address of an S3 server on this machine."""
    folder.mkdir()
    with ExitStack() as started:
        for _ in range(5):  # another program may take a port before the server does, which then ends
            process, address = _start(folder)
            started.callback(process.wait)
            started.callback(process.kill)
            until(lambda process=process, address=address: process.poll() is not None or _answers(address))
            if process.poll() is None:
                break
        assert process.poll() is None, (folder / "log").read_text()
        yield address


def _start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    places = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
    master, volume, filer, s3 = (place.getsockname()[1] for place in places)
    for place in places:
        place.close()
    ports = [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={s3}"]
    quiet = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    weed = Path(sys.executable).parent / "weed"
    command = [weed, "server", f"-dir={folder}", "-s3", *quiet, *ports]
    with (folder / "log").open("w") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder), f"http://127.0.0.1:{s3}"


def _answers(address: str) -> bool:
    try:
        return httpx2.get(address, timeout=10).status_code < 500
    except httpx2.HTTPError:
        return False
