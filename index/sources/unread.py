"""From sources to articles, in one order on every machine."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from index.article import ARTICLE_ID, Article
from index.formats import html, registry
from index.parsing.decoding import decode
from index.parsing.metadata import Metadata, misread, override, read_metadata
from index.parsing.types import LoadError, Origin
from index.sources.documents import DocumentReader
from index.sources.expand import LARGEST_FILE, Source, SourceError, SourceFailure, SourceFile, SourceUrl, expand
from index.sources.fetch import Fetcher
from index.sources.file_hashes import FileHashes
from index.sources.intake import Intake, LoadedParts, NotDue, Unread, Unreadable
from index.sources.reading import Reading

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
) -> list[Unread]:
    """What a build reads of files, folders (with their subfolders), patterns and web addresses, sorted by key.

    :param fetcher: fetches addresses, and what feeds and sitemaps list; without one they are failures.
    :param reading: reads the bytes of documents; None: here, without limits.
    :param is_due: whether a source elsewhere is looked at; what was indexed of the others is kept.
    :raises SourceError: if a source does not exist or holds no file.
    """
    documents = DocumentReader(fetcher, reading)
    return [_unread(item, hashes, documents, is_due) for item in expand(sources)]


def _unread(item: Source, hashes: FileHashes, documents: DocumentReader, is_due: Callable[[str], bool]) -> Unread:
    if isinstance(item, SourceFile):
        return _File(item, hashes, documents)
    if isinstance(item, SourceUrl):
        page = _Page(item.key, documents)
        return page if is_due(item.key) else NotDue(page)
    return Unreadable(item.key, item.reason)


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
        try:
            described, identifier, misreadings = _described(sidecar) if sidecar is not None else (Metadata(), None, [])
        except LoadError as error:
            return sha256, [error]
        loaded = [
            part if isinstance(part, LoadError) else override(part, described, identifier)
            for part in self.documents.read(data, origin, media_type)
        ]
        return (sha256 if self.documents.listed == listed else None), [*loaded, *misreadings]


def _joined(sums: Sequence[str | None]) -> str | None:
    known = [digest for digest in sums if digest]
    return "+".join(known) if len(known) == len(sums) else None


def _described(sidecar: bytes) -> tuple[Metadata, str | None, list[LoadError]]:
    """The metadata in such a file, the article id if it names one, and an error for each field of no use."""
    try:
        fields = json.loads(decode(sidecar))
    except (ValueError, RecursionError) as error:
        raise LoadError(f"its .meta.json is not valid JSON ({error}): mend it or remove it") from None
    if not isinstance(fields, dict):
        raise LoadError('its .meta.json is not an object: write {"title": …, "authors": […], "published": …}')
    identifier = fields.get("id")
    if identifier is not None and not (isinstance(identifier, str) and ARTICLE_ID.fullmatch(identifier)):
        raise LoadError(f"the id in its .meta.json is not usable: {identifier!r}")
    others = {name: value for name, value in fields.items() if name != "id"}
    misreadings = [LoadError(f"its .meta.json can't be followed in part: {reason}") for reason in misread(others)]
    return read_metadata(others), identifier, misreadings
