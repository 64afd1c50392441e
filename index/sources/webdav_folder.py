"""Folders on WebDAV servers: RFC 4918."""

import base64
import posixpath
from collections.abc import Sequence
from urllib.parse import quote, unquote, urlsplit

from lxml import etree

from index.parsing.types import LoadError
from index.parsing.zipped_xml import parse_xml
from index.sources.fetch import Fetcher, FetchError, FetchPolicy
from index.sources.folders import MOST_FILES, Listed
from index.sources.logins import login_of

_ASKED = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getetag/><getlastmodified/>'
    b"<getcontentlength/></prop></propfind>"
)
_LARGEST_LISTING = 50_000_000
"""Bytes of what a server tells of one folder."""
_DEEPEST = 30
_SAFE = "/:@!$&'()*+,;=~-._"


class WebDavFolder:
    """A folder on a server, and those below it. The connection goes to addresses that were checked, as for pages."""

    def __init__(self, address: str, policy: FetchPolicy) -> None:
        """:raises FetchError: if the file of logins can't be read."""
        parts = urlsplit(address)
        self._site = f"{'https' if parts.scheme == 'webdavs' else 'http'}://{parts.netloc}"
        self._path = unquote(parts.path).rstrip("/")
        self._fetcher = Fetcher(policy)
        self._headers: list[tuple[str, str]] = []
        login = login_of(parts.hostname or "", policy.logins)
        if login and parts.scheme == "webdav" and not policy.allow_private:
            raise FetchError("the server would get the password without encryption: use webdavs://")
        if login:
            token = base64.b64encode(":".join(login).encode()).decode()
            self._headers.append(("authorization", f"Basic {token}"))

    def listed(self) -> Sequence[Listed]:
        """The files, each with its ETag, or with its size and day where the server gives none."""
        found: list[Listed] = []
        waiting = [(self._path, 0)]
        seen = {self._path}
        while waiting and len(found) <= MOST_FILES:
            folder, depth = waiting.pop()
            for path, properties in self._responses(folder):
                if path in seen or not path.startswith(f"{folder}/"):
                    continue
                seen.add(path)
                if next(properties.iter("{DAV:}collection"), None) is not None:
                    hidden = posixpath.basename(path).startswith(".")
                    waiting += [] if hidden or depth == _DEEPEST else [(path, depth + 1)]
                    continue
                size, modified = _value(properties, "getcontentlength"), _value(properties, "getlastmodified")
                stamp = _value(properties, "getetag") or f"{size} {modified}"
                name = path[len(self._path) :].lstrip("/")
                found.append(Listed(name, stamp, int(size) if size.isdecimal() else 0))
        return found

    def _responses(self, folder: str) -> list[tuple[str, etree._Element]]:
        """What the server tells of a folder and what is in it: the path of each, and its properties."""
        headers = [*self._headers, ("depth", "1"), ("content-type", "application/xml")]
        url = self._site + quote(f"{folder}/", safe=_SAFE)
        data = self._fetcher.ask("PROPFIND", url, headers, _ASKED, _LARGEST_LISTING)
        try:
            tree = parse_xml(data)
        except LoadError:
            raise FetchError("the server does not answer as WebDAV servers do: check the address") from None
        return [
            (posixpath.normpath(unquote(urlsplit(_value(response, "href")).path)), response)
            for response in tree.iter("{DAV:}response")
        ]

    def read(self, name: str) -> bytes:
        """The bytes of a file."""
        url = self._site + quote(f"{self._path}/{name}", safe=_SAFE)
        return self._fetcher.ask("GET", url, self._headers, None, self._fetcher.policy.max_bytes)


def _value(element: etree._Element, name: str) -> str:
    return next((text for node in element.iter(f"{{DAV:}}{name}") if (text := (node.text or "").strip())), "")
