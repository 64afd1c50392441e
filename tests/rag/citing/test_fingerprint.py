"""A quote is found again by a fingerprint of its words alone."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.article import Article, Block, Passage
from rag.citing.citation import cite
from rag.citing.fingerprint import LONGEST, find_fingerprint, fingerprint
from tests.support.hostile import an_end

TEXT = "The ferry was late. Ada Finch waited on the pier. Nobody else came."
WAITED = "Ada Finch waited on the pier."


def test_the_words_are_found_wherever_they_moved() -> None:
    moved = f"Corrected on Monday.\n\n{TEXT}"
    assert find_fingerprint(moved, fingerprint(WAITED), len(WAITED), TEXT.index(WAITED)) == moved.index(WAITED)


def test_other_words_are_not_found() -> None:
    changed = TEXT.replace("waited", "walked")
    assert find_fingerprint(changed, fingerprint(WAITED), len(WAITED), 20) is None
    assert find_fingerprint(TEXT, fingerprint(WAITED), len(WAITED) - 1, 20) is None


@pytest.mark.parametrize("near", [0, 30, 10**9])
def test_of_the_same_words_in_several_places_the_nearest_is_found(near: int) -> None:
    text = " ".join([WAITED] * 3)
    places = [0, 30, 60]
    assert find_fingerprint(text, fingerprint(WAITED), len(WAITED), near) == min(places, key=lambda at: abs(at - near))


@pytest.mark.parametrize("length", [0, -5, 10**12, LONGEST + 1])
def test_a_length_that_no_quote_has_is_not_looked_for(length: int) -> None:
    assert find_fingerprint("word " * LONGEST, fingerprint("word"), length) is None


def test_a_long_text_takes_no_long_time() -> None:
    text = "Nothing of that kind is said here, or anywhere else. " * 20_000
    with an_end(20):
        assert find_fingerprint(text, fingerprint(WAITED), LONGEST) is None
        assert find_fingerprint(text, fingerprint(WAITED), len(WAITED)) is None


_SENTENCES = st.lists(
    st.sampled_from(["It rained.", "“Why?” she asked.", "他们来了。", "Ποιος ήρθε;", "3.5 m, at 7."]), min_size=1
)


@given(before=_SENTENCES, after=_SENTENCES, gap=st.sampled_from([" ", "\n\n", ""]), at=st.integers(0, 50))
def test_any_quote_is_found_behind_new_sentences(before: list[str], after: list[str], gap: str, at: int) -> None:
    """Between sentences of any script, with and without spaces."""
    text = " ".join(before)
    at %= len(text)
    assume(not text[at].isspace())
    article = Article("a", "", text, blocks=(Block(0, len(text)),))
    citation = cite(article, Passage("p", "a", 0, len(text)), at, at + 1, "v")
    new = " ".join(after) + gap + text
    found = find_fingerprint(new, fingerprint(citation.quote), len(citation.quote), citation.quote_start)
    assert found is not None
    assert new[found : found + len(citation.quote)] == citation.quote
