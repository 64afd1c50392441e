"""What was written over HTTP, kept in the bucket beside the versions, so that a builder can begin anew elsewhere."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from index.collection.store import FILE
from index.owner_only import make_file, make_folder
from index.replication.bucket import Bucket, BucketError
from index.replication.follower import Follower
from index.replication.publications import latest
from index.replication.publisher import Publisher
from index.storage.versions import Versions

_OBJECT = f"collection/{FILE}"


class NotEmptyError(BucketError):
    """A data folder that something would be restored into has an index or written documents already."""

    code = "not_empty"


def state(data_dir: Path) -> tuple[tuple[int, int], ...]:
    """What changes with every write: size and time of the files of the collection."""
    files = [data_dir / FILE, data_dir / f"{FILE}-wal"]
    found = [file.stat() for file in files if file.exists()]
    return tuple((each.st_mtime_ns, each.st_size) for each in found)


def back_up(data_dir: Path, bucket: Bucket) -> None:
    """Copy the collection into the bucket, as it is at one moment, while it is in use.

    :raises BucketError: when the bucket can't be used.
    :raises sqlite3.Error: when the collection can't be read.
    """
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=data_dir) as folder:
        copy = Path(folder) / FILE
        with closing(sqlite3.connect(data_dir / FILE)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        bucket.put(_OBJECT, copy)


def restore(data_dir: Path, versions: Versions, bucket: Bucket) -> str:
    """Make an empty data folder what the builder's was: the version published last, and the backup of the collection.

    From then on this folder publishes into the bucket, and the builder before is told so. The name of the version.

    :raises NotEmptyError: when the folder has a version or a collection.
    :raises BucketError: when nothing was published there, or the bucket can't be used.
    """
    if versions.names() or (data_dir / FILE).exists():
        raise NotEmptyError(f"{data_dir} has an index or written documents already, which restoring would mix up")
    found = latest(bucket, 1)
    if not found:
        raise BucketError(f"nothing was published into {bucket.url}", "nothing_published")
    make_folder(data_dir)
    if bucket.size(_OBJECT) is not None:
        copy = data_dir / f".{FILE}"
        make_file(copy)
        bucket.fetch(_OBJECT, copy)
        os.replace(copy, data_dir / FILE)
    Follower(bucket, versions).pull(found[0])
    versions.point_to(found[0].version)
    Publisher(bucket, versions).take_over()
    return found[0].version
