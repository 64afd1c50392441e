"""Tables of comma- or tab-separated values: one article a row, the first row names the columns."""

import csv
import io
from collections.abc import Iterator

from index.article import Article
from index.parsing.decoding import decode
from index.parsing.record import TEXT_FIELDS, read_record
from index.parsing.types import LoadError, Origin

SUFFIXES = (".csv", ".tsv")
MEDIA_TYPES = ("text/csv", "text/tab-separated-values", "application/csv")

_SEPARATORS = ",;\t|"
_LONGEST_FIELD = 2**31 - 1
"""Code points: whatever fits into the file."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article a row; a row that can't be read, or has an id twice, gives a :class:`LoadError` that names it.

    Values are separated by what the first row has most of: comma, semicolon, tab or ``|``.

    :raises LoadError: if the bytes are not text or no column is one of text.
    """
    text = decode(data, origin.charset)
    csv.field_size_limit(_LONGEST_FIELD)
    head = text.lstrip().partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=head.count), strict=True)
    try:
        names = [name.strip().lower() for name in next(rows)]
        if not set(TEXT_FIELDS) & set(names):
            raise LoadError('no column is called "text", "body" or "content": name the columns in the first row')
        owners: dict[str, int] = {}
        line = rows.line_num + 1
        for row in rows:
            if any(map(str.strip, row)):
                yield _read_row(names, row, line, origin, owners)
            line = rows.line_num + 1
    except csv.Error as error:
        yield LoadError(f"line {rows.line_num}: {error}: check the quote marks; what follows is not read")


def _read_row(
    names: list[str], row: list[str], line: int, origin: Origin, owners: dict[str, int]
) -> Article | LoadError:
    if len(row) != len(names):
        return LoadError(f"line {line}: {len(row)} values for {len(names)} columns: check separators and quote marks")
    try:
        article = read_record(dict(zip(names, row, strict=True)), origin, MEDIA_TYPES[0])
    except ValueError as error:
        return LoadError(f"line {line}: {error}")
    if (owner := owners.setdefault(article.id, line)) != line:
        return LoadError(f"line {line}: article id {article.id!r} is taken by line {owner}: rename one of the two")
    return article
