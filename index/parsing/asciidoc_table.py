"""Tables of AsciiDoc: which cell stands in which column, and where in the source.

Syntax: https://docs.asciidoctor.org/asciidoc/latest/tables/build-a-basic-table/
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.article import Block
from index.parsing.markdown_marks import UNSEEN, Edits

Span = tuple[int, int]

_COLUMNS = re.compile(r"cols\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s,\]]+))")
_HEADER = re.compile(r"%[\w.%]*header|opt(?:ion)?s?\s*=\s*\"?[^\"\]]*header")
_NO_HEADER = re.compile(r"%[\w.%]*noheader")
_FORMAT = re.compile(r"format\s*=\s*\"?(csv|tsv|dsv|psv)")
_TIMES = re.compile(r"(\d{1,3})\*")
_ESCAPED = re.compile(r"\\(?=[|!])")
_CELL = re.compile(
    r"(?:(?<![^\s|!])(?:(?:(?P<times>\d{1,3})\*)|(?:(?P<columns>\d{1,3})?(?:\.(?P<rows>\d{1,4}))?\+))?"
    r"(?:[<^>])?(?:\.[<^>])?(?P<style>[adehlmsv])?)?(?<!\\)(?P<bar>[|!])"
)
_SEPARATORS = {"csv": ",", ",": ",", "tsv": "\t", "dsv": ":", ":": ":"}
_MOST_COLUMNS = 500
_EMPTY: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class _Cell:
    start: int
    end: int
    columns: int = 1
    rows: int = 1


def table_blocks(
    source: str, lines: Sequence[Span], attributes: str, sign: str, number: int
) -> tuple[list[Block], Edits]:
    """The rows of a table, and the marks before its cells.

    :param lines: those between its delimiters.
    :param attributes: the lines in brackets before it.
    :param sign: the first of its delimiter.
    :param number: of its first block among those of the article.
    """
    form = _FORMAT.search(attributes)
    separator = _SEPARATORS.get(form[1] if form else sign)
    filled = [line for line in lines if source[slice(*line)].strip()]
    edits: Edits = {}
    if not filled:
        return [], edits
    if separator:
        rows = [_separated(source, line, separator) for line in filled]
    else:
        cells = list(_cells(source, lines, "!" if sign == "!" else "|", edits))
        rows = list(_rows(cells, _width(attributes) or _first_width(filled[0], cells)))
    is_set_off = lines[:1] == filled[:1] and lines[1:2] != filled[1:2]
    names_columns = (
        len(rows) > 1 and not _NO_HEADER.search(attributes) and bool(is_set_off or _HEADER.search(attributes))
    )
    blocks: list[Block] = []
    for row in rows:
        written = [cell for cell in row if cell[0] < cell[1]]
        if not written:
            continue
        is_header = names_columns and not blocks
        header = number if names_columns and not is_header else None
        ends = max(end for _, end in written)
        blocks.append(
            Block(
                written[0][0],
                ends,
                "columns" if is_header else "row",
                cells=tuple(_inside(row, written)),
                header=header,
            )
        )
    return blocks, edits


def _inside(row: Sequence[Span], written: Sequence[Span]) -> Iterator[Span]:
    """The cells of a row; the empty ones where the row begins, or the cell before them ends."""
    at = written[0][0]
    for low, high in row:
        if low < high:
            at = high
            yield low, high
        else:
            yield at, at


def _width(attributes: str) -> int | None:
    """How many columns a table is said to have."""
    found = _COLUMNS.search(attributes)
    if not found:
        return None
    given = next(group for group in found.groups() if group is not None)
    if given.strip().isdecimal():
        return min(int(given), _MOST_COLUMNS)
    columns = re.split(r"[,;]", given)
    return min(sum(int(match[1]) if (match := _TIMES.match(each.strip())) else 1 for each in columns), _MOST_COLUMNS)


def _first_width(first: Span, cells: Sequence[_Cell]) -> int:
    """As many as the first line has."""
    return max(1, sum(cell.columns for cell in cells if first[0] <= cell.start <= first[1]))


def _cells(source: str, lines: Sequence[Span], sign: str, edits: Edits) -> Iterator[_Cell]:
    low, high = lines[0][0], lines[-1][1]
    found = [match for match in _CELL.finditer(source, low, high) if match["bar"] == sign]
    for match, following in zip(found, [*found[1:], None], strict=True):
        edits[match.start()] = UNSEEN * (match.end("bar") - 1 - match.start()) + sign
        start, end = match.end(), following.start() if following else high
        while start < end and source[start].isspace():
            start += 1
        while start < end and source[end - 1].isspace():
            end -= 1
        edits |= {escape.start(): UNSEEN for escape in _ESCAPED.finditer(source, start, end)}
        yield _Cell(start, end, int(match["columns"] or match["times"] or 1), int(match["rows"] or 1))


def _rows(cells: Sequence[_Cell], width: int) -> Iterator[list[Span]]:
    """The cells by rows: those that span columns or rows leave the places that they cover empty."""
    covered: dict[int, int] = {}
    """How many rows more a cell above covers a column."""
    row: list[Span] = []
    for cell in cells:
        _fill(row, covered, width)
        for column in range(max(1, min(cell.columns, width - len(row)))):
            covered[len(row)] = cell.rows - 1
            row.append((cell.start, cell.end) if column == 0 else _EMPTY)
        _fill(row, covered, width)
        if len(row) >= width:
            yield row
            row = []
    if row:
        yield row


def _fill(row: list[Span], covered: dict[int, int], width: int) -> None:
    """Leave the columns empty that a cell above covers."""
    while len(row) < width and covered.get(len(row)):
        covered[len(row)] -= 1
        row.append(_EMPTY)


def _separated(source: str, line: Span, separator: str) -> list[Span]:
    """The cells of a line of separated values, without the quote marks around them."""
    text = source[slice(*line)]
    values = next(csv.reader([text], delimiter=separator), [])
    spans, at = [], 0
    for value in values:
        words = value.strip()
        found = text.find(words, at)
        if found < 0 or not words:
            spans.append(_EMPTY)
        else:
            spans.append((line[0] + found, line[0] + found + len(words)))
            at = found + len(words)
        at = max(text.find(separator, at) + 1, at)
    return spans
