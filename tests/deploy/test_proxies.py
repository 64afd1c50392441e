"""The examples for nginx and Caddy, in front of a real service, each on free ports of the loopback address."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import trustme

from tests.support.chat import until
from tests.support.paths import ROOT
from tests.support.running_server import running_server

NAME = "answers.example.org"
TOKEN = "correct-horse-battery-staple"
PATIENCE = 240

pytestmark = pytest.mark.slow


@dataclass
class Site:
    """A site as its proxy shows it."""

    https: str
    http: str
    trust: ssl.SSLContext

    def ask(self, method: str, path: str, host: str = NAME, **more: object) -> httpx2.Response:
        headers = {"host": host, **more.pop("headers", {})}  # type: ignore[dict-item]
        extensions = {"sni_hostname": NAME}
        with httpx2.Client(verify=self.trust, timeout=PATIENCE) as client:
            return client.request(method, self.https + path, headers=headers, extensions=extensions, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def service(seed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = shutil.copytree(seed_data, tmp_path_factory.mktemp("proxied") / "data")
    settings = {"PUBLIC_URL": f"https://{NAME}", "TRUSTED_PROXIES": "127.0.0.1", "WRITE_TOKEN": TOKEN, "THREADS": "1"}
    with running_server(data, **{f"PULLQUOTE_{name}": value for name, value in settings.items()}) as (address, _):
        yield address.removeprefix("http://")


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def site(request: pytest.FixtureRequest, service: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed: apt-get install {request.param}")
    start = {"nginx": _nginx, "caddy": _caddy}[request.param]
    with start(service, tmp_path_factory.mktemp(request.param)) as found:
        yield found


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def _running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[None]:
    with log.open("w") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink, env={**os.environ, **environment})
        try:
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                assert process.poll() is None, log.read_text()
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def _nginx(service: str, folder: Path) -> Iterator[Site]:
    plain, secure = _free_ports()
    authority = trustme.CA()
    issued = authority.issue_cert(NAME)
    issued.private_key_pem.write_to_path(str(folder / "privkey.pem"))
    (folder / "fullchain.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    site = (ROOT / "deploy" / "nginx" / "pullquote.conf").read_text(encoding="utf-8")
    for before, after in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{secure} ",
        "server 127.0.0.1:8000;": f"server {service};",
        "/etc/ssl/pullquote": str(folder),
    }.items():
        assert before in site
        site = site.replace(before, after)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"daemon off; {user} pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temporary} include {folder}/site.conf; }}\n",
        encoding="utf-8",
    )
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with _running(["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf")], secure, folder / "log"):
        yield Site(f"https://127.0.0.1:{secure}", f"http://127.0.0.1:{plain}", trust)


@contextmanager
def _caddy(service: str, folder: Path) -> Iterator[Site]:
    plain, secure = _free_ports()
    site = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text(encoding="utf-8")
    options = f"admin off\nlocal_certs\nskip_install_trust\nhttp_port {plain}\nhttps_port {secure}\n"
    text = f"{{\n{options}default_bind 127.0.0.1\n}}\n{site}"
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    places = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with _running(command, secure, folder / "log", SITE=NAME, UPSTREAM=service, **places):
        root = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        leaf = folder / "caddy" / "certificates" / "local" / NAME / f"{NAME}.crt"
        until(leaf.exists)
        trust = ssl.create_default_context(cafile=str(root))
        until(lambda: _is_trusted(secure, trust))
        yield Site(f"https://127.0.0.1:{secure}", f"http://127.0.0.1:{plain}", trust)


def _is_trusted(port: int, trust: ssl.SSLContext) -> bool:
    """Whether the certificate of the site is in use: that is a while after the port is open."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
            trust.wrap_socket(plain, server_hostname=NAME),
        ):
            return True
    except OSError:
        return False


def test_questions_are_answered_with_links_to_the_public_address(site: Site) -> None:
    assert site.ask("GET", "/").status_code == 200
    answer = site.ask("POST", "/v1/ask", json={"question": "Who is the NATO spokeswoman?"}).json()
    assert answer["answers"][0]["citations"][0]["link"].startswith(f"https://{NAME}/c/")


def test_an_answer_comes_in_pieces(site: Site) -> None:
    accept = {"accept": "text/event-stream"}
    response = site.ask("POST", "/v1/ask", json={"question": "Who is the NATO spokeswoman?"}, headers=accept)
    assert "event: found" in response.text
    assert "event: answered" in response.text


def test_nobody_changes_anything_without_the_token(site: Site) -> None:
    text = {"title": "Otters", "text": "Otters hold hands while they sleep."}
    assert site.ask("PUT", "/v1/articles/otters", json=text).status_code == 401
    assert site.ask("DELETE", "/v1/articles/otters").status_code == 401
    bearer = {"authorization": f"Bearer {TOKEN}"}
    assert site.ask("PUT", "/v1/articles/otters", json=text, headers=bearer).status_code == 202


def test_figures_are_not_shown_outside(site: Site) -> None:
    assert site.ask("GET", "/metrics").status_code == 404


def test_a_body_that_is_too_large_ends_at_the_proxy(site: Site) -> None:
    large = b"x" * 22_500_000
    try:
        status = site.ask("POST", "/v1/articles", content=large, headers={"content-type": "text/plain"}).status_code
    except httpx2.TransportError:
        return  # the proxy closed the connection while the body was being sent
    assert status in {401, 413}  # without a token the service refuses before it reads


def test_plain_http_leads_to_https(site: Site) -> None:
    response = httpx2.get(f"{site.http}/chat", headers={"host": NAME}, follow_redirects=False, timeout=60)
    assert response.status_code in {301, 308}
    assert response.headers["location"].startswith(f"https://{NAME}")


def test_another_name_is_not_answered(site: Site) -> None:
    response = site.ask("GET", "/v1/index", host="evil.example")
    assert "version" not in response.text
