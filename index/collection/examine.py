"""The articles and failures of a document, found in a process of its own.

``python -m index.collection.examine`` with the document on stdin. The first line is JSON: the fields of
:class:`index.collection.store.WrittenDocument` except its body, which is the rest, and what reading it may take.
Formats take much memory and documents may be hostile: what breaks or never ends here harms no service.
"""

import json
import sys
from dataclasses import dataclass
from typing import Any

from index.article import Article
from index.collection.store import WrittenDocument
from index.errors import Failure
from index.limited.allowance import lift_memory_limit, limit_memory_to, limit_seconds_to
from index.limited.limits import TOO_LARGE, Limits
from index.parsing.column_names import Columns
from index.parsing.types import Note
from index.sources.reading import Reading


@dataclass(frozen=True, slots=True)
class Contents:
    """The ids of the articles in a document, and the reasons why parts of it can't be read, each with its code."""

    article_ids: list[str]
    failures: list[Failure]


def header(
    document: WrittenDocument,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    columns: Columns = (),
    recognised: str | None = None,
) -> bytes:
    """The first line for a document."""
    fields = {name: getattr(document, name) for name in ("key", "path", "url", "media_type", "article_id")}
    may = {"seconds": limits.seconds, "memory": limits.memory}
    wishes = {"columns": columns, "recognised": recognised}
    return (
        json.dumps({**fields, "metadata": dict(document.metadata), "limits": may, **wishes}, default=str).encode()
        + b"\n"
    )


def examine(document: WrittenDocument, columns: Columns = (), recognised: str | None = None) -> Contents:
    """Read a document."""
    items = list(document.load(Reading(columns=columns, recognised=recognised)))
    return Contents(
        [item.id for item in items if isinstance(item, Article)],
        [Failure(str(item), item.code) for item in items if not isinstance(item, Article | Note)],
    )


def main() -> None:
    """Examine the document on stdin, and print the contents as JSON."""
    first, _, body = sys.stdin.buffer.read().partition(b"\n")
    fields: dict[str, Any] = json.loads(first)
    limits = Limits(**fields.pop("limits", {}))
    columns = [(field, column) for field, column in fields.pop("columns", ())]
    recognised = fields.pop("recognised", None)
    limit_seconds_to(limits.seconds)
    limit_memory_to(limits.memory)
    try:
        contents = examine(WrittenDocument(body=body, **fields), columns, recognised)
    except MemoryError:
        lift_memory_limit()
        contents = Contents([], [Failure(str(limits.error(TOO_LARGE)), TOO_LARGE)])
    print(json.dumps({"article_ids": contents.article_ids, "failures": contents.failures}))


if __name__ == "__main__":
    main()
