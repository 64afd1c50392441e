"""The file of metadata beside a document."""

import json

from index.article import ARTICLE_ID, Article
from index.parsing.decoding import decode
from index.parsing.metadata import Metadata, misread, override, read_metadata
from index.parsing.types import LoadError, Origin
from index.sources.documents import DocumentReader


def read_described(
    documents: DocumentReader, data: bytes, sidecar: bytes | None, origin: Origin, media_type: str | None
) -> list[Article | LoadError]:
    """The articles of a document with what the file beside it tells of them, if there is one."""
    try:
        described, identifier, misreadings = _described(sidecar) if sidecar is not None else (Metadata(), None, [])
    except LoadError as error:
        return [error]
    loaded = [
        part if isinstance(part, LoadError) else override(part, described, identifier)
        for part in documents.read(data, origin, media_type)
    ]
    return [*loaded, *misreadings]


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
