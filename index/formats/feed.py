"""RSS and Atom feeds: the articles that stand in them, and links to those that stand elsewhere."""

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from index.article import Article, article_id
from index.parsing.dates import EPOCHS, parse_date
from index.parsing.markup import parse_html, parts
from index.parsing.metadata import Metadata, complete, read_metadata
from index.parsing.parts import Part, assemble, read_head
from index.parsing.prose import unescaped
from index.parsing.titles import first_words
from index.parsing.types import Link, Loaded, LoadError, Note, Origin, missing_package
from index.parsing.wordpress import is_published, rendered
from index.parsing.zipped_xml import refuse_entities

SUFFIXES = (".rss", ".atom")
MEDIA_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")

_LONGEST_PROLOGUE = 5_000
_ELEMENT = re.compile(rb"<\x00?\x00?\x00?\w")
_WHOLE_CONTENT = 400
_WHOLE_SUMMARY = 1000
"""Code points. A shorter content or summary may be the beginning of an article that stands elsewhere."""


def load(data: bytes, origin: Origin) -> Iterator[Loaded]:
    """Read the entries of a feed.

    An entry whose text is long enough to be the whole article, or that has no link, is an article; of the others a link
    to the article is given.

    :raises LoadError: if the document declares entities, is no feed, or has no entries.
    """
    refuse_entities(data)
    _refuse_long_prologue(data)
    try:
        import feedparser  # here because only feeds need it, and it may not be installed
    except ImportError as error:
        raise missing_package("feeds", error) from error
    headers = {"content-location": origin.url} if origin.url else {}
    found = feedparser.parse(io.BytesIO(data), response_headers=headers, sanitize_html=False)
    if not found.version and not found.entries:
        reason = " ".join(str(found.get("bozo_exception") or "it has no entries").split())
        raise LoadError(f"the document is no RSS or Atom feed ({reason}): check it in a browser")
    if not found.entries:
        raise LoadError("the feed has no entries")
    exported = bool(found.feed.get("wp_wxr_version"))
    drafts = 0
    for number, entry in enumerate(found.entries, start=1):
        if exported and not is_published(entry):
            drafts += 1
            continue
        yield _read_entry(entry, number, found.feed, origin, exported)
    if drafts:
        yield Note(f"{drafts} of its {len(found.entries)} entries are drafts, menus or attachments and are left out")


def _refuse_long_prologue(data: bytes) -> None:
    """Feedparser takes time with the square of what stands before the first element (with bytes of UTF-16 left out)."""
    first = _ELEMENT.search(data)
    if first and len(data[: first.start()].replace(b"\0", b"")) > _LONGEST_PROLOGUE:
        raise LoadError(f"more than {_LONGEST_PROLOGUE} bytes stand before the first element: take them out")


def _read_entry(entry: Any, number: int, feed: Any, origin: Origin, exported: bool) -> Loaded:
    """The article of an entry; of an export, which holds whole articles, never a link to it."""
    metadata = _metadata(entry, feed)
    contents = [content.get("value") or "" for content in entry.get("content", [])]
    written = unescaped(max(contents, key=len, default=entry.get("summary") or ""))
    root = parse_html(rendered(written) if exported else written)
    _, read = read_head(list(parts(root)) if root is not None else [], metadata.title)
    text, blocks = assemble(read)
    if metadata.url and not exported and len(text) < (_WHOLE_CONTENT if contents else _WHOLE_SUMMARY):
        return Link(metadata.url, metadata)
    if not text:
        return LoadError(f"entry {number} has no text and no link")
    article = Article(
        id=article_id(metadata.url or f"{origin.key}#{entry.get('id') or metadata.title or number}"),
        title=metadata.title or first_words(text),
        text=text,
        blocks=blocks,
        media_type=MEDIA_TYPES[0],
        path=origin.path,
    )
    return complete(article, metadata)


def _metadata(entry: Any, feed: Any) -> Metadata:
    authors = [author.get("name") for author in entry.get("authors", []) if author.get("name")]
    return read_metadata(
        {
            "title": _plain(entry.get("title")),
            "url": entry.get("link"),
            "source": _plain(entry.get("source", {}).get("title") or feed.get("title")),
            "authors": authors or entry.get("author"),
            "published": _day(entry),
            "language": entry.get("language") or feed.get("language"),
            "tags": [tag.get("label") or tag.get("term") for tag in entry.get("tags", [])],
        }
    )


def _day(entry: Any) -> date | None:
    """The day that an entry writes, in its own time zone; none for the beginning of an epoch."""
    for name in ("published",) if "published" in entry else ("updated",):
        written = entry.get(name) or ""
        parsed = entry.get(f"{name}_parsed")
        day = parse_date(written) or (date(*parsed[:3]) if parsed else None)
        if day and day not in EPOCHS:
            return day
    return None


def _plain(text: str | None) -> str:
    """A title without the markup that it may hold."""
    root = parse_html(unescaped(text or ""))
    found: list[Part] = list(parts(root)) if root is not None else []
    return " ".join(part.text for part in found)
