"""Posting lists give what SQLite's FTS5 gives, and what BM25 says by hand."""

import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import storable
from index.storage import postings
from index.storage.postings import Postings, PostingsWriter
from index.storage.schema import TABLES, TOKENIZER
from index.storage.tokens import Tokenizer, pieces, words_of
from index.storage.words import Terms, Words, best_of

WORDS = st.sampled_from(
    ["ferry", "ferries", "Harbour", "port", "a", "ice", "Über", "über", "3.5", "don’t", "港", "x" * 70]
)
TEXTS = st.lists(st.lists(WORDS, max_size=12).map(" ".join), min_size=1, max_size=40)
SMALL = 4
"""Passages of a block, so that there are several."""


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in ("postings", "words"):
            patch.setattr(f"index.storage.{module}.BLOCK", SMALL)
        patch.setattr("index.storage.words._STRETCH", 8)
        yield


@contextmanager
def written(change: Callable[[PostingsWriter], int]) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(";".join(TABLES))
        revise(connection, change)
        yield connection


def revise(connection: sqlite3.Connection, change: Callable[[PostingsWriter], int]) -> None:
    writer = PostingsWriter(connection)
    writer.finish(change(writer))


def all_of(texts: Sequence[str]) -> Callable[[PostingsWriter], int]:
    def put(writer: PostingsWriter) -> int:
        for row, text in enumerate(texts):
            writer.put(row, text)
        return len(texts)

    return put


def stored(connection: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in ("words", "lengths")]


def scored(connection: sqlite3.Connection, asked: Sequence[str]) -> dict[int, float]:
    words = Words(connection.execute)
    return dict(best_of(words.scores(asked), len(words.lengths)))


def fts5(texts: Sequence[str], asked: Sequence[str]) -> dict[int, float]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='{TOKENIZER}')")
        connection.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", enumerate(texts))
        query = "SELECT rowid, -rank FROM texts WHERE texts MATCH ?"
        return dict(connection.execute(query, [" OR ".join(f'"{word}"' for word in asked)]))


def by_hand(texts: Sequence[str], asked: Sequence[str]) -> dict[int, float]:
    counts = [Counter(words_of(text)) for text in texts]
    mean = sum(count.total() for count in counts) / len(counts)
    scores: dict[int, float] = {}
    for word in asked:
        having = sum(word in count for count in counts)
        idf = max(math.log((len(counts) - having + 0.5) / (having + 0.5)), 1e-6)
        for row, count in enumerate(counts):
            if word in count:
                norm = 1.2 * (0.25 + 0.75 * count.total() / mean)
                scores[row] = scores.get(row, 0.0) + idf * count[word] * 2.2 / (count[word] + norm)
    return scores


@given(TEXTS, st.lists(WORDS, min_size=1, max_size=6))
def test_scores_are_those_of_fts5_to_the_last_digit_and_of_the_formula(texts: list[str], question: list[str]) -> None:
    asked = words_of(" ".join(question))
    with written(all_of(texts)) as connection:
        found = scored(connection, asked)
        assert Words(connection.execute).damage() == []
    assert found == fts5(texts, asked)
    assert found == pytest.approx(by_hand(texts, asked))


@settings(deadline=None)
@given(TEXTS, st.data())
def test_a_changed_file_has_the_lists_of_one_that_was_written_at_once(texts: list[str], data: st.DataObject) -> None:
    with written(all_of(texts)) as connection:
        held = data.draw(st.sampled_from([1, 20, 2**23]), "held")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(postings, "_HELD", held)
            patch.setattr(postings, "_AT_ONCE", max(1, held // 4))
            for _ in range(2):
                texts = changed(connection, texts, data)
        with written(all_of(texts)) as anew:
            assert stored(connection) == stored(anew)


def changed(connection: sqlite3.Connection, texts: list[str], data: st.DataObject) -> list[str]:
    new = data.draw(TEXTS, "new")
    rows = data.draw(st.sets(st.integers(0, min(len(texts), len(new)) - 1)), "rows")
    rows |= set(range(min(len(texts), len(new)), max(len(texts), len(new))))
    after = [new[row] if row in rows else text for row, text in enumerate((texts + new[len(texts) :])[: len(new)])]

    def change(writer: PostingsWriter) -> int:
        for row in sorted(rows):
            if row < len(texts):
                writer.drop(row, texts[row])
        for row in sorted(rows, reverse=True):
            if row < len(new):
                writer.put(row, new[row])
        return len(new)

    revise(connection, change)
    return after


@given(TEXTS, st.lists(WORDS, max_size=3), WORDS)
def test_passages_with_all_words_are_found_and_the_last_may_be_a_beginning(
    texts: list[str], whole: list[str], last: str
) -> None:
    words, [beginning, *_] = words_of(" ".join(whole)), words_of(last)
    had = [words_of(text) for text in texts]
    with written(all_of(texts)) as connection:
        found = Words(connection.execute).having(words, beginning[:2])
    assert found.tolist() == [
        set(words) <= set(each) and any(word.startswith(beginning[:2]) for word in each) for each in had
    ]


@given(st.text(st.characters(codec=None)).map(storable))
def test_pieces_of_a_text_have_its_words(text: str) -> None:
    tokenizer = Tokenizer()
    parts = pieces(text)
    assert [word for part in parts for word in tokenizer.words(part.decode())] == tokenizer.words(text)
    assert sorted(tokenizer.words_of_each(parts)) == sorted(
        (word, at) for at, part in enumerate(parts) for word in tokenizer.words(part.decode())
    )


@given(st.dictionaries(st.integers(0, SMALL - 1), st.integers(1, 255), min_size=1))
def test_a_list_comes_back_from_either_form(counts: dict[int, int]) -> None:
    at = sorted(counts)
    given = Postings(np.array(at, postings.PLACES), np.array([counts[place] for place in at], postings.COUNTS))
    number, *arrays = given.to_store()
    back = Postings.stored(*arrays)
    assert (number, back.places.tolist(), back.counts.tolist()) == (len(at), at, given.counts.tolist())
    assert sum(map(len, arrays)) == min(3 * len(at), at[-1] + 1)


def test_a_word_counts_255_times_at_the_most() -> None:
    with written(all_of(["ferry " * 300, "ferry port", "ice"])) as connection:
        assert connection.execute("SELECT counts FROM words WHERE word = 'ferri'").fetchone() == (bytes([255, 1]),)
        assert Words(connection.execute).damage() == []


def test_nothing_of_words_that_no_passage_has_any_more_is_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite"
    texts = [f"q{100000 + 7919 * row}z of the ferry" for row in range(600)]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(";".join(TABLES))
        revise(connection, all_of(texts))
        connection.execute("PRAGMA secure_delete=ON")

        def drop(writer: PostingsWriter) -> int:
            for row in range(0, 600, 3):
                writer.drop(row, texts[row])
                writer.put(row, "ferry")
            return 600

        revise(connection, drop)
    held = path.read_bytes()
    for row, text in enumerate(texts):
        assert (text.split()[0].encode() in held) == (row % 3 > 0)


def test_words_of_a_part_score_by_the_frequencies_of_the_whole() -> None:
    texts = ["ferry port", "ferry ice", "port", "a ferry", "ice and ferries and a port", "harbour"]
    with written(all_of(texts)) as whole, written(all_of(texts[::2])) as part:
        every, some = Words(whole.execute), Words(part.execute)
        asked = words_of("ferry harbour ice ice cream")
        terms = Terms((("ferri", 4), ("harbour", 1), ("ic", 2), ("cream", 1)), 6, every.lengths.mean())
        scores = every.scores(asked)
        assert some.scores(asked, terms).tolist() == scores[::2].tolist() != some.scores(asked).tolist()
        assert every.scores(asked, terms).tolist() == scores.tolist()


@given(
    st.lists(st.integers(0, 5), max_size=400).map(lambda scores: np.array(scores, float)), st.integers(1, 5), st.data()
)
def test_the_best_come_first_and_the_first_row_of_equals(
    scores: "np.ndarray[tuple[int], np.dtype[np.float64]]", limit: int, data: st.DataObject
) -> None:
    allowed = data.draw(st.none() | st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)).map(np.array))
    is_allowed = [True] * len(scores) if allowed is None else allowed.tolist()
    rows = [row for row, score in enumerate(scores) if score and is_allowed[row]]
    expected = sorted(rows, key=lambda row: (-scores[row], row))[:limit]
    assert best_of(scores, limit, allowed) == [(row, scores[row]) for row in expected]
