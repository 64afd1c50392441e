"""What is read of a passage: of a row, each cell behind the name of its column; every character where it stands."""

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Block, Passage, searchable
from index.parsing.parts import assemble
from index.parsing.tables import Row, table_parts
from index.passage_text import embedded_text, passage_text

CELLS = st.text("ab 7.", max_size=6)


def article(rows: list[list[str]]) -> Article:
    text, blocks = assemble(list(table_parts([Row(cells) for cells in rows])))
    return Article("a", "Mills", text, blocks)


def passage(article: Article, number: int) -> Passage:
    block = article.blocks[number]
    return Passage("p", "a", block.start, block.end)


def test_a_row_is_read_with_the_names_of_its_columns() -> None:
    mills = article([["Mill", "Sails", "Built"], ["North", "4", "1790"], ["South", "", "1802"]])
    assert [block.kind for block in mills.blocks] == ["columns", "row", "row"]
    assert passage_text(mills, passage(mills, 1)).text == "Mill: North; Sails: 4; Built: 1790"
    assert passage_text(mills, passage(mills, 2)).text == "Mill: South; Built: 1802"
    assert embedded_text(mills, passage(mills, 2)) == "Mills\nMill: South; Built: 1802"


def test_a_table_without_names_is_read_by_its_cells() -> None:
    width = article([["Width", "60 cm"], ["Height", "80 cm"]])
    assert [block.kind for block in width.blocks] == ["row", "row"]
    assert passage_text(width, passage(width, 0)).text == "Width; 60 cm"


def test_a_part_of_a_row_is_read_with_its_first_cell() -> None:
    mills = article([["Mill", "Sails", "Built"], ["North", "4", "1790"]])
    built = mills.blocks[1].cells[2]
    read = passage_text(mills, Passage("p", "a", *built))
    assert read.text == "Mill: North; Built: 1790"


def test_what_is_not_seen_is_not_read_and_moves_nothing() -> None:
    text = "The \u2060\u2060north\u2060\u2060 mill."
    marked = Article("a", "A", text, (Block(0, len(text)),))
    read = passage_text(marked, Passage("p", "a", 0, len(text)))
    assert read.text == "The north mill."
    place = read.place(4, 9)
    assert place
    assert text[slice(*place)] == "north"


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_each_answerable_stretch_is_a_cell_of_the_article(rows: list[list[str]]) -> None:
    table = article(rows)
    for number, block in enumerate(table.blocks):
        if block.kind == "columns":
            continue
        read = passage_text(table, passage(table, number))
        for start, end in read.answerable:
            place = read.place(start, end)
            assert place
            assert searchable(table.text[slice(*place)]) == read.text[start:end]
            assert block.start <= place[0] <= place[1] <= block.end
