"""The collections of a bucket: the default one at its top, each further one under ``collections/NAME``.

There, each has publications and files of its own, as the default one has, and ``collection.json``: what replicas know
of it beside its versions. Several builders may share a bucket, each with collections of other names.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.collection.folders import DEFAULT, FOLDER, NAME_PATTERN, CollectionFolders, Description
from index.owner_only import make_folder
from index.replication.backup import NotEmptyError, restore
from index.replication.bucket import Bucket, BucketError
from index.replication.publications import latest
from index.replication.publisher import Publisher
from index.storage.versions import Versions

_FILE = "collection.json"


@dataclass(frozen=True, slots=True)
class Shared:
    """A further collection of a bucket: when it was made, its own settings, and what the data folder is known by that
    publishes it.
    """

    created: float
    settings: dict[str, Any]
    owner: str


def bucket_of(bucket: Bucket, collection: str) -> Bucket:
    """Where a collection is in the bucket."""
    return bucket if collection == DEFAULT else bucket.within(f"{FOLDER}/{collection}")


def owner_of(data_dir: Path, bucket: Bucket) -> str:
    """What a data folder is known by as the owner of collections in a bucket."""
    versions = Versions(CollectionFolders(data_dir).path(DEFAULT) / "index")
    make_folder(versions.folder)
    return Publisher(bucket, versions).identity


def shared(bucket: Bucket) -> dict[str, Shared]:
    """The further collections of a bucket that were published, by name.

    :raises BucketError: when the bucket can't be used, or a description can't be read.
    """
    found = {}
    for name in bucket.folders(FOLDER):
        content = bucket.read(_place(name)) if re.fullmatch(NAME_PATTERN, name) else None
        if content is not None:
            try:
                found[name] = Shared(**json.loads(content))
            except (ValueError, TypeError) as error:
                raise BucketError(f"{_place(name)} in {bucket.url} can't be read ({error})") from None
    return found


def describe(bucket: Bucket, collection: Description, owner: str) -> None:
    """Let replicas know of a further collection. Call it after a publication: so of two owners one never gets here."""
    described = Shared(collection.created or 0.0, dict(collection.settings), owner)
    bucket.put(_place(collection.name), json.dumps(asdict(described), ensure_ascii=False).encode())


def withdraw_deleted(bucket: Bucket, folders: CollectionFolders, owner: str) -> list[str]:
    """Remove what this owner published of collections that it has no more, or made anew; their names.

    :raises BucketError: when the bucket can't be used.
    """
    here = {name: folders.read(name).created for name in folders.names()}
    gone = [name for name, each in shared(bucket).items() if each.owner == owner and here.get(name) != each.created]
    for name in gone:
        bucket.delete([_place(name)])
        bucket.delete(bucket.names(f"{FOLDER}/{name}"))
    return gone


def surplus(found: Mapping[str, Shared], folders: CollectionFolders) -> list[str]:
    """Which collections of a replica are no more those of the bucket."""
    here = [folders.read(name) for name in folders.names()]
    return [
        each.name
        for each in here
        if each.is_replica and (each.name not in found or found[each.name].created != each.created)
    ]


def take(found: Mapping[str, Shared], folders: CollectionFolders) -> None:
    """Make the collections that a replica lacks, and give each the settings that the bucket has.

    :raises NotEmptyError: when the data folder has one of such a name that is no replica; the others are taken.
    """
    here, own = set(folders.names()), []
    for name, each in found.items():
        if name not in here:
            folders.create(name, each.settings, each.created, is_replica=True)
            continue
        known = folders.read(name)
        if not known.is_replica:
            own.append(name)
        elif known.settings != each.settings:
            folders.change(name, {**dict.fromkeys(known.settings), **each.settings})
    if own:
        raise NotEmptyError(
            f"the collection {', '.join(own)} of this data folder is no replica, and the bucket has one of the same "
            "name: give the replica a data folder of its own"
        )


def restore_all(data_dir: Path, bucket: Bucket) -> dict[str, str]:
    """Make an empty data folder what the builder's was, with all collections that this published (see
    :func:`index.replication.backup.restore`); the version of each by name.

    :raises NotEmptyError: when the folder has a version, a collection or written documents.
    :raises BucketError: when nothing was published there, or the bucket can't be used.
    """
    folders, further = CollectionFolders(data_dir), shared(bucket)
    if folders.names():
        raise NotEmptyError(f"{data_dir} has collections already, which restoring would mix up")
    restored = {}
    if latest(bucket, 1) or not further:
        restored[DEFAULT] = restore(data_dir, Versions(data_dir / "index"), bucket)
    make_folder(data_dir)
    for name, each in further.items():
        made, place = folders.create(name, each.settings, each.created), folders.path(name)
        restored[name] = restore(place, Versions(place / "index"), bucket_of(bucket, name))
        describe(bucket, made, owner_of(data_dir, bucket))
    return restored


def _place(name: str) -> str:
    return f"{FOLDER}/{name}/{_FILE}"
