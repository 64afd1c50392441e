"""Shards out of a bucket: the process of each pulls its own into a folder of its machine, and opens it there.

That folder has, for each bucket and shard, the versions that the bucket has of it, two at the most. So a process that
starts where its shard was before pulls nothing, and after a change only the files that changed.
"""

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from index.replication.bucket import Bucket, BucketError
from index.replication.publications import gone, latest
from index.replication.pulling import KEPT, files_here, pull_snapshot
from index.sharding.layout import shard_folder
from index.sharding.shard import Shard
from index.storage.snapshot import Manifest, SnapshotError
from index.storage.versions import BusyError, Versions

_SECONDS_BETWEEN_CLEARANCES = 10.0

_log = logging.getLogger("pullquote.shards")


@dataclass(frozen=True, slots=True)
class InBucket:
    """Where shards on a cluster come from: the bucket that the service follows.

    ``cache`` is a folder that each machine has of its own, unless ``variable`` of its environment names another; it is
    made where it is missing. With ``verify``, a process computes the checksums of its files before it answers.
    """

    url: str
    cache: Path
    variable: str
    verify: bool = True

    def identity(self, folder: Path) -> str:  # noqa: ARG002
        """See :meth:`index.sharding.on_ray.Source.identity`."""
        return Bucket(self.url).url

    def opener(self, folder: Path, number: int) -> Callable[[], Shard]:
        """See :meth:`index.sharding.on_ray.Source.opener`."""
        manifest = asdict(Manifest.read(shard_folder(folder, number)))
        return partial(self._opened, number, manifest)

    def folder(self) -> Path:
        """The folder on this machine for the shards of the bucket."""
        cache = Path(os.environ.get(self.variable) or self.cache).expanduser()
        return cache / hashlib.sha256(Bucket(self.url).url.encode()).hexdigest()[:16]

    def is_current(self, folder: Path) -> bool:
        """See :meth:`index.sharding.on_ray.Source.is_current`."""
        due = (each.version for each in latest(Bucket(self.url)) if each.switch_at <= time.time())
        return next(due, None) == folder.name

    def _opened(self, number: int, manifest: dict[str, Any]) -> Shard:
        """Open the shard that was published with this manifest, once it is on this machine.

        :raises BucketError: when it is not there and the bucket can't be used, or has it no more.
        :raises SnapshotError: when it is there and damaged, and another process has it open.
        :raises OSError: when it can't be written.
        """
        bucket, folder = Bucket(self.url), self.folder()
        versions = Versions(folder / f"{number:05d}")
        path = _pulled(bucket, versions, manifest)
        try:
            shard = Shard.open(path, self.verify)
        except SnapshotError as error:
            if not versions.remove([path.name]):
                raise
            _log.warning("shard %d is pulled again: %s", number, error)
            shard = Shard.open(_pulled(bucket, versions, manifest), self.verify)
        threading.Thread(target=_keep_clear, args=[bucket, folder], name="clear-shards", daemon=True).start()
        return shard


def clear(bucket: Bucket, folder: Path) -> None:
    """Remove from this machine what the bucket has no more, and what is older than the last versions of a shard, but
    nothing that a process has open.

    :raises BucketError: when the bucket can't be used.
    """
    here = {versions: versions.names() for versions in map(Versions, sorted(folder.iterdir()))}
    dropped = set(gone(bucket, (name for names in here.values() for name in names)))
    for versions, names in here.items():
        try:
            if not dropped.isdisjoint(names):
                versions.remove([name for name in names if name in dropped])
            if len(names) > KEPT:
                versions.prune(KEPT)
        except BusyError:  # something is being pulled there: the next time
            continue


def _pulled(bucket: Bucket, versions: Versions, manifest: dict[str, Any]) -> Path:
    name: str = manifest["version"]
    if name not in versions.names():
        with versions.building(wait=True) as work:
            if name not in versions.names():  # else another process pulled it meanwhile
                pull_snapshot(bucket, files_here(versions), manifest, work)
                versions.add(work, name)
    return versions.path(name)


def _keep_clear(bucket: Bucket, folder: Path) -> None:
    while True:
        time.sleep(_SECONDS_BETWEEN_CLEARANCES)
        try:
            clear(bucket, folder)
        except (BucketError, OSError) as error:
            _log.warning("old shards can't be removed: %s", error)
