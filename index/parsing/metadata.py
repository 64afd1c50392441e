"""The metadata of an article that is given as names and values: YAML front matter and JSON records."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from rapidfuzz import process

from index.article import Article, canonical
from index.parsing.dates import parse_date
from index.parsing.people import people

_TITLE = ("title", "headline", "name")
_URL = ("url", "canonical", "canonical_url", "canonicalUrl", "link", "permalink")
_SOURCE = ("source", "publisher", "sitename", "site_name", "publication")
_AUTHORS = ("authors", "author", "byline", "creator")
_PUBLISHED = (
    "published",
    "date",
    "date_published",
    "datePublished",
    "published_at",
    "publishedAt",
    "pubdate",
    "created",
)
_LANGUAGE = ("language", "lang", "locale")
_TAGS = ("tags", "tag", "keywords", "categories", "category")
_NAMES = {
    "title": _TITLE,
    "url": _URL,
    "source": _SOURCE,
    "authors": _AUTHORS,
    "published": _PUBLISHED,
    "language": _LANGUAGE,
    "tags": _TAGS,
}
_LEAST_LIKENESS = 60
"""Of 100, from which on one name may be meant by another."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says about itself; a field that is missing or makes no sense is empty."""

    title: str | None = None
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published: date | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()


def read_metadata(fields: Mapping[str, object]) -> Metadata:
    """Read the usual names of each field (``author`` or ``authors``, ``date`` or ``published``), in any case."""
    known = _by_name(fields)
    return Metadata(
        title=_text(_first(known, _TITLE)),
        url=web_address(_text(_first(known, _URL))),
        source=_text(_first(known, _SOURCE)),
        authors=_authors(_first(known, _AUTHORS)),
        published=_date(_first(known, _PUBLISHED)),
        language=_text(_first(known, _LANGUAGE)),
        tags=_distinct(_split(_first(known, _TAGS), ",")),
    )


def misread(fields: Mapping[str, object]) -> Iterator[str]:
    """What :func:`read_metadata` makes nothing of, a reason for each field: names it does not know, and values."""
    names_of = {name.lower(): field for field, names in _NAMES.items() for name in names}
    read = asdict(read_metadata(fields))
    for name, value in _by_name(fields).items():
        if name not in names_of:
            meant = process.extractOne(name, [*names_of, "id"], score_cutoff=_LEAST_LIKENESS)
            hint = f"did you mean {meant[0]!r}? " if meant else ""
            yield f"it has a field {name!r}, which is not known: {hint}the fields are {', '.join(_NAMES)} and id"
        elif value not in (None, "", []) and not read[names_of[name]]:
            yield f"its {name!r} makes no sense: {str(value)[:80]!r}"


def _by_name(fields: Mapping[str, object]) -> dict[str, object]:
    return {str(name).lower().replace("-", "_"): value for name, value in fields.items()}


def override(article: Article, metadata: Metadata, identifier: str | None = None) -> Article:
    """The article with what ``metadata`` tells, and another id if it is given, instead of its own."""
    known = {name: value for name, value in asdict(metadata).items() if value}
    return replace(article, id=identifier or article.id, **known)


def complete(article: Article, metadata: Metadata) -> Article:
    """The article with what ``metadata`` tells where it tells nothing itself."""
    return replace(article, **{name: value for name, value in asdict(metadata).items() if not getattr(article, name)})


def web_address(text: str | None) -> str | None:
    """Return an ``http`` or ``https`` address, and ``None`` for anything that must not become a link."""
    return text if text and re.match(r"https?://[^\s/]", text, re.IGNORECASE) else None


def _first(fields: Mapping[str, object], wanted: Iterable[str]) -> object:
    return next((value for name in wanted if (value := fields.get(name.lower())) not in (None, "", [])), None)


def _text(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title")
    if isinstance(value, list):
        value = next(iter(value), None)
    if value is None or isinstance(value, (bool, list, Mapping)):
        return None
    return canonical(" ".join(str(value).split())) or None


def _split(value: object, separator: str) -> list[str]:
    values = value if isinstance(value, list) else str(value).split(separator) if isinstance(value, str) else [value]
    return [text for item in values if (text := _text(item))]


def _authors(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        byline = value.strip()
        return people([byline[3:] if byline[:3].lower() == "by " else byline])
    return people(_split(value, ";"), is_list=isinstance(value, list))


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int) and len(str(value)) == len("20240305"):
        value = str(value)
    return parse_date(value) if isinstance(value, str) else None
