"""HTML that is an article as a whole, as in books and feeds: every heading, paragraph, list item and table row."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count, repeat

import lxml.html
from lxml import etree

from index.parsing.inline import simplify
from index.parsing.list_items import BULLET, as_item
from index.parsing.parts import Part, one_line
from index.parsing.table_grid import is_header, settle
from index.parsing.tables import Row, table_parts
from index.parsing.types import LoadError
from index.parsing.zipped_xml import parse_xml

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = _HEADINGS | {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt"),
    *(
        "figcaption",
        "figure",
        "footer",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
    ),
    *("tbody", "tfoot", "thead", "tr", "ul"),
}
_NOT_READ = {
    "head",
    "iframe",
    "nav",
    "noscript",
    "object",
    "script",
    "select",
    "style",
    "svg",
    "template",
}
_CELLS = {"td", "th"}
BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
"""What stands between the paragraphs of text that keeps its lines."""
_PARAGRAPHS = {"p", "div", "li", "section", "article", *_HEADINGS}
_MOST_PARAGRAPHS = 3
"""Paragraphs in a cell of a table of figures."""


def parse_html(text: str | None) -> etree._Element | None:
    """The tree of an HTML document or fragment, however ill-formed; None if there is nothing in it."""
    try:
        tree = lxml.html.document_fromstring(text) if text and text.strip() else None
    except (etree.ParserError, ValueError):
        return None
    return _simplified(tree)


def parse_xhtml(data: bytes) -> etree._Element | None:
    """The tree of an XHTML document, or of HTML where it is not well-formed.

    :raises LoadError: if it declares entities.
    """
    try:
        return _simplified(parse_xml(data))
    except LoadError as error:
        if "entities" in str(error):
            raise
        return _simplified(lxml.html.document_fromstring(data) if data.strip() else None)


def _simplified(tree: etree._Element | None) -> etree._Element | None:
    if tree is not None:
        simplify(tree)
        settle(tree)
    return tree


def parts(element: etree._Element) -> Iterator[Part]:
    """The parts of an element, in order; text between blocks is a paragraph."""
    tag = _tag(element)
    if tag == "table" and not _is_layout(element):
        yield from _table(element)
        return
    if tag == "pre":
        yield from (Part(text) for stanza in BLANK_LINE.split(_text(element)) if (text := one_line(stanza)))
        return
    level = int(tag[1]) if tag in _HEADINGS else 0
    inline = [element.text or ""]
    signs = _signs(element) if tag in {"ol", "ul"} else None
    for child in element:
        if _tag(child) in _BLOCKS or (_tag(child) not in _NOT_READ and _holds_blocks(child)):
            yield from _flush(inline, level)
            yield from as_item(parts(child), next(signs)) if signs and _tag(child) == "li" else parts(child)
            inline = []
        else:
            inline.append(_text(child))
        inline.append(child.tail or "")
    yield from _flush(inline, level)


def _signs(element: etree._Element) -> Iterator[str]:
    """The bullets or numbers of the items of a list, without end."""
    start = (element.get("start") or "").strip()
    first = int(start) if start.isascii() and start.isdecimal() and len(start) < 6 else 1
    return repeat(BULLET) if _tag(element) == "ul" else (f"{number}." for number in count(first))


def _is_layout(table: etree._Element) -> bool:
    """Tell a table that only arranges a page: another one stands in it, or several paragraphs in one cell."""
    if table.get("role") == "presentation" or any(_tag(inner) == "table" for inner in table.iterdescendants()):
        return True
    cells = [cell for cell in table.iterdescendants() if _tag(cell) in _CELLS]
    return any(sum(_tag(inner) in _PARAGRAPHS for inner in cell.iterdescendants()) > _MOST_PARAGRAPHS for cell in cells)


def _table(table: etree._Element) -> Iterator[Part]:
    rows: list[Row] = []
    for element in table.iterdescendants():
        if _tag(element) == "tr":
            cells = [_text(cell) for cell in element if _tag(cell) in _CELLS]
            rows.append(Row(cells, is_header(element) or None))
    yield from table_parts(rows)


def _holds_blocks(element: etree._Element) -> bool:
    return any(_tag(inner) in _BLOCKS for inner in element.iterdescendants())


def _flush(inline: list[str], level: int) -> Iterator[Part]:
    """The text before a block as a part: of a heading of a level, or a paragraph when that is 0."""
    if text := one_line("".join(inline)):
        yield Part(text, "heading" if level else "paragraph", level=level)


def _text(element: etree._Element) -> str:
    """The text of an inline element."""
    if isinstance(element, etree._Entity):
        return html.unescape(element.text or "")
    tag = _tag(element)
    if tag in _NOT_READ or not tag:
        return ""
    if tag == "br":
        return " "
    inner = "".join(_text(child) + (child.tail or "") for child in element)
    return f" {element.text or ''}{inner} " if tag in _BLOCKS else (element.text or "") + inner


def _tag(element: etree._Element) -> str:
    """The local name in lower case, of ``o:p`` too, which is no name in XML; empty for comments and instructions."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(1000)
def _local(tag: str) -> str:
    return re.split("[}:]", tag)[-1].lower()
