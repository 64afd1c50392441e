"""Passages: whole sentences, within the budget, over every paragraph, never over a heading or a page."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.article import Article, Block, Passage
from index.building.chunker import chunk


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def letters(texts: Sequence[str]) -> list[int]:
    return [len("".join(text.split())) for text in texts]


def article(*parts: str, pages: Sequence[int | None] = ()) -> Article:
    """An article of paragraphs; a part that begins with ``#`` is a heading."""
    blocks, text = [], ""
    for at, part in enumerate(parts):
        kind: Literal["heading", "paragraph"] = "heading" if part.startswith("#") else "paragraph"
        part = part.lstrip("#")
        text += "\n\n" if text else ""
        blocks.append(Block(len(text), len(text) + len(part), kind, pages[at] if pages else None))
        text += part
    return Article(id="a", title="A", text=text, blocks=tuple(blocks))


def texts(article: Article, passages: Sequence[Passage]) -> list[str]:
    return [article.text[passage.start : passage.end] for passage in passages]


def test_passages_carry_the_first_300_code_points_of_a_heading() -> None:
    """Each passage keeps a copy: a heading of a megabyte over a long text would fill the disk."""
    long = article("#" + "storm " * 60, *["One is here. Two is here."] * 9)
    assert {passage.heading for passage in chunk(long, words, 8)} == {("storm " * 60)[:300].strip()}


def test_a_short_article_is_one_passage_over_its_paragraphs() -> None:
    short = article("One is here. Two is here.", "Three is here.")
    (passage,) = chunk(short, words, 20)
    assert passage == Passage("a:0-41", "a", 0, 41)
    assert texts(short, [passage]) == [short.text]


def test_neighbours_share_one_sentence() -> None:
    long = article("One is here. Two is here. Three is here. Four is here.")
    assert texts(long, chunk(long, words, 6)) == [
        "One is here. Two is here.",
        "Two is here. Three is here.",
        "Three is here. Four is here.",
    ]


def test_neighbours_share_nothing_when_two_sentences_exceed_the_budget() -> None:
    long = article("One is here. Two is here. Three is here.")
    assert texts(long, chunk(long, words, 4)) == ["One is here.", "Two is here.", "Three is here."]


def test_no_passage_goes_over_a_heading_and_each_knows_its_own() -> None:
    sections = article("Lead is here.", "#First", "One is here.", "#Empty", "#Second", "Two is here.", "Three is here.")
    passages = chunk(sections, words, 50)
    assert texts(sections, passages) == ["Lead is here.", "One is here.", "Two is here.\n\nThree is here."]
    assert [passage.heading for passage in passages] == [None, "First", "Second"]


def test_no_passage_goes_over_a_page() -> None:
    paged = article("One is here.", "Two is here.", "Three is here.", pages=[1, 1, 2])
    passages = chunk(paged, words, 50)
    assert [passage.page for passage in passages] == [1, 2]
    assert texts(paged, passages) == ["One is here.\n\nTwo is here.", "Three is here."]


def test_text_that_is_not_read_is_in_no_passage() -> None:
    text = "One is here.\n\nPhoto: Somebody\n\nTwo is here.\n- Three is here."
    starts = [text.index(word) for word in ("One", "Two", "Three")]
    blocks = tuple(Block(start, text.index(".", start) + 1) for start in starts)
    skipping = Article(id="a", title="A", text=text, blocks=blocks)
    assert texts(skipping, chunk(skipping, words, 50)) == ["One is here.", "Two is here.\n- Three is here."]


@pytest.mark.parametrize(
    ("gap", "count"), [("", 1), ("- ", 1), ("> - ", 1), ("*" * 12, 1), ("*" * 13, 2), ("Ann", 2), ("1.", 1)]
)
def test_marks_may_stand_between_the_paragraphs_of_a_passage_and_words_may_not(gap: str, count: int) -> None:
    text = f"One is here.\n{gap}Two is here."
    blocks = (Block(0, 12), Block(13 + len(gap), len(text)))
    assert len(chunk(Article(id="a", title="A", text=text, blocks=blocks), words, 50)) == count


def test_the_heading_takes_its_tokens_from_the_budget() -> None:
    section = article("#A heading", "One is here. Two is here.")
    assert len(chunk(section, words, 8)) == 1
    assert len(chunk(section, words, 7)) == 2


def test_a_long_heading_takes_half_of_the_budget_at_most() -> None:
    section = article("#" + "Very " * 30 + "long", "One is here. Two is here.")
    assert len(chunk(section, words, 12)) == 1
    assert len(chunk(section, words, 11)) == 1
    assert len(chunk(section, words, 10)) == 2


def test_a_sentence_of_just_the_budget_is_not_cut() -> None:
    def with_ends(texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + bool(text) for text in texts]

    sentence = article("One is here.")
    assert texts(sentence, chunk(sentence, with_ends, 4)) == ["One is here."]
    assert texts(sentence, chunk(sentence, with_ends, 3)) == ["One", "is", "here."]


@given(st.lists(st.integers(1, 8), min_size=1, max_size=12), st.integers(2, 12))
def test_neighbours_share_a_sentence_exactly_where_the_budget_lets_them(lengths: list[int], budget: int) -> None:
    lengths = [min(length, budget) for length in lengths]
    told = [" ".join(["Word", *["word"] * (length - 1)]) + "." for length in lengths]
    whole = article(" ".join(told))
    starts = [sum(len(sentence) + 1 for sentence in told[:at]) for at in range(len(told))]
    ends = [start + len(sentence) for start, sentence in zip(starts, told, strict=True)]
    for before, after in pairwise(chunk(whole, words, budget)):
        last = ends.index(before.end)
        shared = lengths[last] + lengths[last + 1] <= budget
        assert after.start == starts[last if shared else last + 1]


@given(st.lists(st.integers(1, 6), min_size=2, max_size=9), st.integers(6, 15))
def test_a_long_sentence_becomes_as_few_and_as_equal_pieces_as_can_be(lengths: list[int], budget: int) -> None:
    assume(sum(lengths) > budget)
    long = article(" ".join("x" * length for length in lengths))
    found = letters(texts(long, chunk(long, letters, budget)))
    cuts = [cut for count in range(len(lengths)) for cut in combinations(range(1, len(lengths)), count)]
    ways = [[sum(lengths[low:high]) for low, high in pairwise((0, *cut, len(lengths)))] for cut in cuts]
    within = [way for way in ways if max(way) <= budget]
    fewest = min(map(len, within))
    assert len(found) == fewest
    assert max(found) == min(max(way) for way in within if len(way) == fewest)


def test_the_last_passage_is_not_tiny() -> None:
    long = article(" ".join(f"Number {at} is here now." for at in range(11)))
    lengths = words(texts(long, chunk(long, words, 50)))
    assert max(lengths) - min(lengths) <= 5


def test_a_sentence_over_the_budget_is_cut_between_words_into_equal_pieces_of_its_own() -> None:
    long = article("Short is here. " + "Very " * 21 + "long. Short again.")
    found = texts(long, chunk(long, words, 10))
    assert found[0] == "Short is here."
    assert found[-1] == "Short again."
    assert words(found[1:-1]) == [8, 8, 6]


def test_a_word_over_the_budget_is_cut_anywhere_but_before_a_combining_mark() -> None:
    long = article("e\u0301" * 15)
    found = texts(long, chunk(long, letters, 8))
    assert "".join(found) == long.text
    assert all(len(piece) <= 8 and piece[0] == "e" for piece in found)


def test_a_character_of_more_tokens_than_the_budget_is_a_passage() -> None:
    def in_bytes(texts: Sequence[str]) -> list[int]:
        return [len(text.encode()) for text in texts]

    signs = article("中文a")
    assert texts(signs, chunk(signs, in_bytes, 2)) == ["中", "文", "a"]


def test_a_word_that_is_combining_marks_from_its_middle_on_is_cut_there() -> None:
    long = article("e" + "\u0301" * 9)
    assert texts(long, chunk(long, letters, 5)) == [long.text[:5], long.text[5:]]


def test_tokens_are_counted_in_one_call() -> None:
    calls = []

    def count(batch: Sequence[str]) -> list[int]:
        calls.append(len(batch))
        return words(batch)

    chunk(article("#Head", "One is here. Two is here.", "#Next", "Three is here."), count, 20)
    assert len(calls) == 1


def test_an_article_without_paragraphs_has_no_passage() -> None:
    assert chunk(article("#Only a heading"), words, 10) == []


def test_a_budget_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="must be 1 or more"):
        chunk(article("One."), words, 0)


paragraph = st.text(
    st.one_of(st.sampled_from("ab. ?!\"'A1 \u3002\u0301\u200d😀\u2028\t"), st.characters(exclude_categories=["Cs"])),
    max_size=120,
).filter(lambda text: text.strip() and not text.startswith("#"))
parts = st.lists(st.one_of(paragraph.map(str.strip), st.just("#Heading")), max_size=6)


@given(parts, st.integers(1, 30), st.sampled_from([words, letters]))
def test_passages_cover_every_paragraph_in_order_and_within_the_budget(parts: list[str], budget: int, count) -> None:  # type: ignore[no-untyped-def]
    whole = article(*(part for part in parts if part.strip("#").strip()))
    passages = chunk(whole, count, budget)
    assert passages == chunk(whole, count, budget)
    covered = {at for passage in passages for at in range(passage.start, passage.end)}
    for block in whole.blocks:
        inside = {at for at in range(block.start, block.end) if not whole.text[at].isspace()}
        assert inside <= covered if block.kind == "paragraph" else not inside & covered
    for passage in passages:
        text = whole.text[passage.start : passage.end]
        assert text == text.strip() != ""
        assert passage.id == f"a:{passage.start}-{passage.end}"
        room = max(budget - (count([passage.heading])[0] if passage.heading else 0), (budget + 1) // 2)
        assert count([text])[0] <= room or len(text) == 1
    for before, after in pairwise(passages):
        assert before.start < after.start
        assert before.end < after.end


def mills(*cells: str) -> Article:
    names = Block(0, 12, "columns", cells=((0, 4), (7, 12)))
    text, spans = "Mill | Sails\n\n", []
    for number, cell in enumerate(cells):
        text += " | " if number else ""
        spans.append((len(text), len(text) + len(cell)))
        text += cell
    row = Block(14, len(text), "row", cells=tuple(spans), header=0)
    text += "\n\nIt rained."
    return Article("a", "A", text, (names, row, Block(len(text) - 10, len(text))))


def test_a_row_is_a_passage_and_the_names_of_columns_are_none() -> None:
    table = mills("North", "four")
    assert texts(table, chunk(table, words, 20)) == ["North | four", "It rained."]


def test_a_row_that_exceeds_the_budget_is_cut_between_cells_and_a_cell_between_words() -> None:
    table = mills("North", "a b c", "d e f g h i j k")
    assert texts(table, chunk(table, words, 8)) == ["North | a b c", "d e f g", "h i j k", "It rained."]
