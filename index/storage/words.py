"""How often words occur in the passages of a store, and BM25 with the frequencies of a larger whole.

FTS5 counts how rare a word is in its own file. The scores of a part of an index equal those of the whole only with the
frequencies of the whole, so a part counts occurrences and this module computes the scores from them.
"""

import math
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from index.storage.filter_columns import Mask, Query
from index.storage.schema import TOKENIZER

_K1, _B = 1.2, 0.75
_LEAST_IDF = 1e-6
"""What FTS5 gives a word that more than half of the passages have."""

_COUNTED = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.{name} USING fts5vocab('main', 'passages_fts', '{kind}')"

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of a question, with what BM25 needs of all passages of a version.

    ``words`` come with the number of passages that have each, once for each time that the question has it.
    ``mean_length`` is the mean number of words in a passage.
    """

    words: tuple[tuple[str, int], ...]
    passages: int
    mean_length: float


def words_of(text: str) -> list[str]:
    """The words of a text, in order, as FTS5 keeps them."""
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='{TOKENIZER}')")
        memory.execute("CREATE VIRTUAL TABLE spots USING fts5vocab('texts', 'instance')")
        memory.execute("INSERT INTO texts(rowid, text) VALUES (1, ?)", [text])
        return [word for (word,) in memory.execute("SELECT term FROM spots ORDER BY offset")]


class Words:
    """The words of the passages of one store. Safe to share between threads.

    :param query: gives the rows of an SQL query, its parameters behind it.
    """

    def __init__(self, query: Query) -> None:
        self._query = query
        sizes = query("SELECT id, sz FROM passages_fts_docsize ORDER BY id")
        self.lengths = np.array([_total(size) for _, size in sizes], np.int64)
        """The number of words of each passage, by row."""

    def frequencies(self) -> Iterator[tuple[str, int]]:
        """Every word, with the number of passages that have it."""
        yield from self._counted("kinds", "row", "SELECT term, doc FROM temp.kinds")

    def scores(self, words: Sequence[str], terms: Terms) -> Scores:
        """The BM25 score of every passage, by row; 0 for one that has none of ``words``. Higher is better.

        BM25 (Robertson and Zaragoza 2009) with k1 = 1.2 and b = 0.75, as SQLite's FTS5 computes it.

        :param terms: how often the words are in the larger whole.
        """
        scores = np.zeros(len(self.lengths))
        frequencies = dict(terms.words)
        for word in words:
            frequency = frequencies.get(word, 0)
            idf = math.log((terms.passages - frequency + 0.5) / (frequency + 0.5))
            query = "SELECT doc, count(*) FROM temp.spots WHERE term = ? GROUP BY doc"
            rows, counts = np.array([*self._counted("spots", "instance", query, [word])], np.int64).reshape(-1, 2).T
            norms = _K1 * (1 - _B + _B * self.lengths[rows] / (terms.mean_length or 1.0))
            scores[rows] += (idf if idf > 0 else _LEAST_IDF) * ((counts * (_K1 + 1)) / (counts + norms))
        return scores

    def _counted(self, name: str, kind: str, query: str, parameters: Sequence[Any] = ()) -> Iterable[tuple[Any, ...]]:
        self._query(_COUNTED.format(name=name, kind=kind))
        return self._query(query, parameters)


def best_of(scores: Scores, limit: int, allowed: Mask | None = None) -> list[tuple[int, float]]:
    """The ``limit`` best rows with their scores, best first; only rows that share a word and are ``allowed``."""
    rows = np.flatnonzero(scores if allowed is None else scores * allowed)
    kept = rows[np.argsort(-scores[rows], kind="stable")[:limit]]
    return [(int(row), float(scores[row])) for row in kept]


def _total(size: bytes) -> int:
    """The sum of the numbers that SQLite packed: seven bits a byte, the eighth set in all but the last of a number."""
    total = number = 0
    for byte in size:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            total, number = total + number, 0
    return total
