"""Sheets of spreadsheets: tables, and the lines above and between them."""

from collections.abc import Iterator, Mapping, Sequence

from index.parsing.parts import Part, one_line
from index.parsing.tables import MOST_ROWS, Row, table_parts

MOST_COLUMNS = 500
"""Columns of a sheet that are read."""

Cells = Mapping[int, str]
"""The texts of a row by the number of their column, from 0."""


def sheet_parts(name: str | None, rows: Iterator[tuple[int, Cells]]) -> Iterator[Part]:
    """The parts of a sheet: its name as a heading, and what stands between two empty rows as a table.

    :param rows: rows that are not empty, each with its number; at most :data:`MOST_ROWS` are read.
    """
    is_named = False
    for block in _blocks(rows):
        if name and not is_named:
            yield Part(one_line(name), "heading")
            is_named = True
        while block and len(block[0]) == 1 and len(block) > 1:
            yield Part(one_line(next(iter(block.pop(0).values()))))
        columns = sorted({column for row in block for column in row if column < MOST_COLUMNS})
        yield from table_parts([Row([row.get(column, "") for column in columns]) for row in block])


def _blocks(rows: Iterator[tuple[int, Cells]]) -> Iterator[list[Cells]]:
    block: list[Cells] = []
    before = 0
    for count, (number, row) in enumerate(rows):
        if count >= MOST_ROWS:
            break
        if block and number > before + 1:
            yield block
            block = []
        before = number
        block.append(row)
    if block:
        yield block


def filled(cells: Sequence[tuple[int, str]]) -> Cells:
    """The cells that have any text."""
    return {column: text for column, text in cells if text.strip()}
