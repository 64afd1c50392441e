"""Shares of a build that other processes and machines make: each reads, cuts and embeds some of the documents.

A part is a version in a folder of its own. A build that is given the folder of all parts takes over what they hold as
it takes over what the version before holds, so it gives the version that it would give without them.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from index.errors import PullquoteError
from index.storage.snapshot import Manifest, Snapshot, SnapshotError
from index.storage.store import Store
from index.storage.versions import Versions

_SHARE = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")
_FOLDER = re.compile(r"(\d+)-of-(\d+)")


class PartsError(PullquoteError, ValueError):
    """Parts of a build can't be used: one line that says how to mend it."""

    code = "parts_unusable"


@dataclass(frozen=True, slots=True)
class Share:
    """The documents that one of several processes reads: which ones depends on nothing but their keys."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """``2/8`` is the second of eight.

        :raises PartsError: when it is none.
        """
        found = _SHARE.fullmatch(text)
        if not found or int(found[1]) > int(found[2]):
            raise PartsError(f"{text!r} is no share of a build: write 2/8 for the second of eight", "no_share")
        return cls(int(found[1]), int(found[2]))

    def holds(self, key: str) -> bool:
        """Whether the document with this key is one of them."""
        return share_of(key, self.of) == self.number

    def versions(self, folder: Path) -> Versions:
        """Where the part lies in the folder of all parts."""
        return Versions(folder / f"{self.number}-of-{self.of}")


def share_of(key: str, of: int) -> int:
    """The number, from 1 on, of the share that a document belongs to."""
    return zlib.crc32(key.encode()) % of + 1


class Parts:
    """All parts of a build, open."""

    def __init__(self, snapshots: Sequence[Snapshot] = ()) -> None:
        self.snapshots = snapshots
        """In the order of their numbers; none: nothing is taken over."""

    def store(self, key: str) -> Store | None:
        """The text side of the part that the document with this key belongs to."""
        return self.snapshots[share_of(key, len(self.snapshots)) - 1].store if self.snapshots else None

    @classmethod
    @contextmanager
    def open(cls, folder: Path, fits: Callable[[Manifest], bool]) -> Iterator[Self]:
        """Open the parts in a folder.

        :param fits: whether what a part holds can be taken over.
        :raises PartsError: when one is missing, damaged, or does not fit.
        """
        found = [Share(*map(int, name.groups())) for name in map(_FOLDER.fullmatch, _names(folder)) if name]
        sizes = {share.of for share in found}
        if len(sizes) != 1:
            what = "parts of several divisions: remove those of all but one" if sizes else "no parts of a build"
            raise PartsError(f"{folder} holds {what}")
        shares = [Share(number, *sizes) for number in range(1, max(sizes) + 1)]
        with ExitStack() as opened:
            snapshots = []
            for share in shares:
                try:
                    snapshot = opened.enter_context(share.versions(folder).open())
                except SnapshotError as error:
                    raise PartsError(f"part {share.number} of {share.of} can't be used: {error}") from error
                if not fits(snapshot.manifest):
                    raise PartsError(
                        f"part {share.number} of {share.of} in {folder} was made by another version of Pullquote, with "
                        "another model or other settings"
                    )
                snapshots.append(snapshot)
            yield cls(snapshots)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
