"""The list of a version's articles: searched by words, sorted, a page at a time, and counted by kind."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from index.storage.filters import Filters
from index.storage.store import Store

Order = Literal["title", "newest", "oldest", "source"]
ORDERS: tuple[Order, ...] = get_args(Order)

MOST_OF_A_FACET = 12
"""Sources, authors or tags that are counted, the most frequent."""

_ORDERS: dict[Order, str] = {
    "title": "title COLLATE NOCASE, id",
    "newest": "published IS NULL, published DESC, id",
    "oldest": "published IS NULL, published, id",
    "source": "source_key IS NULL, source_key, title COLLATE NOCASE, id",
}
_FOUND = "coalesce(copy_of, articles.row) IN (SELECT value FROM json_each(?))"
_FIELDS = "id, title, source, published, url, path, media_type, language, files.key, " + (
    "(SELECT count(*) FROM passages WHERE article = coalesce(copy_of, articles.row))"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in the list. ``file`` is the key of what it was read from."""

    id: str
    title: str
    source: str | None
    published: date | None
    url: str | None
    path: str | None
    media_type: str
    language: str | None
    file: str | None
    passages: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list; ``total`` articles pass. ``counts`` has, for sources, authors and tags, the most frequent
    values among those that pass, each with how many have it.
    """

    entries: list[Entry]
    total: int
    counts: dict[str, list[tuple[str, int]]]


def listing(
    store: Store,
    filters: Filters,
    words: str = "",
    order: Order = "title",
    skip: int = 0,
    most: int = 25,
    most_of_a_facet: int = MOST_OF_A_FACET,
) -> Listing:
    """The articles that pass ``filters`` and have all of ``words``, the last of which may be a beginning."""
    condition, parameters = filters.sql()
    if (found := store.articles_with(words)) is not None:
        condition, parameters = f"{condition} AND {_FOUND}", [*parameters, json.dumps(found)]
    entries = store.rows(
        f"SELECT {_FIELDS} FROM articles LEFT JOIN files ON file = files.row WHERE {condition} "
        f"ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?",
        [*parameters, most, skip],
    )
    [(total,)] = store.rows(f"SELECT count(*) FROM articles WHERE {condition}", parameters)
    return Listing([_entry(row) for row in entries], total, store.value_counts(condition, parameters, most_of_a_facet))


def _entry(row: Sequence[Any]) -> Entry:
    identifier, title, source, published, *others = row
    return Entry(identifier, title, source, date.fromisoformat(published) if published else None, *others)
