"""The words of texts as SQLite's FTS5 makes them: in small letters, without accents, by their stems.

FTS5 does nothing else here. A text is cut first at every ASCII character that is neither letter nor digit, where FTS5
would part it whatever stands around, so that it has to look at each distinct piece only once.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from index.storage.schema import TOKENIZER

_PARTED = bytes(
    byte | 0x20 if chr(byte).isupper() else byte if chr(byte).isalnum() else ord(" ") for byte in range(0x80)
) + bytes(range(0x80, 0x100))
"""What stands for each byte of a text in UTF-8: ASCII letters are small, what parts is a space."""


def pieces(text: str) -> list[bytes]:
    """Pieces of a text, in order, of which each has words of its own; those of ASCII are one word each."""
    return text.encode().translate(_PARTED).split()


class Tokenizer:
    """An FTS5 table in memory. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._connection.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='{TOKENIZER}')")
        self._connection.execute("CREATE VIRTUAL TABLE spots USING fts5vocab(texts, instance)")

    def words(self, text: str) -> list[str]:
        """The words of a text, in order. Halves of surrogate pairs part it."""
        with self._holding([text.encode(errors="replace")]):
            return [word for (word,) in self._connection.execute("SELECT term FROM spots ORDER BY offset")]

    def words_of_each(self, texts: Iterable[bytes]) -> list[tuple[str, int]]:
        """Each word of each text with the position of the text, in the order of words."""
        with self._holding(texts):
            return self._connection.execute("SELECT term, doc FROM spots").fetchall()

    @contextmanager
    def _holding(self, texts: Iterable[bytes]) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN")
            self._connection.executemany(
                "INSERT INTO texts(rowid, text) VALUES (?, ?)",
                ((at, text.decode()) for at, text in enumerate(texts)),
            )
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")


def words_of(text: str) -> list[str]:
    """The words of a text, in order."""
    return _shared().words(text)


@cache
def _shared() -> Tokenizer:
    return Tokenizer()
