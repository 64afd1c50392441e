"""The line of publications in a bucket: which version answers, on every replica, from which moment on.

``publications/NUMBER.json`` is made once and never changed, and numbers have no gaps at the end: of two builders that
publish the same number, one wins. ``files/SHA256`` are the files of versions. A version in shards is published with the
manifest of each, so that a shard can be pulled alone.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Self

from index.replication.bucket import Bucket, BucketError
from index.sharding.layout import LIST, WORDS, shard_folder
from index.storage.snapshot import FileSum

_FOLDER = "publications"


@dataclass(frozen=True, slots=True)
class Publication:
    """One version in the bucket.

    ``switch_at`` is the moment, in seconds since 1970, from which on it answers. ``publisher`` identifies the data
    folder that published it, ``address`` is where its service is reached, if that is known, and ``manifest`` is that of
    the version, as it stands in its file. Of a version in shards, ``shards`` has the ``manifests`` of these, and the
    sums of the ``files`` that are about all of them.
    """

    number: int
    version: str
    switch_at: float
    publisher: str
    address: str | None
    manifest: dict[str, Any]
    shards: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """Its name in the bucket."""
        return f"{_FOLDER}/{self.number:09d}.json"

    def json(self) -> bytes:
        """What is stored."""
        content = asdict(self)
        if self.shards is None:
            del content["shards"]
        return json.dumps(content, ensure_ascii=False).encode()

    @classmethod
    def of_json(cls, content: bytes) -> Self:
        """What was stored.

        :raises ValueError: when it is none.
        """
        try:
            made = cls(**json.loads(content))
            dict(made.files())
            made.versions()
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(str(error)) from None
        return made

    def files(self) -> Iterator[tuple[str, FileSum]]:
        """The files of the version by their paths in its folder, without manifests."""
        if self.shards is None:
            yield from _files(self.manifest)
            return
        yield from self.files_of_all()
        for number, manifest in enumerate(self.shards["manifests"]):
            folder = shard_folder(Path(), number)
            yield from ((f"{folder / name}", sums) for name, sums in _files(manifest))

    def files_of_all(self) -> Iterator[tuple[str, FileSum]]:
        """Those of a version in shards that are about all of them, by name."""
        if self.shards is not None:
            yield from ((name, FileSum(**self.shards["files"][name])) for name in (LIST, WORDS))

    def versions(self) -> set[str]:
        """The names of the version and of its shards."""
        return {
            self.version,
            *(str(manifest["version"]) for manifest in (self.shards or {"manifests": []})["manifests"]),
        }


def stored_as(sums: FileSum) -> str:
    """The name of a file of a version in the bucket."""
    return f"files/{sums.sha256}"


def latest(bucket: Bucket, most: int = 2) -> list[Publication]:
    """The last ``most`` publications, the newest first.

    :raises BucketError: when the bucket can't be used, or a publication can't be read.
    """
    return list(islice(_newest_first(bucket), most))


def gone(bucket: Bucket, versions: Iterable[str]) -> list[str]:
    """Which of these versions, or shards, are not in the bucket any more; none where nothing was ever published.

    :raises BucketError: as :func:`latest`.
    """
    left, is_empty = set(versions), True
    for publication in _newest_first(bucket):
        is_empty = False
        left -= publication.versions()
        if not left:
            break
    return [] if is_empty else sorted(left)


def drop_all_but(bucket: Bucket, versions: Iterable[str]) -> list[str]:
    """Remove publications of other versions, but not the newest publication, and the files that none needs any more.

    Call it where no other publishes. The names of what was removed.
    """
    kept, dropped = set(versions), []
    needed: set[str] = set()
    for place, name in enumerate(reversed(bucket.names(_FOLDER))):
        each = _read(bucket, name, bucket.read(name) or b"")
        if place == 0 or each.version in kept:
            needed |= {stored_as(sums) for _, sums in each.files()}
        else:
            dropped.append(name)
    bucket.delete(dropped)
    unused = [name for name in bucket.names("files") if name not in needed]
    bucket.delete(unused)
    return dropped + unused


def _files(manifest: dict[str, Any]) -> Iterator[tuple[str, FileSum]]:
    return ((name, FileSum(**sums)) for name, sums in manifest["files"].items())


def _newest_first(bucket: Bucket) -> Iterator[Publication]:
    for name in reversed(bucket.names(_FOLDER)):
        content = bucket.read(name)
        if content is not None:  # else it was removed between two looks
            yield _read(bucket, name, content)


def _read(bucket: Bucket, name: str, content: bytes) -> Publication:
    try:
        return Publication.of_json(content)
    except ValueError as error:
        raise BucketError(f"{name} in {bucket.url} can't be read as a publication ({error})") from None
