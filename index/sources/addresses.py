"""The addresses of sources elsewhere: documents of the web; folders in stores, on WebDAV servers, in mailboxes."""

import posixpath
import re
from urllib.parse import quote, unquote, urlsplit

from index.sources.fetch import FetchError, clean_url

FOLDER_SCHEMES = {"s3": None, "webdav": 80, "webdavs": 443, "imap": 143, "imaps": 993}
"""What addresses of folders begin with, and the usual port of each."""
_SAFE = "/:@!$&'()*+,;=~-._"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def is_folder(source: str) -> bool:
    """Whether an address is that of a folder elsewhere."""
    return source.partition("://")[0].strip().lower() in FOLDER_SCHEMES


def is_page(source: str) -> bool:
    """Whether a source is a document of the web."""
    return source.partition("://")[0].strip().lower() in {"http", "https"}


def clean_source(source: str) -> str:
    """The address of a source elsewhere as it is asked for; of a folder, without a slash at its end.

    :raises FetchError: if it is none that can be read, or holds a password.
    """
    if not is_folder(source):
        return clean_url(source)
    try:
        parts = urlsplit(source.strip())
        port = parts.port
    except ValueError as error:
        raise FetchError(f"the address can't be read ({error}): check its spelling") from None
    if parts.username or parts.password:
        reason = "the address holds a user name or a password: leave them out, citations would show them"
        raise FetchError(reason, "login_unusable")
    if not parts.hostname or (parts.scheme == "s3" and not _BUCKET.fullmatch(parts.netloc)):
        raise FetchError(f"the address names no {'bucket' if parts.scheme == 's3' else 'host'}: check its spelling")
    if parts.query or parts.fragment:
        raise FetchError("the address of a folder has no ? and no #: leave them out")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    host += f":{port}" if port not in {None, FOLDER_SCHEMES[parts.scheme]} else ""
    path = posixpath.normpath("/" + unquote(parts.path)).strip("/")
    if parts.scheme in {"imap", "imaps"} and not path:
        raise FetchError("the address names no folder of the mailbox: end it with /INBOX, or another one's name")
    return f"{parts.scheme}://{host}" + (f"/{quote(path, safe=_SAFE)}" if path else "")
