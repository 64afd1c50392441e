"""Following a bucket: pulling what is published, and switching to it at the moment that was named."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from index.owner_only import make_file, make_folder
from index.replication.bucket import Bucket, BucketError
from index.replication.publications import Publication, gone, latest, stored_as
from index.storage.snapshot import MANIFEST, FileSum, Manifest, Snapshot, SnapshotError
from index.storage.versions import Versions, share_file

_FILE = "following.json"
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_BETWEEN_CLEARANCES = 10.0
_KEPT = 2


@dataclass(frozen=True, slots=True)
class Followed:
    """What a replica knows of the newest publication that it saw."""

    version: str
    switch_at: float
    address: str | None

    def is_late(self, version: str, grace: float) -> bool:
        """Whether another version should have been answering for more than ``grace`` seconds."""
        return version != self.version and time.time() > self.switch_at + grace


def followed(versions: Versions) -> Followed | None:
    """What the replica on this folder knows, None before it saw a publication."""
    try:
        return Followed(**json.loads((versions.folder / _FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


class Follower:
    """Keeps a folder of versions like the bucket has them. Call :meth:`follow` again and again, from one thread."""

    def __init__(self, bucket: Bucket, versions: Versions) -> None:
        self._bucket = bucket
        self._versions = versions
        self._next: Publication | None = None
        self._look_at = self._clear_at = 0.0

    def follow(self) -> list[str]:
        """Look for what is new, pull it, and switch when its moment has come. Versions that the bucket has no more, and
        all but the last two, are removed; their names.

        The first version of an empty folder is the one that other replicas answer from.

        :raises BucketError: when the bucket can't be used, or what is in it is not what was published.
        :raises BusyError: when another process changes the versions.
        :raises OSError: when a file can't be written.
        """
        if self._next is None and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _SECONDS_BETWEEN_LOOKS
            self._next = self._newest()
        if self._next is None:
            return self._clear()
        if self._next.version not in self._versions.names():
            self.pull(self._next)
        if time.time() >= self._next.switch_at or self._current() is None:
            self._versions.point_to(self._next.version)
            self._next = None
            return self._versions.prune(_KEPT)
        return []

    def _clear(self) -> list[str]:
        """What was erased at the builder must not stay here."""
        if time.monotonic() < self._clear_at:
            return []
        self._clear_at = time.monotonic() + _SECONDS_BETWEEN_CLEARANCES
        dropped = gone(self._bucket, self._versions.names())
        return self._versions.remove(dropped) if dropped else []

    def pull(self, publication: Publication) -> None:
        """Make a published version one of those in the folder, under its own name, without switching to it.

        :raises BucketError: as :meth:`follow`.
        """
        with self._versions.building() as work:
            (work / MANIFEST).write_text(json.dumps(publication.manifest, ensure_ascii=False), encoding="utf-8")
            try:
                manifest = Manifest.read(work)
                for name, sums in manifest.files.items():
                    self._get(sums, work / name)
                Snapshot.open(work, verify=False).close()
            except SnapshotError as error:
                message = f"version {publication.version} in {self._bucket.url} can't be used: {error}"
                raise BucketError(message) from None
            self._versions.add(work, manifest.version)

    def _newest(self) -> Publication | None:
        """The publication to switch to next, None when it is the current one."""
        found = latest(self._bucket)
        if not found:
            return None
        newest = found[0]
        self._note(newest)
        current = self._current()
        if current is None and newest.switch_at > time.time():
            return found[-1]
        return None if newest.version == current else newest

    def _current(self) -> str | None:
        try:
            folder = self._versions.current()
        except SnapshotError:
            return None
        return folder.name if folder else None

    def _get(self, sums: FileSum, file: Path) -> None:
        """Take a file from a version that is here and has it, else from the bucket."""
        for name in reversed(self._versions.names()):
            folder = self._versions.path(name)
            try:
                same = [known for known, its in Manifest.read(folder).files.items() if its == sums]
            except SnapshotError:
                continue
            for known in same:
                share_file(folder / known, file)
                if FileSum.of(file) == sums:
                    return
                file.unlink()
        self._bucket.fetch(stored_as(sums), file, sums)

    def _note(self, newest: Publication) -> None:
        noted = {"version": newest.version, "switch_at": newest.switch_at, "address": newest.address}
        make_folder(self._versions.folder)
        temporary = self._versions.folder / f".{_FILE}"
        make_file(temporary)
        temporary.write_text(json.dumps(noted), encoding="utf-8")
        os.replace(temporary, self._versions.folder / _FILE)
