"""Web pages: the article without navigation, scripts, cookie banners and comments."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from index.article import Article, Block, article_id, canonical
from index.loaders.decoding import decode
from index.loaders.header import Header, is_credit, read_line
from index.loaders.metadata import web_address
from index.loaders.naming import fallback_title
from index.loaders.origin import LoadError, Origin

SUFFIXES = (".html", ".htm", ".xhtml")
MEDIA_TYPES = ("text/html", "application/xhtml+xml")

_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_LANGUAGE = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_DATES = {"original_date": True, "extensive_search": False, "max_date": "2099-12-31"}
_BLOCKS = {"p", "head", "quote", "list", "item", "table", "row", "div"}
_AROUND = ("button", "footer", "head", "header", "label", "nav", "noscript", "script", "select", "style", "template")
_PROSE = (
    f"boolean(//text()[normalize-space() and not(ancestor::*[{' or '.join(f'self::{tag}' for tag in _AROUND)}]"
    " or ancestor::a[@href] or ancestor::form[not(.//p or .//h1 or .//article)])])"
)
"""Tells whether any text is not a part of what surrounds articles: without any, trafilatura finds the surroundings."""
_NO_ARTICLE = "the page has no article text: save the page of one article, with its text, or remove it"
_PROLOGUE = 2048
"""Bytes in which a page declares its character set: https://html.spec.whatwg.org/#determining-the-character-encoding"""

Part = tuple[str, str]
"""The kind of a block and its text on one line."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read the main article of a page; its text is the paragraphs and headings in NFC, a blank line between them.

    :raises LoadError: if the bytes are not text or the page has no article text.
    """
    charset = _CHARSET.search(data[:_PROLOGUE])
    page = _XML_DECLARATION.sub("", decode(data, charset[1].decode("ascii", "replace") if charset else None), count=1)
    document = _extract(page, origin)
    title = _line(document.title)
    parts = [part for part in _parts(document.body) if part != ("heading", title)]
    header, text, blocks = _build(parts)
    if not text:
        raise LoadError(_NO_ARTICLE)
    language = _LANGUAGE.search(page)
    yield Article(
        id=article_id(origin.key),
        title=title or fallback_title(origin, text),
        text=text,
        blocks=blocks,
        url=web_address(document.url) or origin.url,
        source=_line(document.sitename) or header.source,
        authors=_distinct(document.author, ";") or header.authors,
        published=date.fromisoformat(document.date) if document.date else header.published,
        language=_line(document.language) or (language[1] if language else None),
        media_type=MEDIA_TYPES[0],
        path=origin.path,
        tags=_distinct(",".join([*(document.categories or []), *(document.tags or [])]), ","),
    )


def _extract(page: str, origin: Origin) -> Any:
    try:
        import trafilatura  # here because it is slow to import and only web pages need it
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise LoadError(
            f"web pages can't be read, a package is missing ({reason}): run 'make install' again"
        ) from error
    options: dict[str, Any] = {"url": origin.url, "with_metadata": True, "date_extraction_params": _DATES}
    try:
        tree = trafilatura.load_html(page)
        has_prose = tree is not None and tree.xpath(_PROSE)
        found = trafilatura.bare_extraction(page, include_comments=False, **options) if has_prose else None
    except Exception as error:  # pages are hostile: whatever breaks must not stop the other files
        raise LoadError(f"the page can't be parsed ({type(error).__name__}): save it again from a browser") from error
    if found is None or getattr(found, "body", None) is None:
        raise LoadError(_NO_ARTICLE)
    return found


def _parts(element: Any) -> Iterator[Part]:
    """Walk a tree of trafilatura: every block in turn, the text between blocks as a paragraph."""
    kind = "heading" if element.tag == "head" else "paragraph"
    if element.tag == "row":
        cells = [_line(" ".join(cell.itertext())) for cell in element]
        yield from ((kind, text) for text in [" | ".join(cell for cell in cells if cell)] if text)
        return
    inline = [element.text or ""]
    for child in element:
        if child.tag in _BLOCKS or (child.tag == "code" and element.tag == "body"):
            yield from _flush(kind, inline)
            yield from _parts(child) if child.tag != "code" else ()
            inline = []
        else:
            inline.append(" " if child.tag == "lb" else "".join(child.itertext()))
        inline.append(child.tail or "")
    yield from _flush(kind, inline)


def _flush(kind: str, inline: list[str]) -> Iterator[Part]:
    if text := _line("".join(inline)):
        yield kind, text


def _build(parts: list[Part]) -> tuple[Header, str, tuple[Block, ...]]:
    """Join the parts; a byline, date line or picture credit before the first paragraph stays outside of every block."""
    header, texts, blocks, start, in_head = Header(), [], [], 0, True
    for at, (kind, text) in enumerate(parts):
        in_head = in_head and at + 1 < len(parts) and (read_line(header, text) or is_credit(text))
        if not in_head:
            blocks.append(Block(start, start + len(text), "heading" if kind == "heading" else "paragraph"))
        texts.append(text)
        start += len(text) + 2
    return header, "\n\n".join(texts), tuple(blocks)


def _line(text: str | None) -> str:
    return canonical(" ".join((text or "").split()))


def _distinct(text: str | None, separator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(_line, (text or "").split(separator)))))
