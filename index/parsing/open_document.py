"""OpenDocument files (ISO/IEC 26300): text with its headings, lists and tables, sheets, and slides."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from index.article import Article
from index.parsing.dates import stamped_day
from index.parsing.inline import text_before
from index.parsing.list_items import BULLET, as_item
from index.parsing.metadata import Metadata, read_metadata
from index.parsing.office_package import local_name, value
from index.parsing.open_document_lists import SIGN, number_items
from index.parsing.parts import Part, document_article, one_line
from index.parsing.pictures import picture
from index.parsing.sheets import MOST_COLUMNS, Cells, filled, sheet_parts
from index.parsing.superscripts import raised
from index.parsing.tables import MOST_ROWS, Row, table_parts
from index.parsing.titles import named_by_a_person
from index.parsing.types import LoadError, Origin
from index.parsing.zipped_xml import open_archive, parse_xml, read_member

_NOT_READ = {
    "tracked-changes",
    "annotation",
    "forms",
    "sequence-decls",
    "table-of-content",
    "note-citation",
    "bibliography-source",
    "notes",
    "ruby-text",
    "linenumbering-configuration",
}
_RAISED = re.compile(r"super|[1-9]")
_SPACES = {"s", "tab", "line-break"}
_DEEPEST = 200


def read_open_document(data: bytes, origin: Origin, what: str, media_type: str) -> Article:
    """The article of an OpenDocument file.

    :raises LoadError: if it is none, is damaged or encrypted, unpacks to too much, or has no text.
    """
    with open_archive(data, what) as archive:
        content = parse_xml(read_member(archive, "content.xml"))
        meta, styles = (
            parse_xml(read_member(archive, name)) if name in archive.namelist() else None
            for name in ("meta.xml", "styles.xml")
        )
    number_items(content, styles)
    _raise(content, styles)
    body = next(content.iter("{*}body"), None)
    metadata = _metadata(meta)
    parts = list(_parts(body, 0)) if body is not None else []
    parts += _comments(body) if body is not None and next(body.iter("{*}spreadsheet"), None) is None else []
    title = metadata.title or next((part.text for part in parts if part.kind == "aside"), None)
    article = document_article(parts, title, metadata, origin, media_type)
    if article is None:
        raise LoadError(f"the {what} has no text: write the article into it or remove it")
    headings = (part.text for part in parts if part.kind == "heading")
    return article if title else replace(article, title=next(headings, article.title))


def _raise(content: etree._Element, styles: etree._Element | None) -> None:
    """Write on the line, in place, what a style raises above it."""
    roots = [root for root in (styles, content) if root is not None]
    found = {
        value(style, "name")
        for root in roots
        for style in root.iter("{*}style")
        if any(_RAISED.match(value(node, "text-position")) for node in style.iterfind("{*}text-properties"))
    }
    for span in content.iter("{*}span"):
        if value(span, "style-name") in found and not len(span):
            span.text = raised(text_before(span), span.text or "", span.tail or "")


def _comments(body: etree._Element) -> Iterator[Part]:
    """What readers of the document wrote beside it, each with its author, under a heading."""
    heading: Part | None = Part("Comments", "heading")
    for comment in body.iter("{*}annotation"):
        author = one_line(next((node.text for node in comment.iterfind("{*}creator")), ""))
        for number, part in enumerate(_parts(comment, 0)):
            yield from [heading] if heading else ()
            heading = None
            is_first = number == 0 and author and not part.cells
            yield replace(part, text=f"{author}: {part.text}", kind="paragraph") if is_first else part


def _metadata(meta: etree._Element | None) -> Metadata:
    found: dict[str, str] = {}
    for node in meta.iter() if meta is not None else ():
        if (text := (node.text or "").strip()) and isinstance(node.tag, str):
            found.setdefault(local_name(node), text)
    days = (stamped_day(found.get(name)) for name in ("creation-date", "date"))
    return read_metadata(
        {
            "title": named_by_a_person(found.get("title")),
            "authors": found.get("initial-creator") or found.get("creator"),
            "published": next(filter(None, days), None),
            "language": found.get("language"),
            "tags": found.get("keyword"),
        }
    )


def _parts(element: etree._Element, depth: int) -> Iterator[Part]:
    for child in element if depth < _DEEPEST else ():
        name = local_name(child)
        if name in {"h", "p"}:
            yield from _paragraph(child, name, depth)
        elif name == "table":
            yield from _sheet(child) if local_name(element) == "spreadsheet" else _table(child, depth)
        elif name == "list-item":
            yield from as_item(_parts(child, depth + 1), child.get(SIGN, BULLET))
        elif name and name not in _NOT_READ:
            yield from _parts(child, depth + 1)


def _paragraph(element: etree._Element, name: str, depth: int) -> Iterator[Part]:
    apart: list[etree._Element] = []
    text = one_line(_text(element, apart, 0))
    if text:
        is_title = value(element, "style-name") == "Title"
        yield Part(text, "aside" if is_title else "heading" if name == "h" else "paragraph")
    for inner in apart:
        yield from picture(inner.text) if local_name(inner) == "desc" else _parts(inner, depth + 1)


def _text(element: etree._Element, apart: list[etree._Element], depth: int) -> str:
    """The words of a paragraph; notes, text boxes and descriptions of pictures in it are put ``apart``."""
    words = [element.text or ""]
    for child in element if depth < _DEEPEST else ():
        name = local_name(child)
        if name in {"note-body", "text-box", "desc"}:
            apart.append(child)
        elif name in _SPACES:
            words.append(" ")
        elif name and name not in _NOT_READ:
            words.append(_text(child, apart, depth + 1))
        words.append(child.tail or "")
    return "".join(words)


def _rows(table: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """The rows of a table, and whether they are repeated on each page because they name its columns."""
    for child in table:
        name = local_name(child)
        if name == "table-row":
            yield child, False
        elif name == "table-header-rows":
            yield from ((row, True) for row, _ in _rows(child))
        elif name in {"table-rows", "table-row-group"}:
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[tuple[int, int, etree._Element]]:
    """The number of the first column of each cell, how many columns it is repeated in, and the cell."""
    column = 0
    for cell in row:
        if local_name(cell) in {"table-cell", "covered-table-cell"}:
            times = _times(cell, "number-columns-repeated")
            yield column, times, cell
            column += times


def _times(element: etree._Element, name: str) -> int:
    given = value(element, name)
    return max(1, int(given)) if given.isdecimal() and len(given) < 9 else 1


def _table(table: etree._Element, depth: int) -> Iterator[Part]:
    rows = []
    for row, is_header in _rows(table):
        texts = []
        for column, times, cell in _cells(row):
            text = one_line(" ".join(part.text for part in _parts(cell, depth + 1)))
            texts += [text] * min(times, MOST_COLUMNS - min(column, MOST_COLUMNS))
        rows.append(Row(texts, is_header or None))
    yield from table_parts(rows)


def _sheet(table: etree._Element) -> Iterator[Part]:
    yield from sheet_parts(value(table, "name") or None, _sheet_rows(table))


def _sheet_rows(table: etree._Element) -> Iterator[tuple[int, Cells]]:
    number = 0
    for row, _ in _rows(table):
        texts = []
        for column, times, cell in _cells(row):
            text = " ".join(_text(line, [], 0) for line in cell if local_name(line) == "p")
            if text.strip():
                texts += [(at, text) for at in range(column, min(column + times, MOST_COLUMNS))]
        times = _times(row, "number-rows-repeated")
        if cells := filled(texts):
            for at in range(min(times, MOST_ROWS)):
                yield number + at, cells
        number += times
