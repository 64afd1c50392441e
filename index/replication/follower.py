"""Following a bucket: pulling what is published, and switching to it at the moment that was named."""

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.owner_only import make_file, make_folder
from index.replication.bucket import Bucket, BucketError
from index.replication.publications import Publication, gone, latest
from index.replication.pulling import KEPT, files_here, pull_file, pull_snapshot, write_manifest
from index.sharding.layout import Layout, shard_folder
from index.storage.snapshot import SnapshotError
from index.storage.versions import Versions

_FILE = "following.json"
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_BETWEEN_CLEARANCES = 10.0

_log = logging.getLogger("pullquote.replication")


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

    def __init__(self, bucket: Bucket, versions: Versions, come_up: Callable[[Path], object] | None = None) -> None:
        """:param come_up: has the shards of a pulled version come up on other machines, and returns when they are
        there. With it, only what is about all shards is pulled into the folder.
        """
        self._bucket = bucket
        self._versions = versions
        self._come_up = come_up
        self._next: Publication | None = None
        self._is_pulled = self._was_empty = False
        self._look_at = self._clear_at = 0.0

    def follow(self) -> list[str]:
        """Look for what is new, pull it, and switch when its moment has come. Versions that the bucket has no more, and
        all but the last two, are removed; their names.

        The first version of an empty folder is the one that other replicas answer from. What can't be pulled is given
        up for what is newer.

        :raises BucketError: when the bucket can't be used, or what is in it is not what was published.
        :raises BusyError: when another process changes the versions.
        :raises SnapshotError: when shards don't come up.
        :raises OSError: when a file can't be written.
        """
        if self._next is None and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _SECONDS_BETWEEN_LOOKS
            self._next, self._is_pulled = self._newest(), False
        if self._next is None:
            return self._clear()
        if not self._is_pulled:
            try:
                self._have(self._next)
            except Exception:
                self._next = None
                raise
            self._is_pulled = True
        if time.time() >= self._next.switch_at or self._current() is None:
            self._versions.point_to(self._next.version)
            self._next = None
            return self._versions.prune(KEPT)
        return []

    def _have(self, publication: Publication) -> None:
        if publication.version not in self._versions.names():
            self.pull(publication)
        if self._come_up:
            self._come_up(self._versions.path(publication.version))

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
        if self._come_up and publication.shards is None:
            raise BucketError(
                f"version {publication.version} in {self._bucket.url} is in no shards, which could be on Ray",
                "published_whole",
            )
        with self._versions.building() as work:
            if publication.shards is None:
                version = pull_snapshot(self._bucket, files_here(self._versions), publication.manifest, work).version
            else:
                version = self._pull_shards(publication, publication.shards["manifests"], work)
            self._versions.add(work, version)

    def _pull_shards(self, publication: Publication, manifests: list[dict[str, Any]], work: Path) -> str:
        write_manifest(publication.manifest, work)
        for name, sums in publication.files_of_all():
            pull_file(self._bucket, sums, work / name, publication.version)
        here = {} if self._come_up else files_here(self._versions)
        for number, manifest in enumerate(manifests):
            folder = shard_folder(work, number)
            folder.mkdir(parents=True)
            if self._come_up:
                write_manifest(manifest, folder)
            else:
                pull_snapshot(self._bucket, here, manifest, folder)
        try:
            return Layout.read(work).manifest.version
        except SnapshotError as error:
            raise BucketError(f"version {publication.version} in {self._bucket.url} can't be used: {error}") from None

    def _newest(self) -> Publication | None:
        """The publication to switch to next, None when it is the current one."""
        found = latest(self._bucket)
        if not found:
            if not self._was_empty:
                _log.warning(
                    "nothing was published into %s yet: it is looked at until a builder does", self._bucket.url
                )
            self._was_empty = True
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

    def _note(self, newest: Publication) -> None:
        noted = {"version": newest.version, "switch_at": newest.switch_at, "address": newest.address}
        make_folder(self._versions.folder)
        temporary = self._versions.folder / f".{_FILE}"
        make_file(temporary)
        temporary.write_text(json.dumps(noted), encoding="utf-8")
        os.replace(temporary, self._versions.folder / _FILE)
