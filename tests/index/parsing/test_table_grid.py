"""Cells that span rows and columns stand in each, and rows of names become one."""

from itertools import repeat

import lxml.html
import pytest

from index.parsing.table_grid import settle


def grid(rows: str) -> list[list[str]]:
    tree = lxml.html.document_fromstring(f"<table>{rows}</table>")
    settle(tree)
    return [[cell.text_content().strip() for cell in row] for row in tree.iter("tr")]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("<tr><td rowspan=2>a<td>b<tr><td>c", [["a", "b"], ["a", "c"]]),
        ("<tr><td>a<td rowspan=3>b<tr><td>c<tr><td>d", [["a", "b"], ["c", "b"], ["d", "b"]]),
        ("<tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e", [["a", "", "b"], ["c", "d", "e"]]),
        ("<tr><td rowspan=2 colspan=2>a<td>b<tr><td>c", [["a", "", "b"], ["a", "", "c"]]),
        (
            "<thead><tr><th rowspan=2>M<th colspan=2>S<tr><th>1<th>2</thead><tr><td>a<td>b<td>c",
            [["M", "S 1", "S 2"], ["a", "b", "c"]],
        ),
    ],
)
def test_every_row_has_its_cells(rows: str, wanted: list[list[str]]) -> None:
    assert grid(rows) == wanted


def test_spans_cost_no_more_than_a_bound() -> None:
    bomb = "".join(repeat("<tr><td rowspan=60000 colspan=60000>x", 300))
    assert sum(map(len, grid(bomb))) <= 200_000
