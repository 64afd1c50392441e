"""Search by words: which passages of a store have them, and how well they match by BM25."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.storage.filter_columns import Mask, Query
from index.storage.postings import BLOCK, COUNTS, LENGTHS, MOST, PLACES, Postings

_K1, _B = 1.2, 0.75
_LEAST_IDF = 1e-6
"""What SQLite's FTS5 gives a word that more than half of the passages have."""

_LAST = "\U0010ffff"
"""Sorts behind whatever a word goes on with."""

_STRETCH = 256
"""Rows whose best score stands for all of them at first."""

_LEAST_SCORE = math.nextafter(0.0, 1.0)

Scores = npt.NDArray[np.float64]
"""The score of each passage, by row; 0 for one that has none of the words. Higher is better."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of a question, with what BM25 needs of all passages of a version.

    ``words`` come with the number of passages that have each, once for each time that the question has it.
    ``mean_length`` is the mean number of words in a passage.
    """

    words: tuple[tuple[str, int], ...]
    passages: int
    mean_length: float


class _Stored(NamedTuple):
    """The list of a word in a block, as it is stored (:mod:`index.storage.postings`)."""

    passages: int
    places: bytes
    counts: bytes


class Words:
    """The words of the passages of one store. Safe to share between threads.

    :param query: gives the rows of an SQL query, its parameters behind it.
    """

    def __init__(self, query: Query) -> None:
        self._query = query
        stored = query("SELECT words FROM lengths ORDER BY block")
        self.lengths = np.frombuffer(b"".join(words for (words,) in stored), LENGTHS)
        """The number of words of each passage, by row."""
        self._mean_length = int(self.lengths.sum()) / max(1, len(self.lengths))
        self._norms = self._mean_length, _norms(self.lengths, self._mean_length)

    def frequencies(self) -> Iterator[tuple[str, int]]:
        """Every word, with the number of passages that have it."""
        yield from self._query("SELECT word, sum(passages) FROM words GROUP BY word")

    def scores(self, words: Sequence[str], whole: Terms | None = None) -> Scores:
        """The BM25 score of every passage.

        BM25 (Robertson and Zaragoza 2009) with k1 = 1.2 and b = 0.75, to the last digit as SQLite's FTS5 computes it.

        :param words: those of a question, once for each time that it has them.
        :param whole: how often they are in a version that this store is a part of.
        """
        lists = self._lists([*dict.fromkeys(words)])
        terms = whole or self._terms(lists)
        idfs = {word: _idf(frequency, terms.passages) for word, frequency in terms.words}
        if terms.mean_length != self._norms[0]:
            self._norms = terms.mean_length, _norms(self.lengths, terms.mean_length)
        _, norms = self._norms
        scores = np.zeros(len(self.lengths))
        room = np.empty((2, min(BLOCK, len(scores))))
        for block, found in lists.items():
            rows = slice(block * BLOCK, (block + 1) * BLOCK)
            for word in words:
                if word in found:
                    _add(scores[rows], norms[rows], idfs[word], found[word], room)
        return scores

    def _lists(self, words: Sequence[str]) -> dict[int, dict[str, _Stored]]:
        """What is stored of words, by block."""
        lists: dict[int, dict[str, _Stored]] = {}
        query = "SELECT block, word, passages, places, counts FROM lengths CROSS JOIN words USING (block)"
        for block, word, *stored in self._query(f"{query} WHERE word IN ({','.join('?' * len(words))})", words):
            lists.setdefault(block, {})[word] = _Stored(*stored)
        return lists

    def _terms(self, lists: dict[int, dict[str, _Stored]]) -> Terms:
        """How often words are in this store, which is all that there is."""
        frequencies: dict[str, int] = {}
        for found in lists.values():
            for word, stored in found.items():
                frequencies[word] = frequencies.get(word, 0) + stored.passages
        return Terms(tuple(frequencies.items()), len(self.lengths), self._mean_length)

    def having(self, words: Sequence[str], beginning: str | None = None) -> Mask:
        """The passages that have all of ``words`` and one with this beginning."""
        having = np.ones(len(self.lengths), np.bool_)
        for block, rows in self._blocks():
            conditions = [("word = ?", [word]) for word in words]
            if beginning is not None:
                conditions.append(("word >= ? AND word < ?", [beginning, beginning + _LAST]))
            for condition, parameters in conditions:
                if not having[rows].any():
                    break
                query = f"SELECT places, counts FROM words WHERE block = ? AND {condition}"
                some = np.zeros(BLOCK, np.bool_)
                for places, counts in self._query(query, [block, *parameters]):
                    some[Postings.stored(places, counts).places] = True
                having[rows] &= some[: len(having[rows])]
        return having

    def damage(self) -> list[str]:
        """What is wrong with the lists, a line each: passages do not have as many words in them as they are long."""
        strays = [*self._query("SELECT 1 FROM words WHERE block NOT IN (SELECT block FROM lengths) LIMIT 1")]
        found = ["there are words of passages that are not there"] if strays else []
        broken = wrong = 0
        for block, rows in self._blocks():
            counted = np.zeros(BLOCK, np.int64)
            has_most = np.zeros(BLOCK, np.bool_)
            for passages, *stored in self._query("SELECT passages, places, counts FROM words WHERE block = ?", [block]):
                if len(stored[0]) not in (0, PLACES.itemsize * len(stored[1])):
                    broken += 1
                    continue
                places, counts = Postings.stored(*stored)
                broken += passages != len(places) or not np.all(places[1:] > places[:-1])
                counted[places] += counts
                has_most[places[counts == MOST]] = True
            lengths = self.lengths[rows]
            counted[: len(lengths)] -= lengths
            wrong += int(np.count_nonzero(counted[~has_most]))
        found += [f"{broken} lists of passages with a word are not as they were written"] if broken else []
        return found + ([f"{wrong} passages have more or fewer words than are listed"] if wrong else [])

    def _blocks(self) -> Iterator[tuple[int, slice]]:
        """Each block with its rows."""
        for first in range(0, len(self.lengths), BLOCK):
            yield first // BLOCK, slice(first, first + BLOCK)


def _add(scores: Scores, norms: Scores, idf: float, stored: _Stored, room: Scores) -> None:
    """Add what one word of a block gives to its passages; ``room`` for two numbers of each is used again and again."""
    often = np.frombuffer(stored.counts, COUNTS)
    share, divisor = room[:, : len(often)]
    at = np.frombuffer(stored.places, PLACES).astype(np.intp) if stored.places else None
    if at is None:
        np.add(norms[: len(often)], often, out=divisor)
    else:
        norms.take(at, out=divisor, mode="wrap")
        divisor += often
    np.multiply(often, _K1 + 1, out=share)
    share /= divisor
    share *= idf
    if at is None:
        scores[: len(often)] += share
    else:
        np.add.at(scores, at, share)


def _idf(frequency: int, passages: int) -> float:
    idf = math.log((passages - frequency + 0.5) / (frequency + 0.5))
    return idf if idf > 0 else _LEAST_IDF


def _norms(lengths: npt.NDArray[np.uint32], mean: float) -> Scores:
    return np.asarray(_K1 * (1 - _B + _B * lengths / (mean or 1.0)), np.float64)


def best_of(scores: Scores, limit: int, allowed: Mask | None = None) -> list[tuple[int, float]]:
    """The ``limit`` best rows with their scores, best first; only rows that share a word and are ``allowed``."""
    if allowed is not None:
        scores = scores * allowed
    rows = _candidates(scores, limit)
    kept = rows[np.argsort(-scores[rows], kind="stable")[:limit]]
    return [(int(row), float(scores[row])) for row in kept]


def _candidates(scores: Scores, limit: int) -> npt.NDArray[np.int64]:
    """Rows that share a word, rising, the ``limit`` best among them: they are in the stretches with the best rows."""
    if len(scores) <= limit * _STRETCH:
        return np.flatnonzero(scores)
    best = np.maximum.reduceat(scores, np.arange(0, len(scores), _STRETCH))
    least = max(np.partition(best, -limit)[-limit], _LEAST_SCORE)
    rows = (np.flatnonzero(best >= least)[:, None] * _STRETCH + np.arange(_STRETCH)).ravel()
    rows = rows[rows < len(scores)]
    found: npt.NDArray[np.int64] = rows[scores[rows] >= least]
    return found
