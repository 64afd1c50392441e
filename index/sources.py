"""From sources to articles, in one order on every machine."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from index import loaders
from index.article import ARTICLE_ID, Article
from index.documents import Documents
from index.expansion import LARGEST_FILE, Source, SourceError, SourceFailure, SourceFile, SourceUrl, expand
from index.fetch import Fetcher
from index.loaders import LoadError, Origin
from index.loaders.decoding import decode
from index.loaders.metadata import Metadata, override, read_metadata

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
    "read_files",
]


class UnreadableError(SourceError):
    """Something can't be read where all was to be read; ``failures`` tell what."""

    def __init__(self, failures: Sequence[SourceFailure]) -> None:
        super().__init__(f"{len(failures)} of the files and records can't be read: nothing is published")
        self.failures = failures


def read(sources: Sequence[str | Path], fetcher: Fetcher | None = None) -> Iterator[Article | SourceFailure]:
    """Read all articles of files, folders (with their subfolders), patterns and web addresses, sorted by key.

    :param fetcher: fetches addresses, and what feeds and sitemaps list; without one they are failures.
    :raises SourceError: at once, if a source does not exist or holds no file.
    """
    return read_files(expand(sources), fetcher)


def read_files(sources: Iterable[Source], fetcher: Fetcher | None = None) -> Iterator[Article | SourceFailure]:
    """Read the articles of documents in their order; what can't be read, or has an id that is taken, is a failure."""
    documents = Documents(fetcher)
    owners: dict[str, str] = {}
    for item in sources:
        if isinstance(item, SourceFailure):
            yield item
            continue
        for loaded in documents.read_url(item.key) if isinstance(item, SourceUrl) else _read_file(item, documents):
            if isinstance(loaded, LoadError):
                yield SourceFailure(item.key, str(loaded))
            elif owner := owners.get(loaded.id):
                name = f'article id {loaded.id!r} ("{loaded.title}")'
                yield SourceFailure(item.key, f"{name} is taken by {owner}: rename one of the two")
            else:
                owners[loaded.id] = f'{item.key} ("{loaded.title}")'
                yield loaded


def _read_file(item: SourceFile, documents: Documents) -> Iterator[Article | LoadError]:
    origin = Origin(key=item.key, path=item.path)
    try:
        loaders.find_format(origin)  # before it is read: it may be a film
        data, sidecar = item.read(), item.read_sidecar()
        described, identifier = _described(sidecar) if sidecar else (Metadata(), None)
    except LoadError as error:
        yield error
        return
    for loaded in documents.read(data, origin):
        yield loaded if isinstance(loaded, LoadError) else override(loaded, described, identifier)


def _described(sidecar: bytes) -> tuple[Metadata, str | None]:
    """What a file of metadata tells, and the article id if it names one."""
    try:
        fields = json.loads(decode(sidecar))
    except (ValueError, RecursionError) as error:
        raise LoadError(f"its .meta.json is not valid JSON ({error}): mend it or remove it") from None
    if not isinstance(fields, dict):
        raise LoadError('its .meta.json is not an object: write {"title": …, "authors": […], "published": …}')
    identifier = fields.get("id")
    if identifier is not None and not (isinstance(identifier, str) and ARTICLE_ID.fullmatch(identifier)):
        raise LoadError(f"the id in its .meta.json is not usable: {identifier!r}")
    return read_metadata(fields), identifier
