"""Tables of HTML as grids: a cell in each row and column that it spans, and one row of names above them."""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

_TABLES = etree.XPath("//*[local-name() = 'table']")
_WIDEST = 1000
"""Columns."""
_MOST_ADDED = 100_000
"""Cells that are added to the tables of a document."""
_MOST_HEADER_ROWS = 3
_FLOW = {"p", "div", "h2", "h3", "h4", "ul", "ol", "table", "br", "blockquote"}
_LEAST_FLOW = 3
"""Paragraphs and the like in a cell that may be a column of the page."""
_LONG = 300
"""Code points of the text of such a cell."""
_NUMBERS = re.compile(r"line-?no|line-?num|gutter|blob-num", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


def settle(tree: etree._Element) -> None:
    """Give every row of the tables in a tree its cells, in place.

    What a cell says that spans rows stands in each of them; what one says that spans columns stands in the first, or in
    each if it names them. The rows of names on top of a table become one. A table that only arranges a page is none.
    """
    left = _MOST_ADDED
    for table in _TABLES(tree):
        _drop_line_numbers(table)
        if _arranges(table):
            _dissolve(table)
            continue
        _put_caption_before(table)
        rows = list(_rows(table))
        _flatten_lists(rows)
        left = _spread(rows, left)
        _join_headers(rows)


def is_header(row: etree._Element) -> bool:
    """Tell a row that names columns."""
    cells = [cell for cell in _cells(row) if _text(cell)]
    parent = row.getparent()
    in_head = parent is not None and local(parent) == "thead"
    return bool(cells) and (in_head or (len(cells) > 1 and all(local(cell) == "th" for cell in cells)))


def local(element: etree._Element) -> str:
    """The local name of an element in lower case; empty for comments and instructions."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _put_caption_before(table: etree._Element) -> None:
    """Make a paragraph before the table of its caption, which would be a row above the names of the columns."""
    caption = next((child for child in table if local(child) == "caption"), None)
    if caption is not None and table.getparent() is not None:
        caption.tag, caption.tail = _like(caption, "p"), None
        table.addprevious(caption)


def _drop_line_numbers(table: etree._Element) -> None:
    """Take away the cells beside code that number its lines."""
    for row in _rows(table):
        cells = _cells(row)
        for cell in cells if len(cells) > 1 else ():
            if _NUMBERS.search(cell.get("class") or "") and not _LETTER.search(_text(cell)):
                row.remove(cell)


def _arranges(table: etree._Element) -> bool:
    """Tell a table that is for looks alone: it says so, holds code, or has the headline or the text of the page."""
    cells = [cell for row in _rows(table) for cell in _cells(row)]
    if (table.get("role") or "").lower() in {"presentation", "none"}:
        return True
    if any(local(inner) == "h1" or (local(inner) == "pre" and len(cells) < 3) for cell in cells for inner in cell):
        return True
    if any(local(cell) == "th" for cell in cells):
        return False
    lengths = [len(_text(cell)) if sum(local(inner) in _FLOW for inner in cell) >= _LEAST_FLOW else 0 for cell in cells]
    longest = max(lengths, default=0)
    return longest >= _LONG and 2 * longest > len(_text(table))


def _flatten_lists(rows: Sequence[etree._Element]) -> None:
    """Make paragraphs of the items of lists in cells."""
    for row in rows:
        for cell in _cells(row):
            for item in cell.iter("{*}li", "{*}dd", "{*}dt"):
                item.tag = _like(item, "p")
            etree.strip_tags(cell, "{*}ul", "{*}ol", "{*}dl")


def _dissolve(table: etree._Element) -> None:
    """Make sections of a table, its rows and its cells."""
    rows = list(_rows(table))
    groups = [part for part in table if local(part) in {"thead", "tbody", "tfoot"}]
    for element in [table, *groups, *rows, *(cell for row in rows for cell in _cells(row))]:
        element.tag = _like(element, "div")


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table, not those of tables in it."""
    for child in table:
        name = local(child)
        if name == "tr":
            yield child
        elif name in {"thead", "tbody", "tfoot"}:
            yield from (row for row in child if local(row) == "tr")


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row if local(cell) in {"td", "th"}]


def _spread(rows: Sequence[etree._Element], left: int) -> int:
    """Add the cells that spans stand for; ``left`` is how many may still be added."""
    above: dict[int, tuple[etree._Element, int]] = {}
    for row in rows:
        column = 0
        for cell in [*_cells(row), None]:
            while left > 0 and column in above and column < _WIDEST:
                hanging, more = above.pop(column)
                if more > 1:
                    above[column] = hanging, more - 1
                added = _copy(hanging, True)
                if cell is None:
                    row.append(added)
                else:
                    cell.addprevious(added)
                column += 1
                left -= 1
            if cell is None:
                break
            rowspan, colspan = _span(cell, "rowspan"), _span(cell, "colspan")
            for number in range(min(colspan, _WIDEST - column, max(1, left))):
                here = cell
                if number:
                    here = _copy(cell, local(cell) == "th" or is_header(row))
                    row.insert(row.index(cell) + number, here)
                    left -= 1
                if rowspan > 1 and left > 0:
                    above[column] = here, rowspan - 1
                column += 1
    return left


def _span(cell: etree._Element, name: str) -> int:
    """How many rows or columns a cell spans; the attribute is taken away."""
    given = cell.attrib.pop(name, "1").strip()
    return max(1, int(given)) if given.isdecimal() and len(given) < 6 else 1


def _copy(cell: etree._Element, with_text: bool) -> etree._Element:
    added = etree.Element(cell.tag)
    if with_text:
        added.text = _text(cell)
    return added


def _text(cell: etree._Element) -> str:
    return " ".join("".join(map(str, cell.itertext())).split())


def _join_headers(rows: Sequence[etree._Element]) -> None:
    """Make the rows of names on top one row."""
    height = 0
    while height < min(len(rows) - 1, _MOST_HEADER_ROWS) and is_header(rows[height]):
        height += 1
    if height < 2:
        return
    columns: list[list[str]] = []
    for row in rows[:height]:
        for at, cell in enumerate(_cells(row)):
            columns += [[] for _ in range(at + 1 - len(columns))]
            columns[at].append(_text(cell))
    for cell in list(rows[0]):
        rows[0].remove(cell)
    for names in columns:
        cell = etree.SubElement(rows[0], _like(rows[0], "th"))
        cell.text = " ".join(dict.fromkeys(filter(None, names)))
    for row in rows[1:height]:
        above = row.getparent()
        if above is not None:
            above.remove(row)


def _like(element: etree._Element, name: str) -> str:
    space = etree.QName(element).namespace
    return f"{{{space}}}{name}" if space else name
