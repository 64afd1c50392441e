"""ZIP archives of documents of any format."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from index.formats.registry import find_format
from index.parsing.types import Loaded, LoadError, Note, Origin
from index.parsing.zipped_xml import open_archive, read_member

SUFFIXES = (".zip",)
MEDIA_TYPES = ("application/x-zip-compressed",)

_WITHIN = "!/"
_DEEPEST = 3
"""Archives in archives that are read."""
_LARGEST = 100_000_000
"""Bytes of a member."""
_ABOUT_FILES = {"__MACOSX", ".git", ".DS_Store"}
_NAMED = 5


def load(data: bytes, origin: Origin) -> Iterator[Loaded]:
    """Read the documents in an archive, in the order of their names; each has an id of its own.

    A :class:`Note` tells of files whose format is not supported, an error which document can't be read.

    :raises LoadError: if it is no archive, is cut off, encrypted or a bomb, or none of its files is read.
    """
    if origin.key.count(_WITHIN) >= _DEEPEST:
        raise LoadError("archives in archives are not read so deep: unpack them")
    left_out: list[str] = []
    is_read = False
    with open_archive(data, "ZIP archive") as archive:
        for member in sorted(archive.infolist(), key=lambda member: member.filename):
            name = member.filename
            if member.is_dir() or _ABOUT_FILES & set(PurePosixPath(name).parts):
                continue
            inner = Origin(f"{origin.key}{_WITHIN}{name}", origin.path and f"{origin.path}{_WITHIN}{name}")
            try:
                form = find_format(inner)
            except LoadError:
                left_out.append(name)
                continue
            is_read = True
            if member.file_size > _LARGEST:
                yield LoadError(f"{name}: larger than {_LARGEST // 1_000_000} MB: divide it")
                continue
            try:
                for part in form.load(read_member(archive, name), inner):
                    yield type(part)(f"{name}: {part}") if isinstance(part, LoadError) else part
            except LoadError as error:
                yield LoadError(f"{name}: {error}")
    if not is_read:
        raise LoadError("none of the files in the archive is of a format that is read")
    if left_out:
        more = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
        yield Note(f"files of other formats are left out: {', '.join(left_out[:_NAMED])}{more}")
