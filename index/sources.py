"""From the names of files, folders and patterns to articles, in one order on every machine."""

import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from glob import glob, has_magic
from itertools import takewhile
from pathlib import Path

from index import loaders
from index.article import Article, storable
from index.loaders import LoadError, Origin

LARGEST_FILE = 100_000_000
"""Bytes: a file is read into memory as a whole."""


class SourceError(ValueError):
    """A source does not exist or holds no file: one line that says how to mend it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read.

    ``key`` is its posix path from the parent of the folder that was named ("seeds/report.txt"), or from further up if
    another folder of that name has a file of that key; ``path`` is its path within the folder.
    """

    file: Path
    key: str
    path: str


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """A file, or a part of it, that is not indexed, and the reason in one line."""

    key: str
    reason: str


def read(sources: Sequence[str | Path]) -> Iterator[Article | SourceFailure]:
    """Read all articles of files, folders (with their subfolders) and glob patterns, sorted by key.

    :raises SourceError: at once, if a source does not exist or holds no file.
    """
    return read_files(expand(sources))


def expand(sources: Sequence[str | Path]) -> list[SourceFile]:
    """Every file of the sources once, sorted by key, in whatever order the sources are.

    Hidden files and folders are left out; folders that are links are followed.

    :raises SourceError: if there are no sources, or one does not exist or holds no file.
    """
    if not sources:
        raise SourceError("no source is given: name a folder, a file or a pattern such as 'news/**/*.txt'")
    folders: dict[Path, list[Path]] = {}
    for source in sources:
        folder, files = _expand_one(str(source))
        folders.setdefault(folder, []).extend(files)
    found: dict[str, SourceFile] = {}
    keys: set[str] = set()
    for folder, files in sorted(folders.items()):
        fresh = {place: file for file in sorted(files) if (place := _place(file)) not in found}
        items = _keyed(folder, fresh.values(), keys)
        found |= zip(fresh, items, strict=True)
        keys.update(item.key for item in items)
    return sorted(found.values(), key=lambda item: (item.key, str(item.file)))


def read_files(files: Iterable[SourceFile]) -> Iterator[Article | SourceFailure]:
    """Read the articles of files in their order; what can't be read, or has an id that is taken, is a failure."""
    owners: dict[str, str] = {}
    for item in files:
        for loaded in _load(item):
            if isinstance(loaded, LoadError):
                yield SourceFailure(item.key, str(loaded))
            elif owner := owners.get(loaded.id):
                name = f'article id {loaded.id!r} ("{loaded.title}")'
                yield SourceFailure(item.key, f"{name} is taken by {owner}: rename one of the two")
            else:
                owners[loaded.id] = f'{item.key} ("{loaded.title}")'
                yield loaded


def _load(item: SourceFile) -> list[Article | LoadError]:
    try:
        origin = Origin(key=item.key, path=item.path)
        return list(loaders.find_format(origin).load(_read_bytes(item.file), origin))
    except LoadError as error:
        return [error]
    except OSError as error:
        return [LoadError(f"the file can't be opened ({error.strerror}): check that it exists and may be read")]
    except MemoryError:
        raise
    except Exception as error:  # files are hostile: whatever breaks must not stop the others
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return [LoadError(f"the file can't be read ({reason}): mend it or remove it")]


def _read_bytes(file: Path) -> bytes:
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise LoadError("it is not a regular file but a pipe, a socket or a device: remove it")
    if status.st_size > LARGEST_FILE:
        raise LoadError(f"the file is larger than {LARGEST_FILE // 1_000_000} MB: split it into smaller files")
    return file.read_bytes()


def _expand_one(source: str) -> tuple[Path, list[Path]]:
    """The folder that the keys of a source begin with, and its files."""
    given = Path(os.path.abspath(os.path.expanduser(source)))
    if given.is_file():
        return given.parent, [given]
    if given.is_dir():
        found = list(_walk(given))
        if not found:
            raise SourceError(
                f"folder {source!r} has no files: put articles into it ({_supported()}) or name another one"
            )
        return given, found
    if has_magic(source):
        return _expand_pattern(source, given)
    raise SourceError(f"source {source!r} does not exist: check its spelling, or name a folder, a file or a pattern")


def _expand_pattern(source: str, pattern: Path) -> tuple[Path, list[Path]]:
    plain = Path(*takewhile(lambda part: not has_magic(part), pattern.parts))
    found = [file for match in glob(str(pattern), recursive=True) if not (file := Path(match)).is_dir()]
    if not found:
        raise SourceError(f"pattern {source!r} matches no file: check it, and quote it to keep it from the shell")
    return plain, found


def _walk(top: Path) -> Iterator[Path]:
    """The files of a folder; one that has several names is entered once, under a name without links if it has one."""
    entered: set[str] = set()
    waiting = [top]
    for start in waiting:
        for parent, folders, files in os.walk(start):
            if (real := os.path.realpath(parent)) in entered:
                folders.clear()
                continue
            entered.add(real)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            waiting += [link for name in folders if (link := Path(parent, name)).is_symlink()]
            yield from (Path(parent, name) for name in sorted(files) if not name.startswith("."))


def _place(file: Path) -> str:
    """What tells a file from others, by whatever links its folder is reached."""
    return os.path.join(os.path.realpath(file.parent), file.name)


def _keyed(folder: Path, files: Collection[Path], taken: Set[str]) -> list[SourceFile]:
    """Give the files of a folder keys that begin with its name, or with as many of its parents' as make them new."""
    paths = [storable(file.relative_to(folder).as_posix()) for file in files]
    names = [storable(name) for name in folder.parts[1:]]
    for start in reversed(range(max(len(names), 1))):
        keys = ["/".join([*names[start:], path]) for path in paths]
        if taken.isdisjoint(keys):
            break
    return [SourceFile(file, key, path) for file, key, path in zip(files, keys, paths, strict=True)]


def _supported() -> str:
    return ", ".join(sorted(loaders.suffixes()))
