"""What was written over HTTP as lines of JSON, so that an archive can take it along."""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from index.collection.store import Collection, TakenError, WrittenDocument
from index.errors import PullquoteError


class LineError(PullquoteError, ValueError):
    """A line is not one that :func:`lines_of` writes."""

    code = "export_damaged"


@dataclass(frozen=True, slots=True)
class _Line:
    """A document with the articles it has, or, with neither, an article that was deleted."""

    document: WrittenDocument | None
    article_ids: Sequence[str]


def lines_of(collection: Collection) -> Iterator[bytes]:
    """The written documents by their keys, then the deleted articles; the same for the same content."""
    with collection.transaction():
        keys = [key for (key,) in collection.rows("SELECT key FROM documents ORDER BY key")]
        for key in keys:
            [(row, body, path, url, media_type, article_id, metadata)] = collection.rows(
                "SELECT id, body, path, url, media_type, article_id, metadata FROM documents WHERE key = ?", [key]
            )
            owned = collection.rows("SELECT article_id FROM written WHERE document = ? ORDER BY article_id", [row])
            document = {
                "key": key,
                "body": base64.b64encode(body).decode(),
                "path": path,
                "url": url,
                "media_type": media_type,
                "article_id": article_id,
                "metadata": json.loads(metadata),
            }
            yield _encoded({"document": document, "articles": [name for (name,) in owned]})
        for (name,) in collection.rows("SELECT article_id FROM deleted ORDER BY article_id"):
            yield _encoded({"document": None, "articles": [name]})


def check(lines: Iterable[bytes]) -> None:
    """Read all lines and keep nothing.

    :raises LineError: for a line that :func:`lines_of` does not write.
    """
    for line in lines:
        _decoded(line)


def take(collection: Collection, connection: Connection, lines: Iterable[bytes]) -> int:
    """Keep what the lines hold, inside of a transaction; how many documents were taken.

    What was written or deleted here stays as it is: of a document that is here already, and of an article that is
    written or deleted here, nothing is taken.

    :raises LineError: for a line that :func:`lines_of` does not write.
    """
    taken = 0
    for line in lines:
        entry = _decoded(line)
        here = collection.written_ids(entry.article_ids) | collection.deleted_ids(entry.article_ids)
        if here:
            continue
        if entry.document is None:
            collection.delete(connection, entry.article_ids[0])
        elif not collection.rows("SELECT 1 FROM documents WHERE key = ?", [entry.document.key]):
            with suppress(TakenError):
                collection.put(connection, entry.document, entry.article_ids, over=False)
                taken += 1
    return taken


def _encoded(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True).encode() + b"\n"


def _decoded(line: bytes) -> _Line:
    try:
        content = json.loads(line)
        article_ids = content["articles"]
        if not (article_ids and all(isinstance(name, str) for name in article_ids)):
            raise ValueError("no article is named")
        fields = content["document"]
        if fields is None:
            return _Line(None, article_ids)
        fields["body"] = base64.b64decode(fields["body"], validate=True)
        document = WrittenDocument(**fields)
        texts = (document.path, document.url, document.media_type, document.article_id)
        if not isinstance(document.key, str) or not all(text is None or isinstance(text, str) for text in texts):
            raise ValueError("a name is no text")
        if not isinstance(document.metadata, dict):
            raise ValueError("the metadata are no object")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LineError(f"a written document can't be read: {error}") from None
    return _Line(document, article_ids)
