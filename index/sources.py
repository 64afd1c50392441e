"""From the names of files, folders and patterns to articles, in one order on every machine."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from itertools import takewhile
from pathlib import Path

from index import loaders
from index.article import Article, storable
from index.loaders import LoadError, Origin


class SourceError(ValueError):
    """A source does not exist or holds no file: one line that says how to mend it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read; ``key`` is its posix path from the parent of the folder that was named ("seeds/report.txt")."""

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
    """Every file of the sources once, sorted by key. Hidden files and folders are left out.

    :raises SourceError: if there are no sources, or one does not exist or holds no file.
    """
    if not sources:
        raise SourceError("no source is given: name a folder, a file or a pattern such as 'news/**/*.txt'")
    found: dict[Path, SourceFile] = {}
    for source in sources:
        for item in _expand_one(str(source)):
            found.setdefault(item.file, item)
    return sorted(found.values(), key=lambda item: (item.key, str(item.file)))


def read_files(files: Iterable[SourceFile]) -> Iterator[Article | SourceFailure]:
    """Read the articles of files in their order; what can't be read, or has an id that is taken, is a failure."""
    owners: dict[str, str] = {}
    for item in files:
        for loaded in _load(item):
            if isinstance(loaded, LoadError):
                yield SourceFailure(item.key, str(loaded))
            elif owner := owners.get(loaded.id):
                yield SourceFailure(item.key, f"article id {loaded.id!r} is taken by {owner}: rename one of the two")
            else:
                owners[loaded.id] = item.key
                yield loaded


def _load(item: SourceFile) -> list[Article | LoadError]:
    try:
        return loaders.load(item.file.read_bytes(), Origin(key=item.key, path=item.path))
    except LoadError as error:
        return [error]
    except OSError as error:
        return [LoadError(f"the file can't be opened ({error.strerror}): check that it exists and may be read")]
    except MemoryError:
        raise
    except Exception as error:  # files are hostile: whatever breaks must not stop the others
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return [LoadError(f"the file can't be read ({reason}): mend it or remove it")]


def _expand_one(source: str) -> list[SourceFile]:
    given = Path(os.path.abspath(os.path.expanduser(source)))
    if given.is_file():
        return [_source_file(given, given.parent)]
    if given.is_dir():
        found = [_source_file(file, given) for file in _walk(given)]
        if not found:
            raise SourceError(
                f"folder {source!r} has no files: put articles into it ({_supported()}) or name another one"
            )
        return found
    if has_magic(source):
        return _expand_pattern(source, given)
    raise SourceError(f"source {source!r} does not exist: check its spelling, or name a folder, a file or a pattern")


def _expand_pattern(source: str, pattern: Path) -> list[SourceFile]:
    plain = Path(*takewhile(lambda part: not has_magic(part), pattern.parts))
    matches = (Path(match) for match in glob(str(pattern), recursive=True))
    found = [_source_file(match, plain) for match in matches if match.is_file()]
    if not found:
        raise SourceError(f"pattern {source!r} matches no file: check it, and quote it to keep it from the shell")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(files) if not name.startswith("."))


def _source_file(file: Path, folder: Path) -> SourceFile:
    path = storable(file.relative_to(folder).as_posix())
    return SourceFile(file, f"{storable(folder.name)}/{path}" if folder.name else path, path)


def _supported() -> str:
    return ", ".join(sorted(loaders.suffixes()))
