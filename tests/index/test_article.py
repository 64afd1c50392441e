import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import (
    ARTICLE_ID,
    Article,
    Block,
    Passage,
    article_id,
    canonical,
    searchable,
    storable,
)
from index.passage_text import embedded_text

ANY_TEXT = st.text(st.characters(codec=None))


@given(ANY_TEXT)
def test_storable_text_keeps_every_offset(text: str) -> None:
    stored = storable(text)
    assert len(stored) == len(text)
    assert stored.encode().decode() == stored
    assert "\0" not in stored


@given(ANY_TEXT)
def test_canonical_text_is_composed_and_stays_so(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@given(st.text(st.characters(codec=None), min_size=1))
def test_an_id_made_from_any_key_is_usable_and_stable(key: str) -> None:
    assert ARTICLE_ID.fullmatch(article_id(key))
    assert article_id(key) == article_id(key)


def test_ids_of_files_of_one_name_in_two_folders_differ() -> None:
    assert article_id("a/report.txt") != article_id("b/report.txt")
    assert article_id("a/report.txt").startswith("report-")


def test_the_hash_is_that_of_the_text() -> None:
    one, other = Article("a", "Title", "text"), Article("b", "Another", "text")
    assert one.sha256 == other.sha256
    assert one.sha256 == "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"


@pytest.mark.parametrize("identifier", ["", "-a", "a/b", "a b", "x" * 129, "é"])
def test_an_id_that_is_not_safe_in_a_path_is_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match="is not usable"):
        Article(identifier, "Title", "text")


@pytest.mark.parametrize("blocks", [((0, 9),), ((0, 2), (1, 3)), ((2, 2),), ((2, 4), (0, 1))])
def test_blocks_out_of_order_or_bounds_are_refused(blocks: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="overlaps or leaves the text"):
        Article("a", "Title", "text", tuple(Block(*block) for block in blocks))


def test_what_is_embedded_has_no_characters_that_are_not_seen() -> None:
    text = "The har\u00adbour\u200b wall\u2060."
    article = Article("a", "Walls", text, (Block(0, len(text)),))
    assert embedded_text(article, Passage("a:0", "a", 0, len(text))) == "Walls\nThe harbour wall."


@given(st.text())
def test_searchable_text_is_the_text_without_what_is_not_seen(text: str) -> None:
    assert searchable(text) == "".join(sign for sign in text if sign not in "\u00ad\u200b\u2060\ufeff")
