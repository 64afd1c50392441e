"""Folders and files that nobody but their owner may read: what is indexed is not for everybody on the machine."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_ANYBODY = 0o007


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the owner alone. One that is there stays as it is.

    :raises OSError: if it can't be made.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(0o700, exist_ok=True)


def make_file(file: Path) -> None:
    """Make an empty file for the owner alone. One that is there stays as it is.

    It is not even opened: closing it again would take the locks that SQLite has on it in this process.

    :raises OSError: if it can't be made.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600))


def has_content(file: Path) -> bool:
    """Whether a file is there and was written to since :func:`make_file` made it."""
    try:
        return file.stat().st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False


def close(folder: Path) -> None:
    """Take every right to a folder, and to all that is in it, from all others."""
    for path in folder.iterdir():
        if path.is_dir():
            close(path)
        else:
            path.chmod(0o600)
    folder.chmod(0o700)


def open_to_anybody(folder: Path) -> Iterator[Path]:
    """What of a folder anybody on the machine may use; links are not followed. Its own list of names is no secret."""
    if not folder.stat().st_mode & 0o001:
        return
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            if not path.is_symlink() and path.stat().st_mode & _ANYBODY:
                yield path


def close_to_anybody(folder: Path) -> None:
    """Take the rights that anybody has from a folder and all that is in it; those of its group stay."""
    for path in [*open_to_anybody(folder), folder]:
        path.chmod(path.stat().st_mode & 0o777 & ~_ANYBODY)
