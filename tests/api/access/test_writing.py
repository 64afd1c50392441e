"""Who may change the index without a token: programs of the same user on this machine, and nobody through a proxy."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.access.peer import owner
from api.app import create_app
from api.cli.serving import who_may
from api.settings import load_settings
from tests.conftest import HERE
from tests.support.running_server import running_server

TOKEN = "a-token-of-many-letters"
CHANGE = {"title": "New", "text": "A new bridge opened on Monday."}


@pytest.fixture(scope="module")
def server(data_dir: Path) -> Iterator[str]:
    """A service that never builds in what it takes."""
    with running_server(data_dir, PULLQUOTE_BUILD_DELAY="1000", PULLQUOTE_BUILD_DELAY_MOST="1000") as (address, _):
        yield address


def refused(response: Any) -> bool:
    return bool(response.status_code == 403 and response.json()["error"]["code"] == "writing_not_allowed")


@pytest.mark.parametrize(
    "given",
    [
        {"trusted_proxies": "127.0.0.1"},
        {"trusted_proxies": "10.0.0.0/8"},
        {"public_url": "https://answers.example.org"},
        {"allowed_hosts": "answers.example.org"},
        {"host": "0.0.0.0"},
    ],
)
def test_no_change_without_a_token_where_a_proxy_is_set_or_others_reach_it(
    data_dir: Path, given: dict[str, Any]
) -> None:
    settings = load_settings(data_dir=data_dir, threads=1, **given)
    with TestClient(create_app(settings), base_url=HERE) as client:
        assert refused(client.post("/v1/articles", json=CHANGE))
        assert refused(client.delete("/v1/articles/x"))
        assert client.get("/v1/articles").status_code == 200
    assert "PULLQUOTE_WRITE_TOKEN" in "\n".join(who_may(settings))


def test_a_program_of_this_user_may_write(server: str) -> None:
    assert httpx2.post(f"{server}/v1/articles", json={**CHANGE, "replace": True}, timeout=60).status_code == 202


@pytest.mark.parametrize(
    "name",
    [
        "X-Forwarded-For",
        "X-Forwarded-Port",
        "Forwarded",
        "X-Forwarded",
        "Forwarded-For",
        "Via",
        "X-Real-IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "CF-Ray",
        "Fastly-Client-IP",
        "Fly-Client-IP",
        "X-Azure-ClientIP",
        "X-Original-Host",
        "X-Envoy-External-Address",
        "X-Amzn-Trace-Id",
        "CDN-Loop",
        "Tailscale-User-Login",
    ],
)
def test_every_header_that_a_proxy_or_a_tunnel_adds_tells_of_it(server: str, name: str) -> None:
    assert refused(httpx2.post(f"{server}/v1/index/rebuild", headers={name: "192.0.2.1"}, timeout=60))


def test_http_1_0_is_what_proxies_speak_that_nobody_told_anything(server: str) -> None:
    """The shortest ``proxy_pass``: ``Host: 127.0.0.1``, ``Connection: close`` and no header that tells of a proxy."""
    host, port = server.removeprefix("http://").split(":")
    for change in (b"POST /v1/index/rebuild", b"DELETE /v1/articles/x"):
        with socket.create_connection((host, int(port)), 20) as connection:
            head = change + b" HTTP/1.0\r\nHost: 127.0.0.1:8202\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(head)
            said = b"".join(iter(lambda: connection.recv(65536), b""))
        assert b" 403 " in said.splitlines()[0]
        assert b"writing_not_allowed" in said


@pytest.mark.skipif(os.getuid() != 0 or sys.platform != "linux", reason="needs to become another user")
def test_a_program_of_another_user_may_not(server: str) -> None:
    program = (
        "import encodings.idna, os, sys, http.client; os.setuid(65534); c = http.client.HTTPConnection(sys.argv[1]); "
        "c.request('POST', '/v1/index/rebuild'); print(c.getresponse().status)"
    )
    address = server.removeprefix("http://")
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, address], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "403"


@pytest.fixture
def proxied(server: str, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Starts nginx in front of the service with a setting of one ``location``; gives its address."""
    nginx = shutil.which("nginx")
    if not nginx:
        pytest.skip("nginx is not installed")
    started: list[subprocess.Popen[bytes]] = []

    def start(location: str) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        temporary = "".join(f"{kind}_temp_path {tmp_path};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
        (tmp_path / "conf").write_text(
            f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log; worker_processes 1; events {{}}\n"
            f"http {{ access_log off; client_body_temp_path {tmp_path}; {temporary}\n"
            f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {server}; {location} }} }} }}\n"
        )
        started.append(subprocess.Popen([nginx, "-c", str(tmp_path / "conf")]))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as there:
                if there.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}"
            time.sleep(0.05)
        raise AssertionError((tmp_path / "log").read_text())

    yield start
    for process in started:
        process.terminate()
        process.wait(60)


@pytest.mark.slow
@pytest.mark.parametrize(
    "location", ["", "proxy_set_header X-Real-IP $remote_addr; proxy_http_version 1.1; proxy_set_header Connection '';"]
)
def test_nobody_writes_through_nginx(proxied: Callable[[str], str], location: str) -> None:
    front = proxied(location)
    for host in ("answers.example.org", "127.0.0.1"):
        assert refused(httpx2.post(f"{front}/v1/articles", json=CHANGE, headers={"host": host}, timeout=60))
        assert refused(httpx2.delete(f"{front}/v1/articles/x", headers={"host": host}, timeout=60))
        assert httpx2.get(f"{front}/v1/index", headers={"host": host}, timeout=60).status_code == 200


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="nginx changes its user only when root starts it")
def test_a_proxy_of_another_user_that_tells_nothing_at_all_is_known_by_its_user(proxied: Callable[[str], str]) -> None:
    front = proxied("proxy_http_version 1.1; proxy_set_header Connection '';")
    response = httpx2.post(f"{front}/v1/articles", json=CHANGE, timeout=60)
    assert refused(response)
    assert "another user" in response.json()["detail"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has tables of connections")
@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_system_tells_whose_a_connection_is(family: int, host: str) -> None:
    with socket.create_server((host, 0), family=family) as listening:
        port = listening.getsockname()[1]
        connection = HTTPConnection(host, port)
        connection.connect()
        accepted, client = listening.accept()
        assert owner((client[0], client[1]), (host, port)) == os.getuid()
        connection.close()
        accepted.close()
        assert owner((client[0], client[1]), (host, port + 1)) == -1


def test_the_first_lines_say_who_may_do_what() -> None:
    alone = "\n".join(who_may(load_settings()))
    assert re.search(r"user \S+ on this machine may change the index without a token", alone)
    assert "PULLQUOTE_TRUSTED_PROXIES" in alone
    token = "\n".join(who_may(load_settings(write_token=TOKEN, allowed_hosts="answers.example.org")))
    assert "answers.example.org" in token
    assert "PULLQUOTE_WRITE_TOKEN" in token
    assert "without a token" not in token
    replica = who_may(load_settings(follow="s3://answers/news"))
    assert "takes no changes" in replica[-1]
    assert "token" not in "".join(replica)
