"""SHA-256 sums of files that are never changed: each is computed once, then known by the status of the file."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from index.models.compiled import sha256_file
from index.owner_only import make_file

Sums = Callable[[Path], str]
"""Gives the SHA-256 of a file, in hex."""


class KnownSums:
    """Sums by device, inode, size and the time of the last change of a file. They are kept in memory, or in a file that
    is only a cache.

    What a disk changes by itself, or somebody who sets that time back, is not noticed here, but where every sum is
    computed: by a service that starts, and by the check of a whole version.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._known: dict[str, str] = {}
        self._used: dict[str, str] = {}
        if file:
            self.learn(file)

    def learn(self, file: Path) -> None:
        """Know what another process has kept, and what was asked for since this was called before, but nothing older.

        A file that can't be read is no error.
        """
        self._known, self._used = self._used, {}
        with suppress(OSError, ValueError):
            kept = json.loads(file.read_text(encoding="utf-8"))
            if type(kept) is dict:
                self._known |= {str(status): str(sha256) for status, sha256 in kept.items()}

    def of(self, path: Path) -> str:
        """The sum of a file.

        :raises OSError: if it can't be read.
        """
        status = _status(path)
        self._used[status] = self._used.get(status) or self._known.get(status) or sha256_file(path)
        return self._used[status]

    def note(self, path: Path, sha256: str) -> None:
        """Keep the sum of a file, which was computed."""
        self._used[_status(path)] = sha256

    def save(self) -> None:
        """Keep what was asked for and noted, and nothing else; a file that can't be written is no error."""
        if self._file is None:
            return
        with suppress(OSError):
            make_file(self._file)
            self._file.write_text(json.dumps(self._used), encoding="utf-8")


def _status(path: Path) -> str:
    status = path.stat()
    return " ".join(map(str, (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)))
