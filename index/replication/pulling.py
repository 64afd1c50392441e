"""Pulling one snapshot out of a bucket, with nothing that differs from its checksum."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.replication.bucket import Bucket, BucketError, MissingError
from index.replication.publications import stored_as
from index.storage.snapshot import MANIFEST, FileSum, Manifest, Snapshot, SnapshotError
from index.storage.versions import Versions, share_file

KEPT = 2
"""Versions that a machine which follows a bucket keeps."""


def files_here(versions: Versions) -> dict[FileSum, Path]:
    """The files of the versions in a folder by their sums, which those that are damaged do not have."""
    found = {}
    for name in versions.names():
        for path in versions.path(name).rglob(MANIFEST):
            try:
                files = Manifest.read(path.parent).files
            except SnapshotError:
                continue
            found.update({sums: path.parent / file for file, sums in files.items() if (path.parent / file).exists()})
    return found


def pull_snapshot(bucket: Bucket, here: Mapping[FileSum, Path], manifest: dict[str, Any], folder: Path) -> Manifest:
    """Write the snapshot with a published manifest into ``folder``.

    :param here: files by their sums, which are not pulled again.
    :raises BucketError: when the bucket can't be used, or what is in it is not what was published.
    :raises OSError: when a file can't be written.
    """
    write_manifest(manifest, folder)
    try:
        found = Manifest.read(folder)
        for name, sums in found.files.items():
            if not _shared(here, sums, folder / name):
                pull_file(bucket, sums, folder / name, found.version)
        Snapshot.open(folder, verify=False).close()
    except SnapshotError as error:
        raise BucketError(f"version {manifest.get('version')} in {bucket.url} can't be used: {error}") from None
    return found


def write_manifest(manifest: dict[str, Any], folder: Path) -> None:
    """Write a published manifest into ``folder``."""
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def pull_file(bucket: Bucket, sums: FileSum, file: Path, version: str) -> None:
    """Write a file of a version out of the bucket.

    :raises BucketError: as :func:`pull_snapshot`.
    """
    try:
        bucket.fetch(stored_as(sums), file, sums)
    except MissingError as error:
        raise MissingError(f"{error}, so version {version} can't be pulled: publish another one") from None


def _shared(here: Mapping[FileSum, Path], sums: FileSum, file: Path) -> bool:
    """Take a file from those that are here."""
    if sums not in here:
        return False
    share_file(here[sums], file)
    if FileSum.of(file) == sums:
        return True
    file.unlink()
    return False
