"""Web pages: the article without navigation, scripts, cookie banners and comments."""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from index.article import Article, article_id, single_spaced
from index.parsing.dates import parse_date
from index.parsing.decoding import damage, decode
from index.parsing.headlines import headline
from index.parsing.inline import simplify
from index.parsing.json_ld import read_json_ld
from index.parsing.list_items import BULLET, as_item
from index.parsing.markup import BLANK_LINE
from index.parsing.markup import parts as page_parts
from index.parsing.metadata import Metadata, web_address
from index.parsing.page_boxes import drop_beside, drop_boxes, join_lead
from index.parsing.page_looks import Looks, looks_of, placed
from index.parsing.page_markup import regularise
from index.parsing.page_shell import frame_article, open_shell, prose_lengths
from index.parsing.parts import Part, assemble, one_line, read_head
from index.parsing.people import is_inverted, people
from index.parsing.prose import prose_parts
from index.parsing.report import left_beside, searched
from index.parsing.table_grid import settle
from index.parsing.tables import Row, table_parts
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Note, Origin

SUFFIXES = (".html", ".htm", ".xhtml")
MEDIA_TYPES = ("text/html", "application/xhtml+xml")

_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.IGNORECASE)
"""What browsers write into a page that they save: https://learn.microsoft.com/previous-versions/ms537628(v=vs.85)"""
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*")
_LANGUAGES = (
    "//html/@lang",
    "//html/@*[local-name()='lang']",
    "//meta[@property='og:locale']/@content",
    "//meta[translate(@http-equiv, 'CL', 'cl')='content-language']/@content",
)
_CANONICAL = "//link[@rel='canonical']/@href"
_JSON_LD = "//script[starts-with(normalize-space(@type), 'application/ld+json')]/text()"
_SAYS_ARTICLE = "boolean(//meta[@property='og:type' and @content='article']) or count(//article) = 1"
_LOWER = "translate({}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
_AUTHORS = (
    f"//meta[contains('|author|dc.creator|dcterms.creator|citation_author|parsely-author|sailthru.author|', "
    f"concat('|', {_LOWER.format('@name')}, '|')) or @property='author' or @property='article:author']/@content"
)
_SITE_NAME = "//meta[@property='og:site_name']/@content"
_OPEN_GRAPH_TITLE = "//meta[@property='og:title']/@content"
_MOST_HEADINGS = 5
_MOST_TIMES = 20
_MORE = 3
"""How many times as long as what the page shows an article in its metadata is, to be taken instead."""
_SHORT = 150
"""Code points of text below which an article is looked for where none should be."""
_MOST_COMPARED, _MOST_LINKS = 100_000, 5_000
"""Code points of a page and different links that are compared, to tell whether it is little but links."""
_SURELY_PROSE = 80
"""Code points of text that are never taken for what stands between links."""
_XML_DECLARATION = re.compile(r"\s*+<\?xml[^>]*+(?<=\?)>")
_DATES = {"original_date": True, "extensive_search": False, "max_date": "2099-12-31"}
_BLOCKS = {"p", "head", "quote", "list", "item", "table", "row", "div"}
_LEVEL = re.compile(r"h[1-6]")
_AROUND = ("button", "footer", "head", "header", "label", "nav", "noscript", "script", "select", "style", "template")
_IS_PROSE = (
    f"normalize-space() and not(ancestor::*[{' or '.join(f'self::{tag}' for tag in _AROUND)}] or ancestor::a[@href])"
)
_PROSE = (
    f"boolean(//text()[{_IS_PROSE} and not(ancestor::form)]) or "
    f"boolean(//form[.//p or .//h1 or .//article]//text()[{_IS_PROSE}])"
)
"""Tells whether any text is not a part of what surrounds articles: without any, trafilatura finds the surroundings."""
_NO_ARTICLE = "the page has no article text: save the page of one article, with its text, or remove it"
_PROLOGUE = 2048
"""Bytes in which a page declares its character set: https://html.spec.whatwg.org/#determining-the-character-encoding"""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read the main article of a page; its text is the paragraphs and headings in NFC, a blank line between them.

    :raises LoadError: if the bytes are not text or the page has no article text.
    """
    declared = _CHARSET.search(data[:_PROLOGUE])
    charset = origin.charset or (declared[1].decode("ascii", "replace") if declared else None)
    page = decoded = decode(data, charset)
    if written := _XML_DECLARATION.match(page):
        page = page[written.end() :]
    saved = _SAVED_FROM.search(page, 0, _PROLOGUE)
    origin = replace(origin, url=origin.url or (saved and web_address(saved[1])))
    found = _extract(_SAVED_FROM.sub("", page, count=1), origin)
    tree, document, notes = found.tree, found.document, found.notes
    page_says = read_json_ld(tree.xpath(_JSON_LD))
    described = page_says.metadata
    title = _title(tree, document, described, page_says.name, origin)
    parts = _divided(list(_parts(document.body)), found.left)
    parts = [part for part in parts if (part.text, part.kind) != (title, "heading")]
    if _is_navigation(tree, parts):
        parts = []
    body = list(prose_parts(page_says.body))
    if searched(body) > _MORE * searched(parts) or (len(parts) == 1 and _is_same(body, parts)):
        parts, notes = body, []
    header, parts = read_head(parts, title)
    text, blocks = assemble(parts)
    if not text:
        raise LoadError(_NO_ARTICLE)
    yield Article(
        id=article_id(origin.key),
        title=title or fallback_title(origin, text),
        text=text,
        blocks=blocks,
        url=_address([*tree.xpath(_CANONICAL), document.url, described.url], origin),
        source=described.source or _publisher(document) or header.source,
        authors=described.authors or _authors(tree, document.author) or header.authors,
        published=described.published
        or (header.published if header.says_published else None)
        or (date.fromisoformat(document.date) if document.date else None)
        or header.published
        or _time(tree),
        language=_language(tree, document.language) or described.language,
        media_type=MEDIA_TYPES[0],
        path=origin.path,
        styles=tuple(placed(found.looks, text, blocks)),
        tags=described.tags or _distinct(",".join([*(document.categories or []), *(document.tags or [])]), ","),
    )
    yield from damage(data, decoded)
    yield from notes


def _divided(parts: list[Part], tree: Any) -> list[Part]:
    """The parts; a single one, which trafilatura makes of all of a short page, by the blocks of the page."""
    text = _letters(parts[0].text) if len(parts) == 1 and parts[0].kind == "paragraph" else ""
    found, at = [], 0
    for part in page_parts(tree) if text else ():
        letters = _letters(part.text)
        place = text.find(letters, at) if letters else -1
        if place >= 0:
            found.append(part)
            at = place + len(letters)
    return found if 2 * sum(len(_letters(part.text)) for part in found) > len(text) else parts


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _is_same(body: list[Part], parts: list[Part]) -> bool:
    """Tell whether both have the same words, however they are divided."""
    return single_spaced(" ".join(part.text for part in body)) == single_spaced(" ".join(part.text for part in parts))


def _title(tree: Any, document: Any, described: Metadata, name: str | None, origin: Origin) -> str:
    """The title of the article: its headline, unless nothing on the page bears it out."""
    titles = [one_line(text) for text in (*tree.xpath(_OPEN_GRAPH_TITLE)[:1], *tree.xpath("//title/text()")[:1])]
    shown = [one_line(heading.text_content()) for heading in tree.iter("h1")][:_MOST_HEADINGS]
    sites = [described.source, document.sitename, *tree.xpath(_SITE_NAME)[:1]]
    url = _address([*tree.xpath(_CANONICAL), document.url, described.url], origin)
    if described.title:
        return headline([described.title, name, *titles], shown, sites, url) or ""
    return headline([one_line(document.title), *titles], shown, sites, url) or ""


def _authors(tree: Any, found: str | None) -> tuple[str, ...]:
    """The authors that trafilatura finds; it takes the two halves of ``Okafor, Ngozi`` for two."""
    marked = (one_line(name) for text in tree.xpath(_AUTHORS) for name in text.split(";"))
    authors = [name for name in marked if name and not web_address(name)]
    if authors and all(map(is_inverted, authors)):
        return people(authors)
    names = _distinct(found, ";")
    halves = [", ".join(pair) for pair in zip(names[::2], names[1::2], strict=False)]
    if halves and len(names) % 2 == 0 and not any(" " in name for name in names):
        words = single_spaced(" ".join(tree.itertext()))
        names = tuple(halves) if all(is_inverted(name) and name in words for name in halves) else names
    return people(names, is_list=True)


def _time(tree: Any) -> date | None:
    """The first day that the page marks as a time, as far as it can be read."""
    stamps = (one_line(stamp).partition("(")[0] for stamp in tree.xpath("//time/@datetime")[:_MOST_TIMES])
    return next(filter(None, map(parse_date, stamps)), None)


def _address(addresses: list[str | None], origin: Origin) -> str | None:
    """Where the page says it stands, or else where it was found or saved from."""
    absolute = (web_address(urljoin(origin.url or "", address.strip())) for address in addresses if address)
    return next(filter(None, absolute), origin.url)


def _publisher(document: Any) -> str | None:
    """The name of the site, which trafilatura makes of the address where the page tells none."""
    name = one_line(document.sitename)
    host = urlsplit(document.url or "").netloc.casefold()
    return None if name.casefold() in {host, host.removeprefix("www.")} else name


def _language(tree: Any, extracted: str | None) -> str | None:
    language = next((text.strip() for path in _LANGUAGES for text in tree.xpath(path) if text.strip()), None)
    language = one_line(extracted) or (language or "").replace("_", "-").partition(",")[0]
    return language if _LANGUAGE_TAG.fullmatch(language) else None


def _is_navigation(tree: Any, parts: list[Part]) -> bool:
    """Tell a page that is little but links, unless it says that it is an article."""
    links = [text for link in tree.xpath("//a[@href]") if (text := one_line(link.text_content()))]
    prose = "\n".join(part.text for part in parts if part.kind == "paragraph")
    if len(prose) > _SURELY_PROSE + sum(map(len, links)) or tree.xpath(_SAYS_ARTICLE):
        return False
    prose = prose[:_MOST_COMPARED]
    for link in sorted(set(links), key=len, reverse=True)[:_MOST_LINKS]:
        prose = prose.replace(link, "")
    return len(prose.strip()) < min(_SURELY_PROSE, sum(map(len, links)) / 4)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page with its boxes, and what is left of it; what trafilatura says of it and finds in that; how words look."""

    tree: Any
    left: Any
    document: Any
    looks: Looks
    notes: Sequence[Note]


def _extract(page: str, origin: Origin) -> _Page:
    try:
        import trafilatura  # here because it is slow to import and only web pages need it
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise LoadError(
            f"web pages can't be read, a package is missing ({reason})", "installation_incomplete"
        ) from error

    def extract(tree: Any) -> Any:
        found = (
            trafilatura.bare_extraction(tree, url=origin.url, include_comments=False) if tree.xpath(_PROSE) else None
        )
        return found if getattr(found, "body", None) is not None else None

    try:
        tree = trafilatura.load_html(page)
        if tree is None:
            raise LoadError(_NO_ARTICLE)
        simplify(tree)
        lengths = prose_lengths(tree)
        beside = drop_beside(tree, lengths)
        whole = deepcopy(tree)
        beside += drop_boxes(tree)
        regularise(tree)
        settle(tree)
        beside += frame_article(tree)
        join_lead(tree)
        looks = looks_of(tree)
        found = extract(tree)
        if (found is None or len(found.text or "") < _SHORT) and open_shell(tree):
            found = extract(tree) or found
        if found is None and not read_json_ld(whole.xpath(_JSON_LD)).body:
            raise LoadError(_NO_ARTICLE)
        document = trafilatura.extract_metadata(whole, default_url=origin.url, date_config=_DATES)
        document.body = etree.Element("body") if found is None else found.body
        return _Page(whole, tree, document, looks, list(left_beside(beside, lengths.get(tree, 0))))
    except LoadError:
        raise
    except Exception as error:  # pages are hostile: whatever breaks must not stop the other files
        raise LoadError(f"the page can't be parsed ({type(error).__name__}): save it again from a browser") from error


def _parts(element: Any) -> Iterator[Part]:
    """Walk a tree of trafilatura: every block in turn, the text between blocks as a paragraph."""
    is_heading = element.tag == "head"
    if element.tag == "table":
        yield from table_parts([_row(row) for row in element.iter("row")])
        return
    level = int(element.get("rend", "h2")[1:2]) if is_heading and _LEVEL.fullmatch(element.get("rend", "")) else 0
    inline = [element.text or ""]
    number = 0
    for child in element:
        if child.tag in _BLOCKS or (child.tag == "code" and element.tag == "body"):
            yield from _flush(inline, is_heading, level)
            number += child.tag == "item"
            sign = {"ol": f"{number}.", "ul": BULLET}.get(element.get("rend", "")) if child.tag == "item" else None
            yield from as_item(_parts(child), sign) if sign else _parts(child)
            inline = []
        else:
            inline.append(" " if child.tag == "lb" else "".join(child.itertext()))
        inline.append(child.tail or "")
    yield from _flush(inline, is_heading, level)


def _row(row: Any) -> Row:
    cells = [cell for cell in row if cell.tag == "cell"]
    texts = [one_line(" ".join(cell.itertext())) for cell in cells]
    named = [cell.get("role") == "head" for cell, text in zip(cells, texts, strict=True) if text]
    return Row(texts, (len(named) > 1 and all(named)) or None)


def _flush(inline: list[str], is_heading: bool, level: int) -> Iterator[Part]:
    """The text before a block as a part; text that keeps its lines has blank ones between its paragraphs."""
    for stanza in BLANK_LINE.split("".join(inline)):
        if text := one_line(stanza):
            yield Part(text, "heading" if is_heading else "paragraph", level=level)


def _distinct(text: str | None, separator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(one_line, (text or "").split(separator)))))
