"""Fetching: what is public and polite is fetched, within limits; everything else is refused with the reason."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import trustme

import index.sources.fetch
from index.sources.fetch import USER_AGENT, Fetcher, FetchError, FetchPolicy, clean_url, fetch
from tests.support.web_server import Web, redirect, respond, serve

LOCAL = FetchPolicy(allow_private=True, max_bytes=10_000, seconds=30)
PAGE = ("text/html; charset=utf-8", b"<p>Rain fell.</p>")


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


def test_a_document_comes_with_its_address_and_type(web: Web) -> None:
    web.pages |= {"/a": PAGE, "/old": redirect("/a#part", 301)}
    found = fetch(web.url("/old#top"), LOCAL)
    assert (found.data, found.url, found.media_type) == (PAGE[1], web.url("/a"), PAGE[0])
    assert web.agents == {USER_AGENT}
    assert USER_AGENT.startswith("Pullquote/")


def test_each_robots_txt_is_read_once(web: Web) -> None:
    web.pages |= {"/a": PAGE, "/b": PAGE}
    fetcher = Fetcher(LOCAL)
    fetcher.fetch(web.url("/a"))
    fetcher.fetch(web.url("/b"))
    assert web.asked == ["/robots.txt", "/a", "/b"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_private_addresses_are_refused_before_anything_is_sent(web: Web, host: str) -> None:
    port = web.address.rpartition(":")[2]
    with pytest.raises(FetchError, match="private or reserved") as caught:
        fetch(f"http://{host}:{port}/a")
    assert caught.value.code == "private_address"
    assert web.asked == []


def _resolver(*answers: str) -> Any:
    """Answers each question for an address by the next of ``answers``, as a rebinding name server does."""
    left = list(answers)

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    return getaddrinfo


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is checked and private when it is connected to, gains nothing."""
    connected: list[tuple[str, int]] = []

    def create_connection(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(socket, "create_connection", create_connection)
    monkeypatch.setattr(socket, "getaddrinfo", _resolver("93.184.215.14", "127.0.0.1"))
    with pytest.raises(FetchError, match="nobody listens"):
        fetch("http://rebinding.example/a")
    assert connected == [("93.184.215.14", 80)]


def test_a_name_with_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _resolver("10.0.0.7"))
    with pytest.raises(FetchError, match=r"inside\.example has the address 10\.0\.0\.7, which is private"):
        fetch("https://inside.example/a")


def test_a_redirect_to_a_private_address_is_refused(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hop counts as public here, the second does not."""
    port = int(web.address.rpartition(":")[2])
    monkeypatch.setattr("index.sources.fetch.is_public", lambda address: address == "127.0.0.1")
    web.pages["/a"] = redirect(f"http://169.254.169.254:{port}/latest/meta-data")
    with pytest.raises(FetchError, match=r"169\.254\.169\.254 is private"):
        fetch(web.url("/a"))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/a", "http://u:p@example.org/"])
def test_a_redirect_to_what_is_no_web_address_is_refused(web: Web, target: str) -> None:
    web.pages["/a"] = redirect(target)
    with pytest.raises(FetchError, match="it redirects to"):
        fetch(web.url("/a"), LOCAL)


def test_redirects_end(web: Web) -> None:
    web.pages["/a"] = redirect("/a")
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetch(web.url("/a"), LOCAL)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "file:///etc/passwd", "http:///a", "http://u:p@example.org/", "http://[::1/", "http://a:x"],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(FetchError, match="the address") as refusal:
        fetch(url)
    assert "\n" not in str(refusal.value)


def test_an_address_is_made_ascii() -> None:
    assert clean_url("HTTP://Exämple.org:80/ä b?q=ü%20x#part") == "http://xn--exmple-cua.org/%C3%A4%20b?q=%C3%BC%20x"


def test_robots_txt_is_respected_at_each_hop(web: Web) -> None:
    web.pages |= {
        "/robots.txt": ("text/plain", b"User-agent: *\nDisallow: /private/*.html$\n\nUser-agent: other\nDisallow: /\n"),
        "/private/a.html": PAGE,
        "/private/a.txt": PAGE,
        "/to": redirect("/private/a.html"),
    }
    fetcher = Fetcher(LOCAL)
    for path in ("/private/a.html", "/to"):
        with pytest.raises(FetchError, match=r"robots\.txt of 127\.0\.0\.1:\d+ does not let Pullquote"):
            fetcher.fetch(web.url(path))
    assert "/private/a.html" not in web.asked
    assert fetcher.fetch(web.url("/private/a.txt")).data == PAGE[1]


def test_a_rule_for_this_project_alone_is_respected(web: Web) -> None:
    web.pages |= {"/robots.txt": ("text/plain", b"User-agent: Pullquote\nDisallow: /\n"), "/a": PAGE}
    with pytest.raises(FetchError, match=r"robots\.txt"):
        fetch(web.url("/a"), LOCAL)


def test_a_robots_txt_that_fails_forbids_all(web: Web) -> None:
    web.pages |= {"/robots.txt": lambda request: respond(request, 503, {}), "/a": PAGE}
    with pytest.raises(FetchError, match=r"robots\.txt"):
        fetch(web.url("/a"), LOCAL)


def _endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    with suppress(OSError):
        while True:
            request.wfile.write(b"x" * 1000)


def _bomb(request: BaseHTTPRequestHandler) -> None:
    respond(request, 200, {"content-encoding": "gzip"}, gzip.compress(bytes(50_000_000)))


def _cut(request: BaseHTTPRequestHandler) -> None:
    respond(request, 200, {"content-length": "100"}, b"x")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (_endless, "larger than 10000 bytes"),
        (_bomb, "larger than 10000 bytes"),
        (("text/plain", b"x" * 10_001), "larger than 10000 bytes"),
        (_cut, "can't be read"),
        (lambda request: respond(request, 200, {"content-encoding": "gzip"}, b"no gzip"), "packed wrongly"),
        (lambda request: respond(request, 200, {"content-encoding": "br"}, b"..."), "not asked for"),
        (lambda request: respond(request, 410, {}), "status 410"),
    ],
)
def test_limits_and_failures(web: Web, page: Any, reason: str) -> None:
    web.pages["/a"] = page
    with pytest.raises(FetchError, match=reason) as refusal:
        fetch(web.url("/a"), LOCAL)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nx-y: ", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"])
def test_a_server_that_drips_is_left_when_the_time_is_up(web: Web, head: bytes) -> None:
    """A byte every tenth of a second, so that no single wait is long; the server is told how far it came."""
    sent: list[int] = []
    left = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        try:
            request.wfile.write(head)
            for count in range(100):
                sent.append(count)
                request.wfile.write(b"z")
                request.wfile.flush()
                time.sleep(0.1)
        except OSError:
            left.set()

    web.pages["/a"] = drip
    with pytest.raises(FetchError, match="took longer than 2 seconds"):
        fetch(web.url("/a"), replace(LOCAL, seconds=2))
    assert left.wait(timeout=60)
    assert len(sent) < 100


def test_a_packed_document_is_unpacked(web: Web) -> None:
    web.pages["/a"] = lambda request: respond(request, 200, {"content-encoding": "gzip"}, gzip.compress(b"y" * 9000))
    assert fetch(web.url("/a"), LOCAL).data == b"y" * 9000


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(FetchError, match=r"127\.0\.0\.1:\d+ can't be read"):
            fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/", LOCAL)


def test_https_is_read_from_those_whose_certificate_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    with serve(tls) as web:
        web.pages["/a"] = PAGE
        index.sources.fetch.tls.cache_clear()
        with pytest.raises(FetchError, match="certificate"):
            fetch(web.url("/a"), LOCAL)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        index.sources.fetch.tls.cache_clear()
        assert fetch(web.url("/a"), LOCAL).data == PAGE[1]
        with pytest.raises(FetchError, match="certificate"):
            fetch(web.url("/a").replace("localhost", "127.0.0.1"), LOCAL)
    index.sources.fetch.tls.cache_clear()
