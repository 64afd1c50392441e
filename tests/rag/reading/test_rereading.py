"""Reading twice: which passages are read again, and what is kept of the first reading."""

import pytest

from rag.reading.reader import SHIPPED, Reader
from rag.reading.rereading import FOUND, RereadingReader

QUESTION = "Who painted the harbour?"
TEXTS = [
    "The market opens at nine and closes at noon.",
    "Ines Marlow painted the harbour in the spring.",
    "The harbour was painted by Tomas Reyl, a fisherman.",
]


@pytest.fixture(scope="module")
def small() -> Reader:
    return Reader(SHIPPED, threads=1)


def test_what_is_read_again_is_what_the_large_reader_says_of_it(small: Reader) -> None:
    once = small.read(QUESTION, TEXTS)
    twice = RereadingReader(small, small, again=2).read(QUESTION, TEXTS)
    assert twice[0] == []
    for before, after in zip(once[1:], twice[1:], strict=True):
        assert [(span.start, span.end, span.score) for span in after] == [(s.start, s.end, s.score) for s in before]
        assert {span.first for span in after} == {max(span.presence for span in before)}


def test_a_passage_that_was_found_far_better_is_read_again_first(small: Reader) -> None:
    one = RereadingReader(small, small, again=1)
    assert [bool(spans) for spans in one.read(QUESTION, TEXTS)].index(True) in (1, 2)
    assert [bool(spans) for spans in one.read(QUESTION, TEXTS, scores=[100 / FOUND, 0, 0])] == [True, False, False]


def test_titles_stay_with_their_passages(small: Reader) -> None:
    asked: list[tuple[list[str], list[str]]] = []

    class Watched(Reader):
        def read(self, question, passages, limit=3, **more):  # type: ignore[no-untyped-def]
            asked.append((list(passages), list(more["titles"])))
            return super().read(question, passages, limit, **more)

    RereadingReader(small, Watched(SHIPPED, threads=1), again=2).read(QUESTION, TEXTS, titles=["one", "two", "three"])
    [(passages, titles)] = asked
    assert set(zip(passages, titles, strict=True)) <= set(zip(TEXTS, ["one", "two", "three"], strict=True))
    assert len(passages) == 2


def test_no_passage_and_no_word_are_no_answer(small: Reader) -> None:
    both = RereadingReader(small, small)
    assert both.read(QUESTION, []) == []
    assert both.read(QUESTION, ["…", "—"]) == [[], []]


def test_the_weights_and_how_often_is_read_name_the_reader(small: Reader) -> None:
    names = {small.sha256, RereadingReader(small, small, 1).sha256, RereadingReader(small, small, 2).sha256}
    assert len(names) == 3
