"""The articles and failures of a document, found in a process of its own.

``python -m index.collection.examine`` with the document on stdin. The first line is JSON: the fields of
:class:`index.collection.store.WrittenDocument` except its body, which is the rest. Formats take much memory and
documents may be hostile: what breaks or never ends here harms no service.
"""

import json
import sys
from dataclasses import dataclass
from typing import Any

from index.article import Article
from index.collection.store import WrittenDocument
from index.errors import Failure


@dataclass(frozen=True, slots=True)
class Contents:
    """The ids of the articles in a document, and the reasons why parts of it can't be read, each with its code."""

    article_ids: list[str]
    failures: list[Failure]


def header(document: WrittenDocument) -> bytes:
    """The first line for a document."""
    fields = {name: getattr(document, name) for name in ("key", "path", "url", "media_type", "article_id")}
    return json.dumps({**fields, "metadata": dict(document.metadata)}, default=str).encode() + b"\n"


def examine(document: WrittenDocument) -> Contents:
    """Read a document."""
    items = list(document.load())
    return Contents(
        [item.id for item in items if isinstance(item, Article)],
        [Failure(str(item), item.code) for item in items if not isinstance(item, Article)],
    )


def main() -> None:
    """Examine the document on stdin, and print the contents as JSON."""
    first, _, body = sys.stdin.buffer.read().partition(b"\n")
    fields: dict[str, Any] = json.loads(first)
    contents = examine(WrittenDocument(body=body, **fields))
    print(json.dumps({"article_ids": contents.article_ids, "failures": contents.failures}))


if __name__ == "__main__":
    main()
