"""Folders elsewhere: which files they hold, and their bytes.

A folder is listed at each look. Of each file the listing has a stamp, which is another when the file is: what has the
same stamp as in the version before is neither fetched nor read again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MOST_FILES = 100_000
"""Files of a folder elsewhere that are listed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in a folder elsewhere: its path in there, what changes when it does, and its size in bytes.

    ``media_type`` is given where the name does not tell it.
    """

    name: str
    stamp: str
    size: int = 0
    media_type: str | None = None


class Folder(Protocol):
    """What a kind of folder has."""

    def listed(self) -> Sequence[Listed]:
        """The files in the folder and those below it.

        :raises FetchError: if it can't be listed.
        """
        ...

    def read(self, name: str) -> bytes:
        """The bytes of a file.

        :raises FetchError: if it can't be fetched.
        """
        ...
