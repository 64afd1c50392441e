"""Tables of comma- or tab-separated values: one article a row, or one article that is a table, of figures for one."""

import csv
import re
from collections.abc import Iterator
from itertools import count, islice

from index.article import Article
from index.parsing.column_names import renamed
from index.parsing.decoding import damage, decode
from index.parsing.record import TEXT_FIELDS, read_record, with_own_id
from index.parsing.record_table import table_article
from index.parsing.tables import MOST_ROWS
from index.parsing.types import LoadError, Origin

SUFFIXES = (".csv", ".tsv")
MEDIA_TYPES = ("text/csv", "text/tab-separated-values", "application/csv")

_SEPARATORS = ",;\t|"
_TOLD_SEPARATOR = re.compile(r"sep=(.)[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE)
"""The first line of tables that tell Excel how they are separated."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_LONGEST_FIELD = 2**31 - 1
"""Code points: whatever fits into the file."""
_MOST_OPEN = 100
"""Quote marks without an end after which the rest is not read: each is looked for to the end of the file."""

_MOST_QUOTES = 500
"""Quote marks of a line that is taken as it stands: the end of each value is looked for."""

Row = tuple[int, list[str] | LoadError]
"""The number of its first line, and its values or why there are none."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article a row, if a column is one of text; a table without any long texts is one article.

    A row that can't be read, or has an id twice, gives a :class:`LoadError` that names it.

    Values are separated by what a first line ``sep=;`` says, or else by what the first row has most of: comma,
    semicolon, tab or ``|``. A stray quote mark is a part of its value where that gives as many values as there are
    columns.

    :raises LoadError: if the bytes are not text, or no column is called one of text and there are long texts.
    """
    text = decode(data, origin.charset)
    csv.field_size_limit(_LONGEST_FIELD)
    named = _TOLD_SEPARATOR.match(text)
    body = text[named.end() :] if named else text.lstrip("\r\n")
    head = body.lstrip().partition("\n")[0]
    separator = named[1] if named else max(_SEPARATORS, key=head.count)
    first_line = text.count("\n", 0, len(text) - len(body)) + 1
    rows = _rows(_LINE.findall(body), separator, first_line)
    _, header = next(rows)
    if isinstance(header, LoadError):
        raise header
    names = [name.strip().lower() for name in renamed(header, origin.columns)]
    if not set(TEXT_FIELDS) & set(names):
        yield from _table(header, rows, origin)
        yield from damage(data, text)
        return
    owners: dict[str, int] = {}
    for line, row in rows:
        if isinstance(row, LoadError):
            yield row
        elif any(map(str.strip, row)):
            yield _read_row(names, row, line, origin, owners)
    yield from damage(data, text)


def _table(header: list[str], rows: Iterator[Row], origin: Origin) -> Iterator[Article | LoadError]:
    """The article that a table without a column of text is."""
    found: list[list[str]] = []
    for _, row in rows:
        if isinstance(row, LoadError):
            yield row
        elif len(found) == MOST_ROWS:
            yield LoadError(f"more than {MOST_ROWS:,} rows: what follows is left out, divide the table")
            break
        else:
            found.append(row)
    yield table_article(header, found, origin, MEDIA_TYPES[0])


def _rows(lines: list[str], separator: str, first_line: int) -> Iterator[Row]:
    """The rows of a table; one whose quote marks do not fit is taken as it stands on its line, or named."""
    at, width, opened = 0, 0, 0
    while at < len(lines):
        start = at
        rest = islice(count(at), len(lines) - at if opened < _MOST_OPEN else 1)
        rows = csv.reader(map(lines.__getitem__, rest), delimiter=separator, strict=True)
        try:
            for row in rows:
                used = start + rows.line_num
                is_joined = used - at > 1 and separator == "\t" and _literal(lines[at], separator, width)
                if is_joined:  # a mark that nobody meant to open a value over several lines
                    raise csv.Error("a quote mark stands alone")
                width = width or len(row)
                yield at + first_line, row
                at = used
        except csv.Error as error:
            opened += "unexpected end" in str(error)
            is_here = start + rows.line_num == at + 1 and "unexpected end" not in str(error)
            lenient = _literal(lines[at], separator, width) if is_here or separator == "\t" else None
            reason = f"line {at + first_line}: {error}: check the quote marks"
            yield at + first_line, lenient or LoadError(reason)
            at += 1


def _literal(line: str, separator: str, width: int) -> list[str] | None:
    """The values of a line, its stray quote marks as they are, if there are as many as columns."""
    line = line.rstrip("\r\n")
    if separator == "\t":
        values = line.split(separator)
    elif line.count('"') > _MOST_QUOTES:
        return None
    else:
        mark = re.escape(separator)
        found = re.finditer(rf'(?:"(.*?)"|([^{mark}]*))(?={mark}|$){mark}?', line)
        values = [match[2] if match[1] is None else match[1].replace('""', '"') for match in found][: width + 1]
        values = values[:width] if len(values) > width and not values[-1] and not line.endswith(separator) else values
    return values if len(values) == width else None


def _read_row(
    names: list[str], row: list[str], line: int, origin: Origin, owners: dict[str, int]
) -> Article | LoadError:
    if 1 < len(row) < len(names):  # programs leave out the last values when they are empty
        row = [*row, *[""] * (len(names) - len(row))]
    if len(row) != len(names):
        return LoadError(f"line {line}: {len(row)} values for {len(names)} columns: check separators and quote marks")
    record = dict(zip(names, row, strict=True))
    try:
        return with_own_id(read_record(record, origin, MEDIA_TYPES[0]), record, origin, owners, line)
    except ValueError as error:
        return LoadError(f"line {line}: {error}", getattr(error, "code", None))
