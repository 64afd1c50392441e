"""Electronic books: one article a book, the chapters in reading order."""

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from index.article import Article, article_id
from index.parsing.markup import parse_xhtml, parts
from index.parsing.metadata import Metadata, complete, read_metadata
from index.parsing.parts import Part, assemble
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Origin
from index.parsing.zipped_xml import open_archive, parse_xml, read_member

SUFFIXES = (".epub",)
MEDIA_TYPES = ("application/epub+zip",)

_NAMES = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "o": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml"}


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article; a chapter that can't be read is an error of its own.

    :raises LoadError: if the file is no EPUB, is damaged, encrypted or copy-protected, or has no text.
    """
    with open_archive(data, "EPUB book") as archive:
        if "META-INF/encryption.xml" in archive.namelist() and "META-INF/rights.xml" in archive.namelist():
            raise LoadError("the book is protected against copying: get it without protection")
        package_path = _package_path(archive)
        package = parse_xml(read_member(archive, package_path))
        found: list[Part] = []
        for chapter in dict.fromkeys(_chapters(package, posixpath.dirname(package_path))):
            try:
                root = parse_xhtml(read_member(archive, chapter))
                found += parts(root) if root is not None else ()
            except LoadError as error:
                yield LoadError(f"{chapter}: {error}")
    text, blocks = assemble(found)
    if not text:
        raise LoadError("the book has no text: it may hold pictures of its pages only")
    metadata = _metadata(package)
    article = Article(
        id=article_id(origin.key),
        title=metadata.title or fallback_title(origin, text),
        text=text,
        blocks=blocks,
        url=origin.url,
        media_type=MEDIA_TYPES[0],
        path=origin.path,
    )
    yield complete(article, metadata)


def _package_path(archive: ZipFile) -> str:
    container = parse_xml(read_member(archive, "META-INF/container.xml"))
    path = next(iter(_find(container, "//c:rootfile/@full-path")), None)
    if not path:
        raise LoadError("the file is no EPUB book, it names no package: save it anew")
    return str(path)


def _chapters(package: etree._Element, folder: str) -> Iterator[str]:
    """The members that hold the chapters, in reading order, without the table of contents."""
    items = {item.get("id"): item for item in _find(package, "//o:manifest/o:item")}
    for reference in _find(package, "//o:spine/o:itemref"):
        item = items.get(reference.get("idref"))
        if (
            item is not None
            and item.get("media-type") in _PAGES
            and "nav" not in (item.get("properties") or "").split()
        ):
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _metadata(package: etree._Element) -> Metadata:
    def texts(name: str) -> list[str]:
        return ["".join(element.itertext()) for element in _find(package, f"//dc:{name}")]

    dates = texts("date")
    links = [text for text in texts("identifier") + texts("source") if text.startswith(("http://", "https://"))]
    return read_metadata(
        {
            "title": texts("title")[:1],
            "authors": texts("creator"),
            "publisher": texts("publisher")[:1],
            "published": dates[0] if dates else None,
            "language": texts("language")[:1],
            "tags": texts("subject"),
            "url": links[:1],
        }
    )


def _find(element: etree._Element, path: str) -> list[Any]:
    return list(element.xpath(path, namespaces=_NAMES))
