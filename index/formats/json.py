"""JSON files: a list of articles, a JSON Feed, or one article.

JSON Feed: https://www.jsonfeed.org/version/1.1/
"""

import json
from collections.abc import Iterator, Mapping

from index.article import Article
from index.parsing.column_names import renamed
from index.parsing.decoding import damage, decode
from index.parsing.record import TEXT_FIELDS, columns_found, read_record, with_own_id
from index.parsing.record_table import table_article
from index.parsing.tables import MOST_ROWS
from index.parsing.types import LoadError, Origin

SUFFIXES = (".json",)
MEDIA_TYPES = ("application/json", "application/feed+json")

_FEED = "https://jsonfeed.org/version/"
_LISTS = ("articles", "items", "documents", "records", "data", "results", "posts")
"""Under what an object has its list of articles."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read the articles of a list; an item that can't be read, or has an id twice, gives an error with its number.

    Objects without a text, but of names and figures alone, are the rows of a table.

    :raises LoadError: if the bytes are no JSON, or there is no list of objects in it.
    """
    text = decode(data, origin.charset)
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise LoadError(
            f"not valid JSON ({error}): write it anew, or call it .jsonl if each line is an object"
        ) from None
    records = [
        dict(zip(renamed(list(record), origin.columns), record.values(), strict=True)) for record in _records(found)
    ]
    if not any(set(record) & set(TEXT_FIELDS) for record in records):
        yield _table(records[:MOST_ROWS], origin)
        if len(records) > MOST_ROWS:
            yield LoadError(f"more than {MOST_ROWS:,} rows: what follows is left out, divide the table")
        return
    owners: dict[str, int] = {}
    for number, record in enumerate(records, start=1):
        try:
            yield with_own_id(read_record(record, origin, MEDIA_TYPES[0]), record, origin, owners, number)
        except ValueError as error:
            yield LoadError(f"item {number}: {error}", getattr(error, "code", None))
    yield from damage(data, text)


def _records(found: object) -> list[dict[str, object]]:
    if isinstance(found, dict):
        if str(found.get("version")).startswith(_FEED) and isinstance(found.get("items"), list):
            return [_feed_item(item, found) for item in found["items"] if isinstance(item, dict)]
        inner = next((found[name] for name in _LISTS if isinstance(found.get(name), list)), None)
        found = [found] if inner is None else inner
    if not isinstance(found, list) or not found or not all(isinstance(item, dict) for item in found):
        raise LoadError('no list of objects in it: write [{"title": …, "text": …}, …]')
    return found


def _feed_item(item: Mapping[str, object], feed: Mapping[str, object]) -> dict[str, object]:
    """An item of a JSON Feed under the names that records have."""
    authors = item.get("authors") or [item.get("author")]
    names = [author.get("name") for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []
    return {
        "url": item.get("url") or item.get("external_url"),
        "title": item.get("title"),
        "text": item.get("content_html") or item.get("content_text"),
        "authors": [name for name in names if isinstance(name, str)],
        "published": item.get("date_published"),
        "tags": item.get("tags"),
        "language": item.get("language") or feed.get("language"),
        "publisher": feed.get("title"),
    }


def _table(records: list[dict[str, object]], origin: Origin) -> Article:
    header = list(dict.fromkeys(name for record in records for name in record))
    if any(isinstance(value, dict | list) for record in records for value in record.values()):
        raise LoadError(f'nothing is called "text", "body" or "content" {columns_found(header)}', "no_text_column")
    rows = [[_shown(record.get(name)) for name in header] for record in records]
    return table_article(header, rows, origin, MEDIA_TYPES[0])


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
