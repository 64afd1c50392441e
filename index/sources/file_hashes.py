"""The hashes of files, computed again only when a file may have changed."""

import hashlib
import os
import sqlite3
import stat
import time
import weakref
from contextlib import suppress
from pathlib import Path

from index.owner_only import make_file
from index.sources.expand import LARGEST_FILE

_SETTLED_NS = 2_000_000_000
"""A file changed less than this before it was read may change again without a new time: the coarsest clock of a file
system (FAT) ticks every two seconds."""

_COLUMNS = """(
    file TEXT PRIMARY KEY, device INTEGER, inode INTEGER, size INTEGER, modified INTEGER, changed INTEGER,
    read_at INTEGER, sha256 TEXT) WITHOUT ROWID
"""

_Stamp = tuple[int, ...]


class FileHashes:
    """SHA-256 sums remembered with the status of each file: device, inode, size, and the times of its last changes.

    A remembered sum counts while the status is the same and both times lie clearly before the moment the file was read;
    with a time after that moment (a clock that was set back, an edit within one tick of the clock) the file is read
    again. The table is a cache: without it, or with a damaged one, every file is read.
    """

    def __init__(self, cache: Path | None = None) -> None:
        """``cache`` is an SQLite file; None remembers nothing."""
        self._cache = cache
        self._connection = _opened(cache)
        weakref.finalize(self, self._connection.close)

    def of(self, file: Path) -> str | None:
        """The SHA-256 of a file in hex; None if it can't be read, is too large, or is no regular file."""
        name = str(file)
        try:
            status = file.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
                return None
            known = self._known(name)
            if known and known[0] == _stamp(status) and max(known[0][3:]) < known[1] - _SETTLED_NS:
                return known[2]
            read_at = time.time_ns()
            with file.open("rb") as opened:
                status = os.fstat(opened.fileno())
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError:
            return None
        row = (os.fsencode(name), *_stamp(status), read_at, sha256)
        self._connection.execute("INSERT OR REPLACE INTO fresh VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return sha256

    def _known(self, name: str) -> tuple[_Stamp, int, str] | None:
        """What is remembered of a file: its status, when it was read, and its sum."""
        for table in ("fresh", "hashes"):
            query = f"SELECT device, inode, size, modified, changed, read_at, sha256 FROM {table} WHERE file = ?"
            with suppress(sqlite3.Error):
                for *stamp, read_at, sha256 in self._connection.execute(query, [os.fsencode(name)]):
                    if isinstance(read_at, int) and isinstance(sha256, str):
                        return tuple(stamp), read_at, sha256
        return None

    def save(self) -> None:
        """Write what was computed to the cache; a cache that can't be written is no error."""
        if self._cache is None:
            return
        try:
            self._connection.execute("INSERT OR REPLACE INTO hashes SELECT * FROM fresh")
        except sqlite3.DatabaseError:
            self._cache.unlink(missing_ok=True)


def _opened(cache: Path | None) -> sqlite3.Connection:
    """A connection with what is remembered, if it can be read, and a table for what is computed now, which SQLite keeps
    in a file of its own when it is large. A file that is damaged is made anew.
    """
    for place in (cache, cache, None):
        try:
            if place:
                make_file(place)
            connection = sqlite3.connect(place or "", isolation_level=None, check_same_thread=False)
            connection.execute(f"CREATE TEMP TABLE fresh {_COLUMNS}")
            connection.execute(f"CREATE TABLE IF NOT EXISTS hashes {_COLUMNS}")
        except (OSError, sqlite3.Error):
            with suppress(OSError):
                if place:
                    place.unlink(missing_ok=True)
        else:
            return connection
    raise AssertionError("a database without a file can always be opened")


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
