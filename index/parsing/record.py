"""An article that is given as names and values: a line of JSON, a row of a table."""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import replace
from hashlib import sha256
from itertools import islice

from index.article import ARTICLE_ID, Article, Block, article_id, canonical
from index.parsing.metadata import complete, read_metadata
from index.parsing.parts import Part, assemble
from index.parsing.prose import is_markup, plain, prose_parts, unescaped
from index.parsing.text_layout import body_blocks, stanzas, unwrap
from index.parsing.titles import first_words
from index.parsing.types import LoadError, Origin

TEXT_FIELDS = ("text", "body", "content")
_TITLES = {"title", "headline", "name"}
_MOST_NAMES = 20
_LONGEST_NAME = 40
"""Code points."""


def read_record(record: Mapping[str, object], origin: Origin, media_type: str) -> Article:
    """The article of a record; its text is in NFC.

    :raises LoadError: if it has no text.
    """
    given = unescaped(_body(record))
    text, blocks = assemble(list(prose_parts(given))) if is_markup(given) else _plain(canonical(plain(given)))
    if not text.strip():
        raise LoadError("the text is markup without any words")
    metadata = read_metadata({name: _without_markup(name, value) for name, value in record.items()})
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


def with_own_id(
    article: Article, record: Mapping[str, object], origin: Origin, owners: MutableMapping[str, int], line: int
) -> Article:
    """The article with an id that no line before has; the titles tell records of one text apart.

    :param owners: the lines that have the ids so far.
    :raises LoadError: if the record names its id or address, or is the same as one before.
    """
    names_itself = bool(record.get("id")) or article.url != origin.url
    if article.id in owners and not names_itself:
        key = sha256(f"{article.title}\0{article.text}".encode()).hexdigest()[:16]
        article = replace(article, id=article_id(f"{origin.key}#{key}"))
    if (owner := owners.setdefault(article.id, line)) != line:
        raise LoadError(f"article id {article.id!r} is taken by line {owner}: rename one of the two")
    return article


def columns_found(names: Iterable[object]) -> str:
    """What an error says of the names there are."""
    found = ", ".join(" ".join(str(name).split())[:_LONGEST_NAME] for name in islice(names, _MOST_NAMES))
    return f"(found: {found}): name one of them so"


def _plain(text: str) -> tuple[str, tuple[Block, ...]]:
    blocks = tuple(body_blocks(stanzas(text)))
    text = unwrap(text, blocks)
    if canonical(text) == text:
        return text, blocks
    return assemble([Part(canonical(text[block.start : block.end]), block.kind) for block in blocks])


def _without_markup(name: str, value: object) -> object:
    """A title as it is read, without tags and entities."""
    if name.lower() not in _TITLES or not isinstance(value, str) or not ("<" in value or "&" in value):
        return value
    return " ".join(part.text for part in prose_parts(value))


def _body(record: Mapping[str, object]) -> str:
    for name in TEXT_FIELDS:
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None and not isinstance(value, str):
            raise LoadError(f'"{name}" is not a string: give the text of the article as one string')
    reason = f'no text: nothing is called "text", "body" or "content" {columns_found(record)}'
    raise LoadError(reason, "no_text_column")


def _id(given: object, url: str | None, origin: Origin, text: str) -> str:
    name = str(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else ""
    if ARTICLE_ID.fullmatch(name):
        return name
    return article_id(url or f"{origin.key}#{name or sha256(text.encode()).hexdigest()[:16]}")
