"""Slow and many clients: a real server with few descriptors goes on answering those that ask."""

import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from api.cli.connections import SeldomLog, most_connections
from tests.support.running_server import running_server

_HALF = b"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: b\r\n"
_HEAD = b"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n"
_PATIENCE = 60.0
_MOST = 16


@pytest.fixture(scope="module")
def address(seed_data: Path) -> Iterator[str]:
    seconds = {f"PULLQUOTE_{what}_SECONDS": "2" for what in ("HEADER", "BODY", "RESPONSE")}
    with running_server(seed_data, PULLQUOTE_MAX_CONNECTIONS=str(_MOST), **seconds) as (address, _):
        yield address


def connected(address: str) -> socket.socket:
    place = urlsplit(address)
    assert place.hostname
    assert place.port
    return socket.create_connection((place.hostname, place.port), timeout=_PATIENCE)


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    pieces = []
    try:
        while piece := connection.recv(4096):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


@pytest.mark.parametrize("sent", [_HALF, _HEAD, _HEAD + b'{"question": '], ids=["header", "no body", "half a body"])
def test_half_a_request_is_closed_with_408(address: str, sent: bytes) -> None:
    with connected(address) as connection:
        connection.sendall(sent)
        assert received(connection).startswith(b"HTTP/1.1 408 ")


def test_a_connection_without_a_request_is_closed_without_a_word(address: str) -> None:
    with connected(address) as connection:
        assert received(connection) == b""


def test_half_a_second_request_is_closed_too(address: str) -> None:
    with connected(address) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        connection.sendall(_HALF)
        assert b"HTTP/1.1 408 " in received(connection)


def test_a_body_in_pieces_is_taken(address: str) -> None:
    body = b'{"question": "Who was sent to Russia?" }'
    with connected(address) as connection:
        connection.sendall(_HEAD)
        for piece in (body[:10], body[10:30], body[30:]):
            time.sleep(0.05)
            connection.sendall(piece)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def keeps_asking(connection: socket.socket) -> None:
    """Send requests and read nothing, until the other side ends that."""
    while True:
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20)
        time.sleep(0.2)


def test_a_client_that_never_reads_is_cut_off(address: str) -> None:
    """More waits for it than the system keeps, and is not kept for good."""
    place = urlsplit(address)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(_PATIENCE)
        connection.connect((place.hostname, place.port))
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            keeps_asking(connection)


@pytest.mark.slow
def test_a_slow_reader_gets_all_of_it(address: str) -> None:
    whole = httpx2.get(f"{address}/openapi.json", timeout=_PATIENCE).content
    with connected(address) as connection:
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\nconnection: close\r\n\r\n")
        pieces = []
        while piece := connection.recv(len(whole) // 8):
            pieces.append(piece)
            time.sleep(0.4)
    assert b"".join(pieces).endswith(whole)


def test_those_that_ask_are_answered_while_many_wait(address: str) -> None:
    idle = [connected(address) for _ in range(3 * _MOST)]
    try:
        for connection in idle:
            connection.sendall(_HALF)
        assert httpx2.get(f"{address}/healthz", timeout=_PATIENCE).status_code == 200
    finally:
        for connection in idle:
            connection.close()


def test_there_are_fewer_connections_than_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert most_connections(20) == 20
        most = most_connections(None)
        assert most < resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert most >= resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 or most == 10_000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_repeats_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    seldom = SeldomLog()
    for _ in range(100):
        seldom.warning("too many")
    assert caplog.messages == ["too many (once)"]
