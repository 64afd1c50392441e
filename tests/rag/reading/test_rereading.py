"""Reading twice: which passages are read again, and what is kept of the first reading."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.reading.passage_reader import open_reader
from rag.reading.reader import LARGE, SHIPPED, Reader
from rag.reading.rereading import AGAIN, CLOSE, FOUND, SUPPORT, WIDER, RereadingReader, side_by_side

QUESTION = "Who painted the harbour?"
TEXTS = [
    "The market opens at nine and closes at noon.",
    "Ines Marlow painted the harbour in the spring.",
    "The harbour was painted by Tomas Reyl, a fisherman.",
]


@pytest.fixture(scope="module")
def small() -> Reader:
    return Reader(SHIPPED, threads=1)


def test_both_readers_count_where_both_have_read_and_the_small_one_elsewhere(small: Reader) -> None:
    once = small.read(QUESTION, TEXTS)
    twice = RereadingReader(small, small, 2, close=50).read(QUESTION, TEXTS)
    assert [[span.twice for span in spans] for spans in twice] == [
        [number > 0 for _ in spans] for number, spans in enumerate(once)
    ]
    for number, (before, after) in enumerate(zip(once, twice, strict=True)):
        assert [(span.start, span.end) for span in after] == [(span.start, span.end) for span in before]
        assert {span.first for span in after} == {max(span.presence for span in before)}
        for one, two in zip(before, after, strict=True):
            assert two.margin == pytest.approx(one.margin * (1 + SUPPORT if number else 1), abs=1e-3)


def test_both_readers_count_for_an_answer_in_the_title() -> None:
    title, text = "Mara Lindqvist built the lighthouse on Gull Point", "It was painted red."
    reader = Reader.shipped(1, LARGE)
    [once] = reader.read("Who built the lighthouse?", [text], titles=[title])
    [twice] = RereadingReader(reader, reader).read("Who built the lighthouse?", [text], titles=[title])
    assert once[0].in_title
    assert (twice[0].start, twice[0].end) == (once[0].start, once[0].end)
    assert twice[0].margin == pytest.approx(once[0].margin * (1 + SUPPORT), abs=1e-3)


def test_a_passage_that_was_found_far_better_is_read_again_first(small: Reader) -> None:
    one = RereadingReader(small, small, again=1)

    def read_twice(scores: list[float] | None) -> list[bool]:
        return [spans[0].twice for spans in one.read(QUESTION, TEXTS, scores=scores)]

    assert read_twice(None).index(True) in (1, 2)
    assert read_twice([100 / FOUND, 0, 0]) == [True, False, False]


def test_only_what_is_nearly_as_promising_as_the_best_is_read_again(small: Reader) -> None:
    read_again = _read_again(small, QUESTION)
    assert read_again(CLOSE - 0.1) == 3
    assert read_again(CLOSE + 0.1) == 1


def test_those_further_behind_are_read_again_where_the_large_reader_has_surely_found_nothing(small: Reader) -> None:
    read_again = _read_again(small, "Who founded the museum of ferries?")
    assert read_again(CLOSE + 0.1) == 3
    assert read_again(WIDER + 0.1) == 1


def _read_again(reader: Reader, question: str) -> Callable[[float], int]:
    """How many passages are read twice where all but the most promising one are so far behind."""
    promises = [max(span.presence for span in spans) for spans in reader.read(question, TEXTS)]
    best = promises.index(max(promises))

    def read_again(behind: float) -> int:
        scores = [(max(promises) - own - behind * (at != best)) / FOUND for at, own in enumerate(promises)]
        read = RereadingReader(reader, reader).read(question, TEXTS, scores=scores)
        assert read[best][0].twice
        return sum(spans[0].twice for spans in read)

    return read_again


def test_a_passage_that_is_read_again_has_two_threads_where_there_are() -> None:
    assert [side_by_side(threads) for threads in (1, 2, 3, 4, 16)] == [1, 1, 1, 2, AGAIN]


def test_threads_that_share_a_run_change_nothing(small: Reader) -> None:
    assert Reader(SHIPPED, threads=2, side_by_side=1).read(QUESTION, TEXTS) == small.read(QUESTION, TEXTS)


def test_titles_stay_with_their_passages(small: Reader) -> None:
    asked: list[tuple[list[str], list[str]]] = []

    class Watched(Reader):
        def score(self, question, passages, **more):  # type: ignore[no-untyped-def]
            asked.append((list(passages), list(more["titles"])))
            return super().score(question, passages, **more)

    RereadingReader(small, Watched(SHIPPED, threads=1), 2, close=50).read(
        QUESTION, TEXTS, titles=["one", "two", "three"]
    )
    [(passages, titles)] = asked
    assert set(zip(passages, titles, strict=True)) <= set(zip(TEXTS, ["one", "two", "three"], strict=True))
    assert len(passages) == 2


def test_a_long_passage_and_its_title_are_read_by_both() -> None:
    """The large reader has the title before it, so its windows end elsewhere: every token finds its own."""
    both = open_reader(None, Path("unused"), threads=1)
    filler = " ".join(f"On day {number} the market was open as usual." for number in range(60))
    text = f"{filler} Ines Marlow painted the harbour in the spring. {filler}"
    [spans] = both.read(QUESTION, [text], titles=["The harbour of Lowick, its market and its painters"])
    assert "Marlow" in text[spans[0].start : spans[0].end]
    assert spans[0].twice


def test_no_passage_and_no_word_are_no_answer(small: Reader) -> None:
    both = RereadingReader(small, small)
    assert both.read(QUESTION, []) == []
    assert both.read(QUESTION, ["…", "—"]) == [[], []]


def test_the_weights_and_how_often_is_read_name_the_reader(small: Reader) -> None:
    twice = [RereadingReader(small, small, *how) for how in ((1,), (2,), (2, 1.0))]
    assert len({small.sha256, *(reader.sha256 for reader in twice)}) == 4
