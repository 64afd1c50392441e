"""From the names of files, folders, patterns and web addresses to the documents that are read."""

import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from fnmatch import fnmatch
from glob import has_magic
from itertools import takewhile
from pathlib import Path

from index.article import storable
from index.errors import UNREADABLE, PullquoteError
from index.formats import registry
from index.parsing.types import LoadError
from index.sources.addresses import clean_source
from index.sources.fetch import FetchError, is_url

LARGEST_FILE = 100_000_000
"""Bytes: a file is read into memory as a whole."""

_HEAD = 1024
"""Bytes in which a web page shows what it is."""

SIDECAR = ".meta.json"
"""What the name of a file of metadata ends with; before that, it has the name of the file that it describes."""


class SourceError(PullquoteError, ValueError):
    """A source does not exist or holds no file: one line that says how to mend it."""

    code = "source_unusable"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read.

    ``key`` is its posix path from the parent of the folder that was named ("seeds/report.txt"), or from further up if
    another folder of that name has a file of that key; ``path`` is its path within the folder.
    """

    file: Path
    key: str
    path: str

    def read(self) -> bytes:
        """Its bytes.

        :raises LoadError: if it is no regular file, too large, or can't be opened.
        """
        return _read(self.file)

    def head(self) -> bytes:
        """Its first bytes; none when it can't be read."""
        try:
            if not stat.S_ISREG(self.file.stat().st_mode):
                return b""
            with self.file.open("rb") as opened:
                return opened.read(_HEAD)
        except OSError:
            return b""

    def read_sidecar(self) -> bytes | None:
        """The bytes of the file of metadata beside it (``report.pdf.meta.json`` or ``report.meta.json``), if any.

        :raises LoadError: as :meth:`read` does.
        """
        beside = self.sidecar()
        return _read(beside) if beside else None

    def sidecar(self) -> Path | None:
        """The file of metadata beside it, if there is one."""
        return next((file for file in _sidecars(self.file) if file.exists()), None)


@dataclass(frozen=True, slots=True)
class SourceUrl:
    """A web address to fetch; it is its own key."""

    key: str


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """A file, a part of it, a folder or an address that is not indexed, the reason in one line, and its code."""

    key: str
    reason: str
    code: str = UNREADABLE


Source = SourceFile | SourceUrl | SourceFailure

Locked = list[OSError]
"""Folders that could not be opened."""


def expand(sources: Sequence[str | Path]) -> list[Source]:
    """Every document of the sources once, sorted by key, in whatever order the sources are.

    Hidden files and folders are left out, and so are the folders that browsers put beside a saved page; folders that
    are links are followed. A folder that can't be opened is a failure.

    :raises SourceError: if there are no sources, or one does not exist or holds no file.
    """
    if not sources:
        raise SourceError("no source is given: name a folder, a file, an address or a pattern such as 'news/**/*.txt'")
    names = list(map(str, sources))
    folders: dict[Path, list[Path]] = {}
    real_path = _RealPaths()
    locked: Locked = []
    for name in names:
        if not is_url(name):
            folder, files = _expand_one(name, locked)
            folders.setdefault(folder, []).extend(files)
    found: dict[str, SourceFile] = {}
    keys: set[str] = set()
    for folder, files in sorted(folders.items()):
        fresh = {name: file for file in sorted(files) if (name := real_path(file)) not in found}
        items = _keyed(folder, fresh.values(), keys)
        found |= zip(fresh, items, strict=True)
        keys.update(item.key for item in items)
    urls = {url: SourceUrl(url) for url in map(_url, filter(is_url, names))}
    return sorted([*_without_sidecars(found), *urls.values(), *_failures(locked)], key=_order)


def _order(item: Source) -> tuple[str, str]:
    return item.key, str(item.file) if isinstance(item, SourceFile) else ""


def elsewhere(sources: Sequence[str | Path]) -> list[str]:
    """The sources that lie elsewhere, each once, as the keys of what they bring begin.

    :raises SourceError: if one is no address.
    """
    return sorted({_url(source) for source in map(str, sources) if is_url(source)})


def _url(source: str) -> str:
    try:
        return clean_source(source)
    except FetchError as error:
        raise SourceError(f"source {source!r}: {error}") from None


def _failures(locked: Locked) -> Iterator[SourceFailure]:
    for error in {str(error.filename): error for error in locked}.values():
        reason = f"the folder can't be opened ({error.strerror}): allow reading it, or move it elsewhere"
        yield SourceFailure(storable(Path(error.filename).as_posix()), reason)


def _without_sidecars(found: dict[str, SourceFile]) -> Iterator[SourceFile | SourceFailure]:
    """The files but for those of metadata, of which those that describe no other file are failures."""
    described = {name for path in found for name in (path, without_suffix(path)) if not name.endswith(SIDECAR)}
    for path, item in found.items():
        if not path.endswith(SIDECAR):
            yield item
        elif path.removesuffix(SIDECAR) not in described:
            yield SourceFailure(
                item.key, "it describes no file that is read: give it that file's name before .meta.json"
            )


def absolute(source: str) -> str:
    """A source in a form that means the same from every working directory."""
    return source if is_url(source) else os.path.abspath(os.path.expanduser(source))


def _expand_one(source: str, locked: Locked) -> tuple[Path, list[Path]]:
    """The folder that the keys of a source begin with, and its files."""
    given = Path(absolute(source))
    if given.is_file():
        return given.parent, [given]
    if given.is_dir():
        found = list(_match(given, ("**", "*"), locked))
        if not found and not locked:
            raise SourceError(
                f"folder {source!r} has no files: put articles into it ({_supported()}) or name another one"
            )
        return given, found
    if has_magic(source):
        plain = Path(*takewhile(lambda part: not has_magic(part), given.parts))
        found = list(_match(plain, given.parts[len(plain.parts) :], locked))
        if not found and not locked:
            raise SourceError(f"pattern {source!r} matches no file: check it, and quote it to keep it from the shell")
        return plain, found
    raise SourceError(f"source {source!r} does not exist: check its spelling, or name a folder, a file or a pattern")


def _match(folder: Path, pattern: Sequence[str], locked: Locked) -> Iterator[Path]:
    """The files under ``folder`` that a pattern matches part by part; ``**`` is any number of folders, or none."""
    first, *rest = pattern
    if first == "**":
        for inner in _folders(folder, locked):
            yield from _match(inner, rest or ("*",), locked)
        return
    for name in [first] if not has_magic(first) else _names(folder, locked):
        is_hidden = name.startswith(".") and not first.startswith(".")
        path = folder / name
        if is_hidden or not fnmatch(name, first) or not os.path.lexists(path):
            continue
        if path.is_dir():
            yield from _match(path, rest, locked) if rest else ()
        elif not rest:
            yield path


def _folders(top: Path, locked: Locked) -> Iterator[Path]:
    """A folder and those in it; one that has several names once, under a name without links if it has one."""
    entered: set[str] = set()
    waiting = [top]
    for start in waiting:
        within = [start]
        while within:
            folder = within.pop()
            if (real := os.path.realpath(folder)) in entered:
                continue
            entered.add(real)
            yield folder
            names = _names(folder, locked)
            inner = [folder / name for name in names if not (name.startswith(".") or _is_saved_with_page(name, names))]
            inner = [path for path in reversed(inner) if path.is_dir()]
            within += [path for path in inner if not path.is_symlink()]
            waiting += [path for path in reversed(inner) if path.is_symlink()]


def _names(folder: Path, locked: Locked) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except NotADirectoryError:
        return []
    except OSError as error:
        locked.append(error)
        return []


def _is_saved_with_page(name: str, beside: Iterable[str]) -> bool:
    """Whether this is the folder of pictures and scripts that a browser saves beside a page."""
    page = name.removesuffix("_files")
    return page != name and not {f"{page}.html", f"{page}.htm"}.isdisjoint(beside)


def without_suffix(name: str) -> str:
    """The path of a file without its ending."""
    return os.path.splitext(name)[0]


def _sidecars(file: Path) -> tuple[Path, Path]:
    return file.with_name(file.name + SIDECAR), file.with_name(file.stem + SIDECAR)


def _read(file: Path) -> bytes:
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise LoadError("it is not a regular file but a pipe, a socket or a device: remove it")
        if status.st_size > LARGEST_FILE:
            raise LoadError(f"the file is larger than {LARGEST_FILE // 1_000_000} MB: split it into smaller files")
        return file.read_bytes()
    except OSError as error:
        raise LoadError(f"the file can't be opened ({error.strerror}): check that it exists and may be read") from None


class _RealPaths:
    """The real path of a file, by whatever links its folder is reached."""

    def __init__(self) -> None:
        self._folders: dict[Path, str] = {}

    def __call__(self, file: Path) -> str:
        folder = file.parent
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return os.path.join(self._folders[folder], file.name)


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
    return ", ".join(sorted(registry.suffixes()))
