"""One file that holds a version of the index, to keep or to take to another machine."""

import os
import stat
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import IO

from index.snapshot import MANIFEST, STORE, VECTORS, Manifest, Snapshot, SnapshotError
from index.versions import Versions

_NAMES = (MANIFEST, STORE, VECTORS)
_LARGEST_MANIFEST = 1_000_000
_PIECE = 1 << 20
_MIDNIGHT = (1980, 1, 1, 0, 0, 0)


class ArchiveError(ValueError):
    """An archive is not one of an index, or is damaged; nothing was imported."""


def export_version(versions: Versions, file: Path) -> str:
    """Write the current version into a zip file; its name. The same version gives the same bytes.

    The file appears whole or not at all.

    :raises SnapshotError: when there is no index, or it is damaged.
    """
    with versions.open() as snapshot:
        folder = versions.path(snapshot.version)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                    for name in _NAMES:
                        _add(archive, name, folder / name)
                opened.flush()
                os.fsync(opened.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, file)
        except BaseException:
            os.unlink(temporary)
            raise
        return snapshot.version


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = zipfile.ZipInfo(name, _MIDNIGHT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    entry.create_system = 3
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        while piece := source.read(_PIECE):
            target.write(piece)


def import_version(versions: Versions, file: Path) -> str:
    """Make what an archive holds the current version, once every checksum agrees; its name here.

    :raises ArchiveError: when it is no archive of an index, or anything in it is not as its manifest tells.
    :raises BusyError: when another process is changing the index.
    """
    with versions.building() as work:
        try:
            with zipfile.ZipFile(file) as archive:
                entries = _checked(archive)
                _extract(archive, entries[MANIFEST], work / MANIFEST, _LARGEST_MANIFEST)
                manifest = Manifest.read(work)
                for name, sums in manifest.files.items():
                    _extract(archive, entries[name], work / name, sums.bytes)
            Snapshot.open(work).close()
        except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
            raise ArchiveError(f"{file} can't be read as an archive of an index ({error})") from None
        except SnapshotError as error:
            raise ArchiveError(f"{file} is damaged: {str(error).partition('. ')[0]}") from None
        return versions.put(work, replace(manifest, version=versions.next_name(manifest.digest)))


def _checked(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The entries by their names: the three files of a version and nothing else, none of them a link or a device."""
    for entry in archive.infolist():
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.filename not in _NAMES or kind not in {0, stat.S_IFREG}:
            raise ArchiveError(f"{entry.filename!r} is no file of an index: the archive was not made by 'export'")
    names = sorted(entry.filename for entry in archive.infolist())
    if names != sorted(_NAMES):
        raise ArchiveError(f"an archive of an index holds {', '.join(_NAMES)} once each; this one holds {names}")
    return {entry.filename: entry for entry in archive.infolist()}


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, most: int) -> None:
    """Write an entry to ``path``, and not a byte more than ``most``, whatever the archive says of its size."""
    with archive.open(entry) as source, path.open("wb") as target:
        _copy(source, target, most, entry.filename)


def _copy(source: IO[bytes], target: IO[bytes], most: int, name: str) -> None:
    left = most
    while piece := source.read(_PIECE):
        left -= len(piece)
        if left < 0:
            raise ArchiveError(f"{name!r} is larger than the {most} bytes it may have")
        target.write(piece)
