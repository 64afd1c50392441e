"""The versions of an index in a folder, and the pointer to the current one.

``FOLDER/versions/NAME`` holds a snapshot, ``FOLDER/CURRENT`` the name of the one that is read. A finished version is
moved into place as a whole, and then the pointer is replaced by an atomic rename. So a crash at any moment leaves
either the old or the new version readable.
"""

import fcntl
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index import owner_only
from index.errors import PullquoteError
from index.models.compiled import sha256_file
from index.owner_only import make_file, make_folder
from index.storage.known_sums import Sums
from index.storage.snapshot import Manifest, Snapshot, SnapshotError, unused

_NAME = re.compile(r"(\d{6,})-[0-9a-f]{8}")


class BusyError(PullquoteError, RuntimeError):
    """Another process is building this index."""

    code = "index_busy"


class Versions:
    """The snapshots in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._versions = folder / "versions"
        self._pointer = folder / "CURRENT"

    def names(self) -> list[str]:
        """All published versions, the oldest first."""
        if not self._versions.is_dir():
            return []
        names = [path.name for path in self._versions.iterdir() if _NAME.fullmatch(path.name)]
        return sorted(names, key=lambda name: int(name.split("-")[0]))

    def current(self) -> Path | None:
        """The folder of the current version, or None when there is none yet.

        :raises SnapshotError: when the pointer names a version that is not there.
        """
        try:
            name = self._pointer.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SnapshotError(f"{self._pointer} can't be read ({error.strerror}): remove it") from error
        if not _NAME.fullmatch(name) or not (self._versions / name).is_dir():
            raise SnapshotError(f"{self._pointer} names the version {name!r}, which is not there")
        return self._versions / name

    @property
    def sums(self) -> Path:
        """Where builds keep the checksums that they have computed (:mod:`index.storage.known_sums`)."""
        return self.folder / "sums.json"

    def open(self, verify: bool = True, sums: Sums = sha256_file) -> Snapshot:
        """Open the current version; see :meth:`index.storage.snapshot.Snapshot.open`.

        :raises SnapshotError: when there is none, or it is damaged.
        """
        folder = self.current()
        if folder is None:
            raise SnapshotError(f"there is no index in {self.folder} yet", "no_index")
        try:
            return Snapshot.open(folder, verify, sums)
        except SnapshotError:
            if self.current() == folder:
                raise
        return self.open(verify, sums)  # it was replaced, and removed before it was open

    @contextmanager
    def changing(self, wait: bool = False) -> Iterator[None]:
        """Hold the lock of this index, which one process at a time can.

        :param wait: for the process that holds it, instead of giving up.
        :raises BusyError: when another process holds it; the message says which one and since when.
        """
        make_folder(self._versions)
        make_file(self.folder / "lock")
        with (self.folder / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                lock.seek(0)
                raise BusyError(
                    f"{lock.read().strip() or 'another process'} is changing the index in {self.folder}: "
                    "try again when it is done"
                ) from None
            since = datetime.now(UTC).isoformat(timespec="seconds")
            lock.truncate(0)
            lock.write(f"process {os.getpid()} on {platform.node()}, since {since},")
            lock.flush()
            yield

    @contextmanager
    def building(self, wait: bool = False) -> Iterator[Path]:
        """A new folder to build in, for one builder at a time; gone afterwards unless it was published.

        :raises BusyError: see :meth:`changing`.
        """
        with self.changing(wait):
            self.clear_left_overs()
            work = Path(tempfile.mkdtemp(prefix=".building-", dir=self.folder))
            try:
                yield work
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def left_overs(self) -> list[Path]:
        """The folders of builders that were killed, or work now; the next build removes them."""
        return sorted(path for kind in (".building-*", ".pruned-*") for path in self.folder.glob(kind))

    def clear_left_overs(self) -> list[Path]:
        """Remove them; call it while holding the lock."""
        found = self.left_overs()
        for path in found:
            shutil.rmtree(path, ignore_errors=True)
        return found

    def rollback(self, name: str | None = None) -> str:
        """Make another version the current one: ``name``, or the one before the current; its name.

        :raises SnapshotError: when there is no such version, or it is damaged.
        :raises BusyError: when another process is changing the index.
        """
        with self.changing():
            names = self.names()
            if name is None:
                name = self.before_current()
                if name is None:
                    raise SnapshotError(
                        f"there is no version before the current one in {self.folder}", "no_such_version"
                    )
            if name not in names:
                raise SnapshotError(
                    f"there is no version {name!r} in {self.folder}: there are {', '.join(names)}", "no_such_version"
                )
            Snapshot.open(self.path(name)).close()
            self.point_to(name)
        return name

    def prune(self, keep: int, days: float = 0.0) -> list[str]:
        """Remove old versions but for the newest ``keep``, those made in the last ``days``, the current one, and those
        that a process has open; the names of the removed.

        :raises BusyError: when another process is changing the index.
        :raises SnapshotError: when it is not known which version is the current one.
        """
        removed = []
        with self.changing():
            current = self.current()
            names = self.names()
            for name in names[: max(len(names) - keep, 0)]:
                folder = self.path(name)
                if folder == current or _is_younger(folder, days):
                    continue
                if self._take_away(name):
                    removed.append(name)
            self.clear_left_overs()
        return removed

    def remove(self, names: Sequence[str]) -> list[str]:
        """Remove versions, but not the current one and none that a process has open; the names of the removed.

        :raises BusyError: when another process is changing the index.
        :raises SnapshotError: when it is not known which version is the current one.
        """
        with self.changing():
            current = self.current()
            removed = [name for name in names if self.path(name) != current and self._take_away(name)]
            self.clear_left_overs()
        return removed

    def _take_away(self, name: str) -> bool:
        """Move a version out of the way unless it is in use."""
        folder = self.path(name)
        with unused(folder) as is_unused:
            if is_unused:
                os.rename(folder, self.folder / f".pruned-{name}")
            return is_unused

    def before_current(self) -> str | None:
        """The version before the current one.

        :raises SnapshotError: when it is not known which version is the current one.
        """
        names, current = self.names(), self.current()
        older = names[: names.index(current.name)] if current else names
        return older[-1] if older else None

    @staticmethod
    def number(name: str) -> int:
        """The number of a version, which grows from one to the next."""
        return int(name.partition("-")[0])

    def path(self, name: str) -> Path:
        """The folder of a version."""
        return self._versions / name

    def next_name(self, digest: str) -> str:
        """The name for the next version: its number and the first eight digits of the hash of its content."""
        numbers = [int(name.split("-")[0]) for name in self.names()]
        return f"{max(numbers, default=0) + 1:06d}-{digest[:8]}"

    def put(self, work: Path, manifest: Manifest) -> None:
        """Publish a finished folder once it opens."""
        manifest.write(work)
        Snapshot.open(work, verify=False).close()
        self.publish(work, manifest.version)

    def same_as(self, manifest: Manifest) -> str | None:
        """The current version if it is whole, has the same content, and was made in the same way."""
        made_alike = ("digest", "embedder", "settings", "recipe")
        try:
            folder = self.current()
            current = Manifest.read(folder) if folder else None
            if current is None or any(getattr(current, name) != getattr(manifest, name) for name in made_alike):
                return None
            self.open().close()
        except SnapshotError:
            return None
        return current.version

    def publish(self, work: Path, name: str) -> None:
        """Move a finished folder into place and make it the current version, durably and atomically."""
        self.add(work, name)
        self.point_to(name)

    def add(self, work: Path, name: str) -> None:
        """Move a finished folder into place, durably and atomically; the current version stays."""
        owner_only.close(work)
        for path in work.rglob("*"):
            sync(path)
        sync(work)
        os.rename(work, self._versions / name)
        sync(self._versions)

    def point_to(self, name: str) -> None:
        """Make ``name`` the current version, atomically."""
        temporary = self.folder / ".CURRENT"
        make_file(temporary)
        temporary.write_text(name + "\n", encoding="utf-8")
        sync(temporary)
        os.replace(temporary, self._pointer)
        sync(self.folder)


def _is_younger(folder: Path, days: float) -> bool:
    """Whether a version was made in the last ``days``; one with a time in the future was not: clocks are set back."""
    try:
        made = datetime.fromisoformat(Manifest.read(folder).created)
    except (SnapshotError, ValueError):
        return False
    return timedelta(0) <= datetime.now(UTC) - made < timedelta(days=days)


def share_file(file: Path, to: Path) -> None:
    """Let a file of a version be one of another version, too: as a second name of the same bytes where the file system
    can do that, else as a copy.
    """
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)


def sync(path: Path) -> None:
    """Let a file, or the names in a folder, be on the disk.

    :raises OSError: if that can't be done.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
