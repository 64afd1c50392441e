"""Sheets of spreadsheets: tables, and the lines above and between them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from index.parsing.parts import Part, one_line
from index.parsing.tables import MOST_ROWS, Row, table_parts

MOST_COLUMNS = 500
"""Columns of a sheet that are read."""

_PROGRAMS_NAME = re.compile(r"\D{1,12}\s?\d{1,3}")
"""A name that a program gave: Sheet1, Tabelle1, Feuil1."""

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


def written_name(name: str) -> str | None:
    """The name of a sheet, unless a program gave it."""
    return None if _PROGRAMS_NAME.fullmatch(name) else name


def too_long(name: str, rows: int) -> list[str]:
    """What is told of a sheet that is not read to its end."""
    return [f"sheet {name!r}: {MOST_ROWS:,} of {rows:,} rows are read, divide it"] if rows > MOST_ROWS else []


def hidden(number: int, sheets: int) -> list[str]:
    """What is told of so many sheets that are not shown."""
    return [f"hidden sheets are left out ({number} of {sheets})"] if number else []
