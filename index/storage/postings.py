"""Posting lists: for each word the passages that have it, in the SQLite file of a snapshot.

Passages are taken in blocks of :data:`BLOCK` rows. Of each word of a block, the table ``words`` has one row: in how
many ``passages`` it is, and two arrays. ``counts`` (``uint8``) tells how often each of them has it, :data:`MOST` times
at the most, and ``places`` (``uint16``) which they are, counted from the first row of the block and rising. Where that
is no longer, ``places`` is empty, and ``counts`` has every passage up to the last with the word: a list has one form.
``lengths`` has for each block how many words its passages have (``uint32``).
"""

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.storage.tokens import Tokenizer, pieces

BLOCK = 2**16
MOST = 255
"""How often a passage has a word, at the most, in the eyes of the search."""

PLACES, COUNTS, LENGTHS = np.dtype("<u2"), np.dtype("u1"), np.dtype("<u4")

_HELD = 2**23
"""Pieces of text that are held before they are written."""

_AT_ONCE = 2**19
"""Occurrences that are looked at in one step: so many numbers are in memory a few times."""

Numbers = npt.NDArray[np.int64]


class Postings(NamedTuple):
    """Of one word in one block: ``places`` (``uint16[n]``, rising) and how often each has it (``uint8[n]``)."""

    places: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.uint8]

    @classmethod
    def stored(cls, places: bytes, counts: bytes) -> "Postings":
        """Those that are stored in this form."""
        often = np.frombuffer(counts, COUNTS)
        if places:
            return cls(np.frombuffer(places, PLACES), often)
        at = np.flatnonzero(often)
        return cls(at.astype(PLACES), often[at])

    def to_store(self) -> tuple[int, bytes, bytes]:
        """How many passages there are, and the two arrays, in the shorter form."""
        number, end = len(self.places), int(self.places[-1]) + 1
        if end > (PLACES.itemsize + COUNTS.itemsize) * number:
            return number, self.places.tobytes(), self.counts.tobytes()
        every = np.zeros(end, COUNTS)
        every[self.places] = self.counts
        return number, b"", every.tobytes()

    def changed(self, by: "Postings") -> "Postings":
        """With the counts of ``by`` in its places; those where it has 0 go."""
        every = np.zeros(BLOCK, COUNTS)
        every[self.places] = self.counts
        every[by.places] = by.counts
        at = np.flatnonzero(every)
        return Postings(at.astype(PLACES), every[at])


class _Known(dict[bytes, int]):
    """Numbers things in the order in which they are first asked for."""

    def __missing__(self, piece: bytes) -> int:
        number = self[piece] = len(self)
        return number


class PostingsWriter:
    """Writes what passages come to have, and no longer have, to the posting lists of a file that is being changed.

    In the end a list is what it would be had all been written at once. Memory is bounded: what is held is written when
    it is :data:`_HELD` pieces of text.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tokenizer = Tokenizer()
        stored = connection.execute("SELECT words FROM lengths ORDER BY block").fetchall()
        self._lengths = array("I", b"".join(words for (words,) in stored))
        self._blocks = set(range(len(stored)))
        self._known = _Known()
        self._pieces = array("i")
        self._ends = array("q")
        self._rows = array("q")
        self._is_there = array("b")

    def put(self, row: int, text: str) -> None:
        """Let the passage in a row have the words of a text. Whatever it had before has to be dropped."""
        missing = row + 1 - len(self._lengths)
        if missing > 0:
            self._lengths.frombytes(bytes(missing * self._lengths.itemsize))
        self._note(row, text, is_there=True)

    def drop(self, row: int, text: str) -> None:
        """Let the passage in a row no longer have the words of the text that it has."""
        self._note(row, text, is_there=False)

    def finish(self, passages: int) -> None:
        """Write what is held, and the lengths of so many passages: there are no more any longer."""
        self.flush()
        lengths = np.frombuffer(self._lengths, LENGTHS)[:passages]
        blocks = range(-(-passages // BLOCK))
        self._connection.execute("DELETE FROM lengths WHERE block >= ?", [len(blocks)])
        self._connection.executemany(
            "INSERT OR REPLACE INTO lengths VALUES (?, ?)",
            ((block, lengths[block * BLOCK : (block + 1) * BLOCK].tobytes()) for block in blocks),
        )

    def flush(self) -> None:
        """Write what is held. Where blocks are written one after the other, each is best written when it is whole."""
        if not self._rows:
            return
        words, keys = self._occurrences()
        for some in _steps(keys):
            self._write(words, some)
        self._blocks.update(row // BLOCK for row in self._rows)
        self._known = _Known()
        for held in (self._pieces, self._ends, self._rows, self._is_there):
            del held[:]

    def _note(self, row: int, text: str, *, is_there: bool) -> None:
        self._pieces.extend(map(self._known.__getitem__, pieces(text)))
        self._ends.append(len(self._pieces))
        self._rows.append(row)
        self._is_there.append(is_there)
        if len(self._pieces) >= _HELD:
            self.flush()

    def _occurrences(self) -> tuple[list[str], Numbers]:
        """The words, rising, and a number for each occurrence of one, rising. From its highest digits on it has the
        block, the position of the word, the place in the block, and whether the passage has the word now.
        """
        parts = _Parts.of(self._tokenizer.words_of_each(self._known), len(self._known))
        numbers = np.frombuffer(self._pieces, np.int32)
        rows, ends, is_there = (np.array(held, np.int64) for held in (self._rows, self._ends, self._is_there))
        lengths = np.zeros(len(rows), np.int64)
        keys = np.empty(int(np.bincount(numbers, minlength=len(self._known)) @ parts.many), np.int64)
        at = begin = done = 0
        while at < len(rows):
            to = max(at + 1, int(np.searchsorted(ends, begin + _AT_ONCE)))
            words, lengths[at:to] = parts.words_of(numbers[begin : ends[to - 1]], ends[at:to] - begin)
            block, place = np.divmod(rows[at:to], BLOCK)
            low = place * 2 + is_there[at:to]
            high = np.repeat(block * len(parts.words), lengths[at:to]) + words
            keys[done : done + len(high)] = high * (BLOCK * 2) + np.repeat(low, lengths[at:to])
            at, begin, done = to, int(ends[to - 1]), done + len(high)
        for row, length in zip(rows[is_there > 0].tolist(), lengths[is_there > 0].tolist(), strict=True):
            self._lengths[row] = length
        keys.sort()
        return parts.words, keys

    def _write(self, words: Sequence[str], keys: Numbers) -> None:
        """Write whole lists, of which the occurrences are given."""
        pairs = keys >> 1
        starts = _starts(pairs)
        counts = np.minimum(np.add.reduceat(keys & 1, starts), MOST).astype(COUNTS)
        lists, places = np.divmod(pairs[starts], BLOCK)
        places = places.astype(PLACES)
        bounds = _starts(lists)
        gone, made = [], []
        for at, start, end in zip(lists[bounds].tolist(), bounds, [*bounds[1:], len(lists)], strict=True):
            block, word = divmod(at, len(words))
            found = Postings(places[start:end], counts[start:end])
            if block in self._blocks:
                found = self._postings(block, words[word]).changed(found)
            if len(found.places):
                made.append((block, words[word], *found.to_store()))
            else:
                gone.append((block, words[word]))
        self._connection.executemany("DELETE FROM words WHERE block = ? AND word = ?", gone)
        self._connection.executemany("INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?, ?)", made)

    def _postings(self, block: int, word: str) -> Postings:
        query = "SELECT places, counts FROM words WHERE block = ? AND word = ?"
        stored = self._connection.execute(query, (block, word)).fetchone()
        return Postings.stored(*(stored or (b"", b"")))


class _Parts(NamedTuple):
    """The words of pieces of text. Of piece ``n``, ``found`` has ``many[n]`` positions in ``words`` from ``starts[n]``
    on.
    """

    words: list[str]
    found: Numbers
    many: Numbers
    starts: Numbers

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, int]], pieces: int) -> "_Parts":
        """:param pairs: words, rising, each with the number of a piece that has it."""
        words = list(dict.fromkeys(word for word, _ in pairs))
        at = {word: position for position, word in enumerate(words)}
        positions = np.fromiter((at[word] for word, _ in pairs), np.int64, len(pairs))
        owners = np.fromiter((owner for _, owner in pairs), np.int64, len(pairs))
        many = np.bincount(owners, minlength=pieces)
        return cls(words, positions[np.argsort(owners, kind="stable")], many, np.cumsum(many) - many)

    def words_of(self, pieces: npt.NDArray[np.int32], ends: Numbers) -> tuple[Numbers, Numbers]:
        """The words of a run of pieces, by their positions, and how many there are in each stretch of it, of which
        ``ends`` are given.
        """
        many = self.many[pieces]
        behind = np.cumsum(many)
        before = behind - many
        within = np.arange(int(many.sum())) - np.repeat(before, many)
        upto = np.concatenate([[0], behind])[np.concatenate([[0], ends])]
        return self.found[np.repeat(self.starts[pieces], many) + within], np.diff(upto)


def _starts(rising: Numbers) -> Numbers:
    """Where each run of equal numbers begins; there is at least one number."""
    return np.concatenate([[0], np.flatnonzero(rising[1:] != rising[:-1]) + 1])


def _steps(keys: Numbers) -> Iterator[Numbers]:
    """Occurrences in runs of whole lists, none much longer than :data:`_AT_ONCE` unless one list is."""
    first = 0
    while first < len(keys):
        last_list = keys[min(first + _AT_ONCE, len(keys)) - 1] // (BLOCK * 2)
        end = int(np.searchsorted(keys, (last_list + 1) * (BLOCK * 2)))
        yield keys[first:end]
        first = end
