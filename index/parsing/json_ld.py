"""What a web page says about its article in JSON-LD (https://schema.org/Article)."""

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from index.parsing.metadata import Metadata, read_metadata

_NAMES = {
    "headline": "title",
    "author": "authors",
    "publisher": "publisher",
    "datePublished": "published",
    "inLanguage": "language",
    "keywords": "tags",
}
_NESTED = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement")


@dataclass(frozen=True, slots=True)
class Described:
    """What a page says of its article; ``body`` is its text, ``name`` what it calls itself besides its headline."""

    metadata: Metadata = field(default_factory=Metadata)
    name: str | None = None
    body: str = ""


def read_json_ld(scripts: list[str]) -> Described:
    """What the first article in the given scripts says, and the longest text of any. What is no JSON is passed over."""
    nodes = [node for script in scripts for node in _nodes(_parse(script))]
    named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
    articles = list(filter(_is_article, nodes))
    if not articles:
        return Described()
    article = articles[0]
    fields = {name: _resolved(article.get(key), named) for key, name in _NAMES.items()}
    page = article.get("mainEntityOfPage")
    fields["url"] = article.get("url") or (page.get("@id") if isinstance(page, dict) else page)
    name = article.get("name")
    bodies = (node.get("articleBody") or node.get("text") for node in articles)
    return Described(
        read_metadata(fields),
        html.unescape(name) if isinstance(name, str) else None,
        html.unescape(max((body for body in bodies if isinstance(body, str)), key=len, default="")),
    )


def _parse(script: str) -> Any:
    try:
        return json.loads(script, strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The objects of a document that may describe the page, the outer ones first."""
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth)
    elif isinstance(value, dict) and depth < 4:
        yield value
        for name in _NESTED:
            yield from _nodes(value.get(name), depth + 1)


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(name, str) and name.endswith(("Article", "Posting", "Report")) for name in names)


def _resolved(value: Any, named: dict[str, dict[str, Any]]) -> object:
    """Names instead of objects, and instead of references to objects; text without the escapes of HTML."""
    if isinstance(value, list):
        return [found for item in value if (found := _resolved(item, named))]
    if isinstance(value, dict):
        value = value.get("name") or named.get(str(value.get("@id")), {}).get("name")
        return _resolved(value, {}) if value else None
    return html.unescape(value) if isinstance(value, str) else None
