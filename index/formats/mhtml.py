"""Web pages that browsers save as one file (MHTML, RFC 2557)."""

from collections.abc import Iterator
from dataclasses import replace

from index.article import Article
from index.formats import html
from index.parsing.metadata import web_address
from index.parsing.mime import parse_message
from index.parsing.types import LoadError, Origin

SUFFIXES = (".mhtml", ".mht")
MEDIA_TYPES = ("multipart/related", "message/rfc822", "application/x-mimearchive")


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read the main article of the first page in the file.

    :raises LoadError: if the file holds no page or the page has no article text.
    """
    message = parse_message(data)
    for part in message.walk():
        if part.get_content_type() in html.MEDIA_TYPES:
            page = part.get_payload(decode=True)
            address = message["snapshot-content-location"] or part["content-location"]
            url = origin.url or web_address(str(address or ""))
            found = replace(origin, url=url, charset=part.get_content_charset())
            yield from html.load(page if isinstance(page, bytes) else b"", found)
            return
    raise LoadError("the file holds no web page: save it again from a browser, as a single file")
