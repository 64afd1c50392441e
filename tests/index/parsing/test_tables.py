"""Tables: which row names the columns, and what is no table."""

import pytest

from index.parsing.parts import Part
from index.parsing.tables import Row, table_parts


def kinds(*rows: list[str]) -> list[str]:
    return [part.kind for part in table_parts([Row(cells) for cells in rows])]


@pytest.mark.parametrize(
    ("first", "second", "has_names"),
    [
        (["Mill", "2021", "2022"], ["North", "4", "5"], True),
        (["", "Oats", "Rye"], ["North", "4", "5"], True),
        (["Mill", "Miller", "Road"], ["North", "Ann", "East"], True),
        (["Mill", "Sails"], ["North", "4"], True),
        (["North", "4", "5"], ["South", "4", "7"], False),
        (["Name", "Ann"], ["Trade", "miller"], False),
        (["Width", "60 cm"], ["Height", "80 cm"], False),
        (["Mill", "Mill", "Road"], ["North", "Ann", "East"], False),
    ],
)
def test_names_are_told_from_figures(first: list[str], second: list[str], has_names: bool) -> None:
    assert kinds(first, second) == ["columns" if has_names else "row", "row"]


def test_what_a_document_tells_of_its_names_counts() -> None:
    rows = [Row(["Name", "Ann"], True), Row(["Trade", "miller"])]
    assert [part.kind for part in table_parts(rows)] == ["columns", "row"]


def test_names_over_two_rows_are_one() -> None:
    rows = [Row(["", "Sails", "Sails"], True), Row(["Mill", "2021", "2022"], True), Row(["North", "4", "5"])]
    columns, row = table_parts(rows)
    assert columns.text == "Mill | Sails 2021 | Sails 2022"
    assert row.header is columns


def test_a_cell_knows_its_place() -> None:
    (row,) = table_parts([Row(["", "7", "", "9"])])
    assert row.text == "| 7 | | 9"
    assert [row.text[slice(*cell)] for cell in row.cells] == ["", "7", "", "9"]


def test_one_column_and_one_row_of_long_texts_are_paragraphs() -> None:
    assert list(table_parts([Row(["One"]), Row(["Two"])])) == [Part("One"), Part("Two")]
    assert list(table_parts([Row(["Menu", "word " * 50])])) == [Part("Menu"), Part(("word " * 50).strip())]
