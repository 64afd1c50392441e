"""JSON Lines: one article a line."""

import json
import re
from collections.abc import Iterator

from index.article import Article
from index.parsing.column_names import renamed
from index.parsing.decoding import damage, decode
from index.parsing.record import read_record, with_own_id
from index.parsing.types import LoadError, Origin

SUFFIXES = (".jsonl", ".ndjson")
MEDIA_TYPES = ("application/jsonl", "application/x-ndjson", "application/json-lines", "application/x-jsonlines")


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article a line; a line that can't be read, or has an id twice, gives a :class:`LoadError` that names it.

    :raises LoadError: if the bytes are not text.
    """
    owners: dict[str, int] = {}
    text = decode(data, origin.charset)
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if line.strip():
            try:
                given = _record(line)
                record = dict(zip(renamed(list(given), origin.columns), given.values(), strict=True))
                yield with_own_id(read_record(record, origin, MEDIA_TYPES[0]), record, origin, owners, number)
            except ValueError as error:
                yield LoadError(f"line {number}: {error}", getattr(error, "code", None))
    yield from damage(data, text)


def _record(line: str) -> dict[str, object]:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise LoadError(f"not valid JSON ({error}): write one object a line") from None
    if not isinstance(record, dict):
        raise LoadError('not an object: write {"title": …, "text": …}')
    return record
