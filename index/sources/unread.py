"""From sources to articles, in one order on every machine."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from index.article import Article
from index.formats import html, registry
from index.parsing.types import LoadError, Origin
from index.sources.addresses import is_folder
from index.sources.documents import DocumentReader
from index.sources.expand import LARGEST_FILE, Source, SourceError, SourceFailure, SourceFile, SourceUrl, expand
from index.sources.fetch import Fetcher, FetchError
from index.sources.file_hashes import FileHashes
from index.sources.folder_files import folder_files
from index.sources.intake import FolderElsewhere, Intake, LoadedParts, NotDue, Unread, Unreadable
from index.sources.reading import Reading
from index.sources.sidecar import read_described

__all__ = [
    "LARGEST_FILE",
    "Source",
    "SourceError",
    "SourceFailure",
    "SourceFile",
    "SourceUrl",
    "UnreadableError",
    "expand",
    "read",
    "unread",
]


class UnreadableError(SourceError):
    """Something can't be read where all was to be read; ``failures`` lists it."""

    code = "sources_unreadable"

    def __init__(self, failures: Sequence[SourceFailure]) -> None:
        super().__init__(f"{len(failures)} of the files and records can't be read: nothing is published")
        self.failures = failures


def read(sources: Sequence[str | Path], fetcher: Fetcher | None = None) -> Iterator[Article | SourceFailure]:
    """What a first build reads: all articles in their order, and what can't be read.

    :raises SourceError: at once, if a source does not exist or holds no file.
    """
    intake = Intake(unread(sources, FileHashes(), fetcher))
    found: Iterator[list[Article | SourceFailure]] = (
        [*document.articles, *document.report.failures] for document in intake.documents()
    )
    return chain.from_iterable(found)


def unread(
    sources: Sequence[str | Path],
    hashes: FileHashes,
    fetcher: Fetcher | None = None,
    reading: Reading | None = None,
    is_due: Callable[[str], bool] = lambda _: True,
) -> list[Unread | FolderElsewhere]:
    """What a build reads of files, folders (with their subfolders), patterns, web addresses and folders elsewhere,
    sorted by key.

    :param fetcher: fetches addresses, and what feeds and sitemaps list; without one they are failures.
    :param reading: reads the bytes of documents; None: here, without limits.
    :param is_due: whether a source elsewhere is looked at; what was indexed of the others is kept.
    :raises SourceError: if a source does not exist or holds no file.
    """
    documents = DocumentReader(fetcher, reading)
    return [_unread(item, hashes, documents, fetcher, is_due) for item in expand(sources)]


def _unread(
    item: Source,
    hashes: FileHashes,
    documents: DocumentReader,
    fetcher: Fetcher | None,
    is_due: Callable[[str], bool],
) -> Unread | FolderElsewhere:
    if isinstance(item, SourceFile):
        return _File(item, hashes, documents)
    if isinstance(item, SourceUrl) and is_folder(item.key):
        return FolderElsewhere(item.key, lambda: _folder_files(item.key, fetcher, documents), is_due(item.key))
    if isinstance(item, SourceUrl):
        page = _Page(item.key, documents)
        return page if is_due(item.key) else NotDue(page)
    return Unreadable(item.key, item.reason)


def _folder_files(address: str, fetcher: Fetcher | None, documents: DocumentReader) -> Sequence[Unread]:
    if fetcher is None:
        raise FetchError("it is a folder elsewhere, and nothing is fetched here")
    return folder_files(address, fetcher.policy, documents)


@dataclass(frozen=True, slots=True)
class _Page:
    """A web address, or a feed or sitemap there: it has to be fetched to see whether it changed."""

    key: str
    documents: DocumentReader

    def sha256(self) -> None:
        return None

    def begin(self, reading: Reading, /) -> None:
        """Addresses are fetched in their order."""

    def load(self, _: Reading | None = None, /) -> LoadedParts:
        return None, list(self.documents.read_url(self.key))


@dataclass(frozen=True, slots=True)
class _File:
    """A file, with the file of metadata beside it. What its hash is of is read again only when the hash is another."""

    item: SourceFile
    hashes: FileHashes
    documents: DocumentReader

    @property
    def key(self) -> str:
        return self.item.key

    @property
    def origin(self) -> Origin:
        return Origin(key=self.item.key, path=self.item.path)

    @property
    def media_type(self) -> str | None:
        """That of a web page whose name does not say so; None where the name tells, or nothing does."""
        if registry.ending(self.item.path) in registry.suffixes():
            return None
        return html.MEDIA_TYPES[0] if registry.looks_like_page(self.item.head()) else None

    def sha256(self) -> str | None:
        """None for what is of no kind that is read: it may be a film."""
        if registry.ending(self.item.path) not in registry.suffixes() and self.media_type is None:
            return None
        files = filter(None, (self.item.file, self.item.sidecar()))
        return _joined([self.hashes.of(file) for file in files])

    def begin(self, reading: Reading, /) -> None:
        with suppress(LoadError):
            media_type = self.media_type
            registry.find_format(self.origin, media_type)
            reading.begin(self.item.read(), self.origin, media_type)

    def load(self, _: Reading | None = None, /) -> LoadedParts:
        origin = self.origin
        listed = self.documents.listed
        try:
            media_type = self.media_type
            registry.find_format(origin, media_type)
            data, sidecar = self.item.read(), self.item.read_sidecar()
        except LoadError as error:
            return None, [error]
        sha256 = _joined([hashlib.sha256(part).hexdigest() for part in (data, sidecar) if part is not None])
        parts = read_described(self.documents, data, sidecar, origin, media_type)
        return (sha256 if self.documents.listed == listed else None), parts


def _joined(sums: Sequence[str | None]) -> str | None:
    known = [digest for digest in sums if digest]
    return "+".join(known) if len(known) == len(sums) else None
