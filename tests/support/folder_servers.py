"""Folders elsewhere on 127.0.0.1, kept by real servers: SeaweedFS (S3), WsgiDAV and pymap (IMAP)."""

import imaplib
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx2
import pytest

from tests.support.chat import until
from tests.support.object_store import object_store

LOGIN = ("ann", "s3cret-word")


@dataclass
class Kept:
    """A folder: its address, what puts a file into it and takes one out, and what was fetched of it so far."""

    address: str
    put: Callable[[str, bytes], None]
    delete: Callable[[str], None]
    fetched: list[str] = field(default_factory=list)


@contextmanager
def bucket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """A folder in an object store, whose keys are in the environment."""
    with object_store(folder / "store") as store:
        given = {"AWS_ENDPOINT_URL": store, "AWS_ACCESS_KEY_ID": LOGIN[0], "AWS_SECRET_ACCESS_KEY": LOGIN[1]}
        for name, value in {**given, "AWS_REGION": "us-east-1"}.items():
            monkeypatch.setenv(name, value)
        assert httpx2.put(f"{store}/shelf", timeout=60).status_code == 200

        def put(name: str, data: bytes) -> None:
            httpx2.put(f"{store}/shelf/docs/{name}", content=data, timeout=60).raise_for_status()

        put("../beside.txt", b"Nothing of this is read, it lies beside the folder.")
        yield Kept(
            "s3://shelf/docs",
            put,
            lambda name: httpx2.delete(f"{store}/shelf/docs/{name}", timeout=60).raise_for_status(),
        )


@contextmanager
def webdav(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """A folder on a WebDAV server."""
    from wsgidav.wsgidav_app import WsgiDAVApp

    shelf = folder / "shelf" / "my docs"
    shelf.mkdir(parents=True)
    config = {
        "provider_mapping": {"/": str(folder / "shelf")},
        "simple_dc": {"user_mapping": {"*": {LOGIN[0]: {"password": LOGIN[1]}}}},
        "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
        "verbose": 0,
        "logging": {"enable": False},
    }
    app: Any = WsgiDAVApp(config)
    logging.getLogger("wsgidav").setLevel(logging.CRITICAL)
    fetched: list[str] = []

    def noting(environ: dict[str, Any], start: Any) -> Any:
        if environ["REQUEST_METHOD"] == "GET":
            fetched.append(environ["PATH_INFO"].rpartition("/")[2])
        return app(environ, start)

    class Silent(WSGIRequestHandler):
        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    def put(name: str, data: bytes) -> None:
        (shelf / name).parent.mkdir(parents=True, exist_ok=True)
        (shelf / name).write_bytes(data)

    with make_server("127.0.0.1", 0, noting, handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            address = f"webdav://127.0.0.1:{server.server_port}/my docs/"
            yield Kept(address, put, lambda name: (shelf / name).unlink(), fetched)
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def mailbox(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """A folder of a mailbox; each file is a message."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    command = [str(Path(sys.executable).parent / "pymap"), "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    backend = ["--no-service", "admin", "dict", "--demo-data", "--demo-user", LOGIN[0], "--demo-password", LOGIN[1]]
    process = subprocess.Popen([*command, *backend], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    numbers: dict[str, str] = {}

    def answers() -> bool:
        with suppress(OSError, imaplib.IMAP4.error), imaplib.IMAP4("127.0.0.1", port) as client:
            client.login(*LOGIN)
            client.create("H&AOQ-fen")
            return True
        return False

    def put(name: str, data: bytes) -> None:
        if name in numbers:
            delete(name)
        subject = Path(name).stem
        message = f"From: Ann Lund <ann@mill.example>\r\nSubject: {subject}\r\n\r\n".encode() + data + b"\r\n"
        with imaplib.IMAP4("127.0.0.1", port) as client:
            client.login(*LOGIN)
            client.append("H&AOQ-fen", "", "", message)
            client.select("H&AOQ-fen", readonly=True)
            numbers[name] = client.uid("SEARCH", "ALL")[1][0].split()[-1].decode()

    def delete(name: str) -> None:
        with imaplib.IMAP4("127.0.0.1", port) as client:
            client.login(*LOGIN)
            client.select("H&AOQ-fen")
            client.uid("STORE", numbers.pop(name), "+FLAGS", "(\\Deleted)")

    try:
        until(answers)
        yield Kept(f"imap://127.0.0.1:{port}/Häfen", put, delete)
    finally:
        process.kill()
        process.wait()
