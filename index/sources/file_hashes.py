"""The hashes of files, computed again only when a file may have changed."""

import hashlib
import os
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

from index.owner_only import make_file
from index.sources.expand import LARGEST_FILE

_SETTLED_NS = 2_000_000_000
"""A file changed less than this before it was read may change again without a new time: the coarsest clock of a file
system (FAT) ticks every two seconds."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS hashes (
    file TEXT PRIMARY KEY, device INTEGER, inode INTEGER, size INTEGER, modified INTEGER, changed INTEGER,
    read_at INTEGER, sha256 TEXT) WITHOUT ROWID
"""

_Stamp = tuple[int, int, int, int, int]


class FileHashes:
    """SHA-256 sums remembered with the status of each file: device, inode, size, and the times of its last changes.

    A remembered sum counts while the status is the same and both times lie clearly before the moment the file was read;
    with a time after that moment (a clock that was set back, an edit within one tick of the clock) the file is read
    again. The table is a cache: without it, or with a damaged one, every file is read.
    """

    def __init__(self, cache: Path | None = None) -> None:
        """``cache`` is an SQLite file; None remembers nothing."""
        self._cache = cache
        self._known: dict[str, tuple[_Stamp, int, str]] = {}
        self._fresh: dict[str, tuple[_Stamp, int, str]] = {}
        if cache is None:
            return
        try:
            make_file(cache)
            with closing(sqlite3.connect(cache)) as connection:
                for file, *stamp, read_at, sha256 in connection.execute("SELECT * FROM hashes"):
                    self._known[os.fsdecode(file)] = (tuple(stamp), read_at, sha256)
        except (OSError, sqlite3.Error, ValueError, TypeError):
            self._known = {}

    def of(self, file: Path) -> str | None:
        """The SHA-256 of a file in hex; None if it can't be read, is too large, or is no regular file."""
        name = str(file)
        try:
            status = file.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
                return None
            known = self._known.get(name)
            if known and known[0] == _stamp(status) and max(known[0][3:]) < known[1] - _SETTLED_NS:
                return known[2]
            read_at = time.time_ns()
            with file.open("rb") as opened:
                status = os.fstat(opened.fileno())
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError:
            return None
        self._fresh[name] = self._known[name] = (_stamp(status), read_at, sha256)
        return sha256

    def save(self) -> None:
        """Write what was computed to the cache; a cache that can't be written is no error."""
        if self._cache is None:
            return
        rows = [(os.fsencode(file), *stamp, read, sha) for file, (stamp, read, sha) in self._fresh.items()]
        try:
            with closing(sqlite3.connect(self._cache)) as connection, connection:
                connection.execute(_SCHEMA)
                connection.executemany("INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        except sqlite3.DatabaseError:
            self._cache.unlink(missing_ok=True)


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
