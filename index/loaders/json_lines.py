"""JSON Lines: one article a line."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256

from index.article import ARTICLE_ID, Article, article_id, canonical
from index.loaders.decoding import decode
from index.loaders.layout import body_blocks, stanzas, unwrap
from index.loaders.metadata import read_metadata
from index.loaders.naming import first_words
from index.loaders.origin import LoadError, Origin

SUFFIXES = (".jsonl", ".ndjson")
MEDIA_TYPES = ("application/jsonl", "application/x-ndjson", "application/json-lines", "application/x-jsonlines")

_TEXT_FIELDS = ("text", "body", "content")


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article a line; a line that can't be read, or has an id twice, gives a :class:`LoadError` that names it.

    :raises LoadError: if the bytes are not text.
    """
    owners: dict[str, int] = {}
    for number, line in enumerate(re.split(r"\r\n|\r|\n", decode(data)), start=1):
        if line.strip():
            try:
                article = _article(line, origin)
                if (owner := owners.setdefault(article.id, number)) != number:
                    raise LoadError(f"article id {article.id!r} is taken by line {owner}: rename one of the two")
                yield article
            except ValueError as error:
                yield LoadError(f"line {number}: {error}")


def _article(line: str, origin: Origin) -> Article:
    record = _record(line)
    text = canonical(_body(record))
    blocks = tuple(body_blocks(stanzas(text)))
    text = unwrap(text, blocks)
    metadata = read_metadata(record)
    return Article(
        id=_id(record.get("id"), metadata.url, origin, text),
        title=metadata.title or canonical(first_words(text)),
        text=text,
        blocks=blocks,
        url=metadata.url or origin.url,
        source=metadata.source,
        authors=metadata.authors,
        published=metadata.published,
        language=metadata.language,
        media_type=MEDIA_TYPES[0],
        path=origin.path,
        tags=metadata.tags,
    )


def _record(line: str) -> dict[str, object]:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise LoadError(f"not valid JSON ({error}): write one object a line") from None
    if not isinstance(record, dict):
        raise LoadError('not an object: write {"title": …, "text": …}')
    return record


def _body(record: dict[str, object]) -> str:
    for name in _TEXT_FIELDS:
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None and not isinstance(value, str):
            raise LoadError(f'"{name}" is not a string: give the text of the article as one string')
    raise LoadError('no text: give the text of the article as "text", "body" or "content"')


def _id(given: object, url: str | None, origin: Origin, text: str) -> str:
    name = str(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else ""
    if ARTICLE_ID.fullmatch(name):
        return name
    return article_id(url or f"{origin.key}#{name or sha256(text.encode()).hexdigest()[:16]}")
