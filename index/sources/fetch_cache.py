"""Documents as they were fetched, so that a server need not send again what did not change (RFC 9110, section 13)."""

import json
import sqlite3
import time
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.owner_only import make_file

FETCHED = "fetched.sqlite"
"""The file of fetched documents in the folder of an index."""

LARGEST = 5_000_000
"""Bytes of a document that is kept."""

_DAMAGED = (sqlite3.Error, zlib.error, TypeError)
_KEPT_SECONDS = 60 * 86_400
"""How long a document is kept that nobody fetches."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS fetched (
    address TEXT PRIMARY KEY, etag TEXT, modified TEXT, media_type TEXT, body BLOB NOT NULL, articles TEXT NOT NULL,
    used REAL NOT NULL) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document, and what its server said to ask by whether it changed."""

    data: bytes
    media_type: str | None
    etag: str | None
    modified: str | None

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """The headers that ask for it only if it changed."""
        given = (("if-none-match", self.etag), ("if-modified-since", self.modified))
        return [(name, value) for name, value in given if value]


class FetchCache:
    """Documents by their address, in one SQLite file. Without it, or with a damaged one, everything is fetched."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, address: str) -> Kept | None:
        """What is kept of an address."""
        try:
            with self._open() as connection:
                row = connection.execute(
                    "SELECT body, media_type, etag, modified FROM fetched WHERE address = ?", [address]
                ).fetchone()
                connection.execute("UPDATE fetched SET used = ? WHERE address = ?", [time.time(), address])
            return Kept(zlib.decompress(row[0]), *row[1:]) if row else None
        except _DAMAGED:
            self._file.unlink(missing_ok=True)
        except OSError:
            pass
        return None

    def keep(self, address: str, document: Kept, article_ids: Sequence[str]) -> None:
        """Keep a document and which articles it holds, if there is a way to ask whether it changed; else let go of what
        was kept of it.
        """
        is_kept = document.conditions and len(document.data) <= LARGEST
        try:
            with self._open() as connection:
                connection.execute("DELETE FROM fetched WHERE address = ?", [address])
                if is_kept:
                    body, articles = zlib.compress(document.data), json.dumps(list(article_ids))
                    row = (address, document.etag, document.modified, document.media_type, body, articles, time.time())
                    connection.execute("INSERT INTO fetched VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                connection.execute("DELETE FROM fetched WHERE used < ?", [time.time() - _KEPT_SECONDS])
        except (sqlite3.Error, OSError):
            self._file.unlink(missing_ok=True)

    def forget(self, article_ids: Collection[str]) -> None:
        """Let go of the documents that hold any of these articles: their words are not to stay on the disk."""
        if not article_ids or not self._file.exists():
            return
        try:
            with self._open() as connection:
                rows = connection.execute("SELECT address, articles FROM fetched").fetchall()
                held = [[address] for address, found in rows if not set(article_ids).isdisjoint(json.loads(found))]
                connection.executemany("DELETE FROM fetched WHERE address = ?", held)
        except (sqlite3.Error, ValueError):
            self._file.unlink(missing_ok=True)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        make_file(self._file)
        with closing(sqlite3.connect(self._file)) as connection, connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute(_SCHEMA)
            yield connection
