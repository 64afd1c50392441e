"""Folders of mailboxes, by IMAP (RFC 9051). Nothing in them is changed, not even what is marked as read."""

import base64
import imaplib
import re
import socket
import ssl
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from index.article import single_spaced
from index.sources.addresses import FOLDER_SCHEMES
from index.sources.fetch import FetchError, FetchPolicy, GoneError, checked_addresses, tls
from index.sources.folders import Listed
from index.sources.logins import login_of

T = TypeVar("T")

_NUMBER = re.compile(rb"UID (\d{1,10})")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")
_MEDIA_TYPE = "message/rfc822"


class Mailbox:
    """A folder of a mailbox; its messages are called ``;UID=7``, as in addresses of them (RFC 5092)."""

    def __init__(self, address: str, policy: FetchPolicy) -> None:
        """:raises FetchError: if there is no login for the host."""
        parts = urlsplit(address)
        self._host = parts.hostname or ""
        self._port = parts.port or FOLDER_SCHEMES[parts.scheme] or 0
        self._is_secure = parts.scheme == "imaps"
        self._name = unquote(parts.path).strip("/")
        self._policy = policy
        self._login = login_of(self._host, policy.logins)
        self._client: imaplib.IMAP4 | None = None
        self._messages = 0
        self._validity = b""

    def listed(self) -> Sequence[Listed]:
        """The messages that are not marked as deleted. Those with one number have one content, for ever."""

        def look() -> list[Listed]:
            client = self._opened()
            if not self._messages:
                return []
            _, found = client.uid("FETCH", "1:*", "(RFC822.SIZE FLAGS)")
            lines = [line if isinstance(line, bytes) else line[0] for line in found or () if line]
            return [listed for line in lines if (listed := self._listed(line))]

        return self._done(look)

    def _listed(self, line: bytes) -> Listed | None:
        number, size = _NUMBER.search(line), _SIZE.search(line)
        if not number or b"\\Deleted" in line:
            return None
        name = f";UID={number[1].decode()}"
        return Listed(name, f"{self._validity.decode()} {name}", int(size[1]) if size else 0, _MEDIA_TYPE)

    def read(self, name: str) -> bytes:
        """The bytes of a message."""

        def get() -> bytes:
            _, found = self._opened().uid("FETCH", name.removeprefix(";UID="), "(BODY.PEEK[])")
            message = next((part[1] for part in found or () if isinstance(part, tuple)), None)
            if not isinstance(message, bytes):
                raise GoneError("there is no such message any more")
            return message

        return self._done(get)

    def _opened(self) -> imaplib.IMAP4:
        """The connection, logged in, with the folder opened to be read."""
        if self._client is None:
            if self._login is None:
                raise FetchError(f"there is no login for {self._host}", "login_unusable")
            where = (self._host, self._port, self._policy)
            client = _SecureClient(*where) if self._is_secure else _Client(*where)
            weakref.finalize(self, _leave, client)
            self._client = client
            if not self._is_secure:
                self._make_secure(client)
            client.login(*self._login)
            status, found = client.select(f'"{_written(self._name)}"', readonly=True)
            if status != "OK":
                raise GoneError(f"there is no folder {self._name!r} in the mailbox: check its name")
            self._messages = int(found[0] or 0)
            self._validity = (client.response("UIDVALIDITY")[1] or [b""])[0] or b""
        return self._client

    def _make_secure(self, client: imaplib.IMAP4) -> None:
        if "STARTTLS" in client.capabilities:
            client.starttls(tls())
        elif not self._policy.allow_private:
            raise FetchError("the server takes passwords without encryption only: use imaps://")

    def _done(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except FetchError:
            raise
        except TimeoutError:
            self._client = None
            raise FetchError(f"{self._host} took longer than {self._policy.seconds:g} seconds") from None
        except (imaplib.IMAP4.error, OSError) as error:
            self._client = None
            reason = single_spaced(str(error)) or type(error).__name__
            if "AUTHENTICATIONFAILED" in reason or "LOGIN" in reason.upper():
                raise FetchError(f"{self._host} refuses the login", "login_unusable") from None
            raise FetchError(f"{self._host} can't be read ({reason}): check the address and the network") from None


class _Client(imaplib.IMAP4):
    """Connects to an address that was checked, and to no other."""

    def __init__(self, host: str, port: int, policy: FetchPolicy) -> None:
        self._policy = policy
        super().__init__(host, port, policy.seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return _connected(self.host, self.port, self._policy, timeout)


class _SecureClient(imaplib.IMAP4_SSL):
    def __init__(self, host: str, port: int, policy: FetchPolicy) -> None:
        self._policy = policy
        super().__init__(host, port, ssl_context=tls(), timeout=policy.seconds)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = _connected(self.host, self.port, self._policy, timeout)
        return tls().wrap_socket(plain, server_hostname=self.host)


def _connected(host: str, port: int, policy: FetchPolicy, timeout: float | None) -> socket.socket:
    addresses = checked_addresses(host, port, policy.allow_private)
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout)
    return socket.create_connection((addresses[-1], port), timeout)


def _leave(client: Any) -> None:
    with suppress(imaplib.IMAP4.error, OSError):
        client.shutdown()


def _written(name: str) -> str:
    """The name of a folder in modified UTF-7, with what ends a quoted string escaped."""

    def shifted(match: re.Match[str]) -> str:
        packed = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{packed}-"

    plain = _NOT_ASCII.sub(shifted, name.replace("&", "&-"))
    return plain.replace("\\", "\\\\").replace('"', '\\"')
