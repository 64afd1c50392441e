"""One file that holds a version of the index and what was written over HTTP, to keep or to take to another machine."""

import fcntl
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

from index.collection.export_lines import LineError, check, lines_of, take
from index.collection.store import Collection
from index.errors import PullquoteError
from index.storage.snapshot import CHANGED, MANIFEST, QUESTIONS, STORE, VECTORS, Manifest, Snapshot, SnapshotError
from index.storage.versions import Versions

_WRITTEN = "written.jsonl"
_NAMES = (MANIFEST, STORE, VECTORS, _WRITTEN)
_LARGEST_MANIFEST = 1_000_000
_LARGEST_RATIO = 100
"""Times that what was written over HTTP may grow when it is unpacked."""
_PIECE = 1 << 20
_MIDNIGHT = (1980, 1, 1, 0, 0, 0)


_FOLDER = ".export-"


class ArchiveError(PullquoteError, ValueError):
    """An archive is not one of an index, or is damaged; nothing was imported."""

    code = "export_damaged"


@contextmanager
def export_folder(folder: Path) -> Iterator[Path]:
    """A folder below ``folder`` to write an archive into, which is removed in the end.

    :raises OSError: when it can't be made.
    """
    with tempfile.TemporaryDirectory(prefix=_FOLDER, dir=folder) as made:
        descriptor = os.open(made, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield Path(made)
        finally:
            os.close(descriptor)


def remove_left_exports(folder: Path) -> list[Path]:
    """Remove the folders of :func:`export_folder` whose process died; those that were removed."""
    removed = []
    for path in sorted(folder.glob(f"{_FOLDER}*")):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
                removed.append(path)
            finally:
                os.close(descriptor)
    return removed


def export_version(versions: Versions, collection: Collection, file: Path) -> str:
    """Write the current version and the collection into a zip file; the version's name. The same content gives the
    same bytes.

    The file appears whole or not at all.

    :raises SnapshotError: when there is no index, or it is damaged.
    :raises ArchiveError: when the current version still holds an article that was deleted.
    """
    with versions.open() as snapshot:
        deleted = sorted(name for name in collection.edits().deleted if snapshot.store.article(name))
        if deleted:
            raise ArchiveError(
                f"the version {snapshot.version} still holds the deleted article {deleted[0]!r}: let a build end",
                "export_holds_deleted",
            )
        folder = versions.path(snapshot.version)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                    for name in (MANIFEST, *snapshot.manifest.files):
                        with (folder / name).open("rb") as source:
                            _add(archive, name, iter(partial(source.read, _PIECE), b""))
                    _add(archive, _WRITTEN, lines_of(collection))
                opened.flush()
                os.fsync(opened.fileno())
            os.replace(temporary, file)
        except BaseException:
            os.unlink(temporary)
            raise
        return snapshot.version


def _add(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    entry = zipfile.ZipInfo(name, _MIDNIGHT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    entry.create_system = 3
    with archive.open(entry, "w", force_zip64=True) as target:
        for piece in pieces:
            target.write(piece)


def import_version(
    versions: Versions, collection: Collection, file: Path, restore_deleted: bool = False
) -> tuple[str, int]:
    """Make what an archive holds the current version, once every checksum agrees; its name here, and the number of
    written documents that were taken. What was written here stays as it is.

    :param restore_deleted: whether it may hold articles that were deleted here.
    :raises ArchiveError: when it is no archive of an index, anything in it differs from its manifest, or it would bring
        a deleted article back.
    :raises BusyError: when another process is changing the index.
    """
    with versions.building() as work, tempfile.TemporaryFile() as written:
        try:
            with zipfile.ZipFile(file) as archive:
                entries = _checked(archive)
                _unpack(archive, entries[MANIFEST], work, _LARGEST_MANIFEST)
                manifest = Manifest.read(work)
                if set(entries) != {MANIFEST, *manifest.files, _WRITTEN}:
                    raise ArchiveError(f"{file} is damaged: it does not hold the files that its manifest lists")
                for name, sums in manifest.files.items():
                    _unpack(archive, entries[name], work, sums.bytes)
                with archive.open(_WRITTEN) as source:
                    _copy(source, written, _LARGEST_RATIO * entries[_WRITTEN].compress_size, _WRITTEN)
            with Snapshot.open(work) as snapshot:
                deleted = set() if restore_deleted else collection.edits().deleted
                held = sorted(name for name in deleted if snapshot.store.article(name))
            if held:
                raise ArchiveError(
                    f"{file} holds {held[0]!r}, which was deleted here, and {len(held) - 1} other such articles",
                    "import_holds_deleted",
                )
            written.seek(0)
            check(written)
        except (FileNotFoundError, IsADirectoryError) as error:
            raise ArchiveError(f"{file} can't be read ({error.strerror}): name a file that 'export' wrote") from None
        except (zipfile.BadZipFile, NotImplementedError, EOFError, LineError) as error:
            raise ArchiveError(f"{file} can't be read as an archive of an index ({error})") from None
        except SnapshotError as error:
            raise ArchiveError(f"{file} is damaged: {error}") from None
        with collection.transaction() as connection:
            written.seek(0)
            taken = take(collection, connection, written)
            current = versions.same_as(manifest)
            if current is None:
                current = versions.next_name(manifest.digest)
                versions.put(work, replace(manifest, version=current))
            return current, taken


def _checked(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The entries by their names: those of an export, once each, and nothing else, none of them a link or a device."""
    for entry in archive.infolist():
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.filename not in (*_NAMES, CHANGED, QUESTIONS) or kind not in {0, stat.S_IFREG}:
            raise ArchiveError(f"{entry.filename!r} is no file of an index: the archive was not made by 'export'")
    names = sorted(entry.filename for entry in archive.infolist())
    if names != sorted({*names, *_NAMES}):
        raise ArchiveError(f"an archive of an index holds {', '.join(_NAMES)} once each; this one holds {names}")
    return {entry.filename: entry for entry in archive.infolist()}


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, most: int) -> None:
    """Write an entry into ``folder``, and not a byte more than ``most``, whatever the archive says of its size."""
    with archive.open(entry) as source, (folder / entry.filename).open("wb") as target:
        _copy(source, target, most, entry.filename)


def _copy(source: IO[bytes], target: IO[bytes], most: int, name: str) -> None:
    left = most
    while piece := source.read(_PIECE):
        left -= len(piece)
        if left < 0:
            raise ArchiveError(f"{name!r} is larger than the {most} bytes it may have")
        target.write(piece)
