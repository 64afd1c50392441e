"""An article that is given as names and values: a line of JSON, a row of a table."""

from collections.abc import Mapping
from hashlib import sha256

from index.article import ARTICLE_ID, Article, article_id, canonical
from index.parsing.metadata import complete, read_metadata
from index.parsing.text_layout import body_blocks, stanzas, unwrap
from index.parsing.titles import first_words
from index.parsing.types import LoadError, Origin

TEXT_FIELDS = ("text", "body", "content")


def read_record(record: Mapping[str, object], origin: Origin, media_type: str) -> Article:
    """The article of a record; its text is in NFC.

    :raises LoadError: if it has no text.
    """
    text = canonical(_body(record))
    blocks = tuple(body_blocks(stanzas(text)))
    text = unwrap(text, blocks)
    metadata = read_metadata(record)
    article = Article(
        id=_id(record.get("id"), metadata.url, origin, text),
        title=metadata.title or canonical(first_words(text)),
        text=text,
        blocks=blocks,
        url=metadata.url or origin.url,
        media_type=media_type,
        path=origin.path,
    )
    return complete(article, metadata)


def _body(record: Mapping[str, object]) -> str:
    for name in TEXT_FIELDS:
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
