"""Tables: rows on a line each, every cell in its column, and the row that names the columns."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index.parsing.parts import Part, one_line

MOST_ROWS = 20_000
"""Rows of a table that are read."""
_LONGEST_NAME = 80
"""Code points of the name of a column."""
_LONGEST_CELL = 200
"""Code points of a cell of a single row that is no layout."""
_FIGURE = re.compile(r"[\W\d_]*\d[\W\d_]*(?:\w{1,3}\W*)?")
"""A number, with its sign of currency or unit."""
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_MOST_HEADER_ROWS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, one a column, empty ones too; ``is_header`` is None where the document doesn't tell."""

    cells: Sequence[str]
    is_header: bool | None = None
    page: int | None = None


def table_parts(rows: Sequence[Row]) -> Iterator[Part]:
    """The parts of a table: its columns' names, where there are any, and a part for each row that has any text.

    A table of one column is a list, and a row of long texts a layout: they become paragraphs.
    """
    rows = [Row([one_line(cell) for cell in row.cells], row.is_header, row.page) for row in rows]
    rows = [row for row in rows if any(row.cells)]
    is_list = max((sum(map(bool, row.cells)) for row in rows), default=0) < 2
    if is_list or (len(rows) == 1 and max(map(len, rows[0].cells)) > _LONGEST_CELL):
        yield from (Part(cell, page=row.page) for row in rows for cell in row.cells if cell)
        return
    while len(rows) > 2 and _is_title(rows[0], rows[1]):
        yield Part(rows[0].cells[0], page=rows[0].page)
        rows = rows[1:]
    height = _header_height(rows)
    header = _row(_joined(rows[:height]), "columns", rows[0].page) if height else None
    if header:
        yield header
    for row in rows[height:]:
        yield _row(row.cells, "row", row.page, header)


def has_no_figures(names: Sequence[str]) -> bool:
    """Tell what may name columns: texts and years, and no other numbers."""
    return not any(_FIGURE.fullmatch(name) and (at == 0 or not _YEAR.fullmatch(name)) for at, name in enumerate(names))


def _row(cells: Sequence[str], kind: Literal["columns", "row"], page: int | None, header: Part | None = None) -> Part:
    spans, text = [], ""
    for number, cell in enumerate(cells):
        text += " |" if number and text else "|" if number else ""
        start = len(text) + bool(text and cell)
        text += f" {cell}" if text and cell else cell
        spans.append((start, start + len(cell)))
    return Part(text, kind, page, tuple(spans), header)


def _is_title(first: Row, second: Row) -> bool:
    """Tell a row over all columns, which names the table, from one that names columns."""
    filled = [cell for cell in first.cells if cell]
    return bool(first.cells[0]) and len(set(filled)) == 1 < len(first.cells) and sum(map(bool, second.cells)) > 1


def _header_height(rows: Sequence[Row]) -> int:
    """How many rows at the top name the columns."""
    height = 0
    while height < min(len(rows) - 1, _MOST_HEADER_ROWS) and rows[height].is_header:
        height += 1
    if height or any(row.is_header is False for row in rows[:1]):
        return height
    return int(_names_columns(rows[0].cells, rows[1:]))


def _names_columns(first: Sequence[str], rest: Sequence[Row]) -> bool:
    """Tell a row of names by its words: it has no figures but years, and stands over columns that are of another kind.

    The names in two columns may as well be the first of two columns of words, so there the columns have to tell.
    """
    names = [name for name in first if name]
    if (
        len(first) < 2
        or len(names) < len(first) - 1
        or len(set(names)) < len(names)
        or max(map(len, names)) > _LONGEST_NAME
    ):
        return False
    if not has_no_figures(first):
        return False
    if len(first) > 2 or not first[0]:
        return True
    cells = [row.cells[1] for row in rest if len(row.cells) > 1 and row.cells[1]]
    return not _has_digit(first[1]) and sum(map(_has_digit, cells)) * 2 > len(cells)


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _joined(rows: Sequence[Row]) -> list[str]:
    """The names of columns over several rows: each with what stands above it."""
    width = max(len(row.cells) for row in rows)
    columns = [[row.cells[at] if at < len(row.cells) else "" for row in rows] for at in range(width)]
    return [" ".join(dict.fromkeys(filter(None, column))) for column in columns]
