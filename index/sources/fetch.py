"""Documents by their web address, fetched so that nobody can point the service at what is private.

Only ``http`` and ``https``; every hop of a redirect is checked; a name is resolved once and the connection goes to the
very address that was checked, so that a name that changes its address meanwhile (DNS rebinding) gains nothing;
``robots.txt`` (RFC 9309) is respected; size and time are limited.
"""

import functools
import re
import socket
import ssl
import time
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpcore2
from protego import Protego

from index.article import single_spaced
from index.errors import PullquoteError
from index.sources.fetch_cache import FetchCache, Kept
from index.sources.public_addresses import is_public

USER_AGENT = f"Pullquote/{version('pullquote')}"
_ROBOT = "pullquote"
_MOST_REDIRECTS = 5
_LARGEST_ROBOTS = 512_000
"""Bytes; the rest of a longer robots.txt is not read, as RFC 9309 lets crawlers do."""
_REDIRECTS = {301, 302, 303, 307, 308}
_LATER = {408, 425, 429}
_GONE = {404, 410}
_NOT_MODIFIED = 304
_DONE = {200, 207}
"""Statuses of answers that hold what was asked for; 207 is WebDAV's."""
_LONGEST_WAIT = 7 * 86_400
"""Seconds that a server may ask to wait."""
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_GZIP = 16 + zlib.MAX_WBITS


class FetchError(PullquoteError, ValueError):
    """A document can't be fetched, or must not be: one line that says why."""

    code = "not_fetched"


class GoneError(FetchError):
    """There is no such document: its server says so."""

    code = "gone"


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What may be fetched.

    ``seconds`` are for one document with its redirects; ``most_listed`` is how many documents one feed or sitemap
    brings; ``allow_private`` admits private, loopback and link-local addresses; ``logins`` is a file in the form of
    netrc with the logins for folders on WebDAV servers and in mailboxes.
    """

    allow_private: bool = False
    max_bytes: int = 20_000_000
    seconds: float = 30.0
    most_listed: int = 100
    logins: Path | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document, the address it was found at in the end, and the media type that its sender named, if any.

    ``etag`` and ``modified`` are what its server said to ask by whether it changed; ``is_new`` is false if it did not.
    """

    data: bytes
    url: str
    media_type: str | None
    etag: str | None = None
    modified: str | None = None
    is_new: bool = True


def is_url(source: str) -> bool:
    """Whether a source is an address and no path: it begins with a scheme and ``://``."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source) is not None


def clean_url(url: str) -> str:
    """The address as it is asked for: ASCII, without a fragment.

    :raises FetchError: if it is not an ``http`` or ``https`` address, or holds a password.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError as error:
        raise FetchError(f"the address can't be read ({error}): check its spelling") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise FetchError("the address is not one of the web: it must begin with http:// or https://")
    if parts.username or parts.password:
        raise FetchError("the address holds a user name or a password: leave them out, citations would show them")
    netloc = f"[{host}]" if ":" in host else host
    netloc += f":{port}" if port not in {None, 80 if parts.scheme == "http" else 443} else ""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit((parts.scheme, netloc, path, quote(parts.query, safe="/?%:@!$&'()*+,;=~-._"), ""))


def fetch(url: str, policy: FetchPolicy = FetchPolicy()) -> Fetched:
    """Fetch one document. Use one :class:`Fetcher` for many, it reads each ``robots.txt`` once.

    :raises FetchError: if it can't or must not be fetched.
    """
    return Fetcher(policy).fetch(url)


class Fetcher:
    """Fetches documents by one policy."""

    def __init__(self, policy: FetchPolicy = FetchPolicy(), cache: FetchCache | None = None) -> None:
        """:param cache: keeps documents, so that servers are asked for those that changed; None: all are fetched."""
        self.policy = policy
        self.waits: dict[str, float] = {}
        """For how many seconds servers asked to be left alone (``Retry-After``), by the address."""
        self._cache = cache
        self._robots: dict[str, Protego | None] = {}

    def fetch(self, url: str) -> Fetched:
        """Fetch a document, through redirects.

        :raises FetchError: if it can't or must not be fetched; the reason names the address when it is a redirect's.
        """
        deadline = time.monotonic() + self.policy.seconds
        address = clean_url(url)
        for _ in range(_MOST_REDIRECTS + 1):
            if not self._may_fetch(address, deadline):
                raise FetchError(f"robots.txt of {urlsplit(address).netloc} does not let {USER_AGENT} fetch it")
            kept = self._cache.get(address) if self._cache else None
            answer = self._get(address, deadline, self.policy.max_bytes, kept.conditions if kept else ())
            if answer.status not in _REDIRECTS or not answer.location:
                break
            address = _next_hop(address, answer.location)
        else:
            raise FetchError(f"it redirects more than {_MOST_REDIRECTS} times")
        if answer.status == _NOT_MODIFIED and kept:
            return Fetched(kept.data, address, kept.media_type, kept.etag, kept.modified, is_new=False)
        if answer.status >= 500 or answer.status in _LATER:
            if answer.wait is not None:
                self.waits[clean_url(url)] = answer.wait
            raise FetchError(f"the server answers with status {answer.status}: try again later")
        if answer.status in _GONE:
            raise GoneError(f"the server answers with status {answer.status}: check the address in a browser")
        if answer.status != 200:
            raise FetchError(f"the server answers with status {answer.status}: check the address in a browser")
        if answer.is_cut:
            raise FetchError(f"the document is larger than {self.policy.max_bytes} bytes")
        return Fetched(answer.data, address, answer.media_type, answer.etag, answer.modified)

    def note_articles(self, found: Fetched, article_ids: Sequence[str]) -> None:
        """Keep a document that was fetched, with which articles it holds."""
        if self._cache and found.is_new:
            document = Kept(found.data, found.media_type, found.etag, found.modified)
            self._cache.keep(found.url, document, article_ids)

    def forget(self, article_ids: Collection[str]) -> None:
        """Keep no document that holds any of these articles."""
        if self._cache:
            self._cache.forget(article_ids)

    def ask(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], content: bytes | None, max_bytes: int
    ) -> bytes:
        """What a server that its owner named answers to a request, without redirects and ``robots.txt``.

        :raises FetchError: if it refuses, can't be reached or sends too much.
        """
        deadline = time.monotonic() + self.policy.seconds
        answer = self._get(url, deadline, max_bytes, headers, method, content)
        if answer.status in {401, 403}:
            raise FetchError("the server refuses the login", "login_unusable")
        if answer.status in _GONE:
            raise GoneError(f"the server answers with status {answer.status}: check the address")
        if answer.status in _REDIRECTS:
            raise FetchError("the server redirects: name the address that it redirects to")
        if answer.status not in _DONE:
            raise FetchError(f"the server answers with status {answer.status}: check the address")
        if answer.is_cut:
            raise FetchError(f"the document is larger than {max_bytes} bytes")
        return answer.data

    def _may_fetch(self, url: str, deadline: float) -> bool:
        """What robots.txt says: all is allowed if the server has none (4xx), nothing if it fails (5xx): RFC 9309."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            self._robots[site] = self._read_robots(f"{site}/robots.txt", deadline)
        robots = self._robots[site]
        return robots is not None and robots.can_fetch(url, _ROBOT)

    def _read_robots(self, address: str, deadline: float) -> Protego | None:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._get(address, deadline, _LARGEST_ROBOTS)
            if answer.status not in _REDIRECTS or not answer.location:
                break
            address = _next_hop(address, answer.location)
        if answer.status >= 500:
            return None
        return Protego.parse(answer.data.decode("utf-8", "replace") if answer.status == 200 else "")

    def _get(
        self,
        url: str,
        deadline: float,
        max_bytes: int,
        more_headers: Sequence[tuple[str, str]] = (),
        method: str = "GET",
        content: bytes | None = None,
    ) -> "_Answer":
        host = urlsplit(url).netloc
        headers = [("host", host), ("user-agent", USER_AGENT), ("accept", _ACCEPT), ("accept-encoding", "gzip")]
        headers += more_headers
        if content is not None:
            headers.append(("content-length", str(len(content))))
        backend = _CheckedBackend(self.policy.allow_private, deadline)
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=tls(), network_backend=backend) as pool,
                pool.stream(method, url, headers=headers, content=content) as response,
            ):
                return _read(response, max_bytes)
        except (httpcore2.TimeoutException, TimeoutError):
            raise FetchError(f"{host} took longer than {self.policy.seconds:g} seconds") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol, OSError) as error:
            reason = single_spaced(str(error)) or type(error).__name__
            raise FetchError(f"{host} can't be read ({reason}): check the address and the network") from None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str | None
    media_type: str | None
    data: bytes
    is_cut: bool
    etag: str | None
    modified: str | None
    wait: float | None


def _read(response: httpcore2.Response, max_bytes: int) -> _Answer:
    """Read a response up to ``max_bytes`` after unpacking: a small packed body may unpack to a huge one."""
    headers = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise FetchError(f"the server packs the document in a way that was not asked for ({encoding})")
    unpack: Any = zlib.decompressobj(_GZIP) if "gzip" in encoding else None
    data = bytearray()
    if response.status in _DONE:
        try:
            for piece in response.iter_stream():
                data += unpack.decompress(piece, max_bytes + 1 - len(data)) if unpack else piece
                if len(data) > max_bytes:
                    break
        except zlib.error as error:
            raise FetchError(f"the document is packed wrongly ({error})") from None
    return _Answer(
        status=response.status,
        location=headers.get("location"),
        media_type=headers.get("content-type"),
        data=bytes(data[:max_bytes]),
        is_cut=len(data) > max_bytes,
        etag=headers.get("etag"),
        modified=headers.get("last-modified"),
        wait=_seconds(headers.get("retry-after")),
    )


def _seconds(retry_after: str | None) -> float | None:
    """The seconds that ``Retry-After`` asks to wait: it gives them, or a moment."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return float(min(int(text[:9]), _LONGEST_WAIT))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), _LONGEST_WAIT)


def _next_hop(address: str, location: str) -> str:
    target = urljoin(address, location)
    try:
        return clean_url(target)
    except FetchError as error:
        raise FetchError(f"it redirects to {target[:200]!r}: {error}", error.code) from None


@functools.cache
def tls() -> ssl.SSLContext:
    """What checks the certificates of servers."""
    return httpcore2.default_ssl_context()


def checked_addresses(host: str, port: int, allow_private: bool) -> list[str]:
    """The IP addresses of a name.

    :raises FetchError: if any of them is private and such may not be asked.
    :raises OSError: if it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    private = [address for address in addresses if not is_public(address)]
    if private and not allow_private:
        named = "" if host == private[0] else f"has the address {private[0]}, which "
        raise FetchError(f"{host} {named}is private or reserved", "private_address")
    return addresses


class _CheckedBackend(httpcore2.SyncBackend):
    """Connects to addresses that were checked, and to no other, until the deadline."""

    def __init__(self, allow_private: bool, deadline: float) -> None:
        self._allow_private = allow_private
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve a name, check its addresses, and connect to the first of them that answers."""
        addresses = checked_addresses(host, port, self._allow_private)
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port, local_address, socket_options)

    def _connect(
        self, address: str, port: int, local_address: str | None, socket_options: Iterable[Any] | None
    ) -> httpcore2.NetworkStream:
        stream = super().connect_tcp(address, port, _left(self._deadline), local_address, socket_options)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore2.NetworkStream):
    """A stream on which nothing waits beyond the deadline, however slowly bytes drip."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
