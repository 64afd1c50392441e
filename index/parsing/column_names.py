"""Columns of tables, and names in records, that are said to be a field of articles."""

from collections.abc import Sequence

COLUMN_FIELDS = ("text", "title", "url", "source", "authors", "published", "language", "tags", "id")
"""What a column may be said to be."""

Columns = Sequence[tuple[str, str]]
"""Pairs of one of :data:`COLUMN_FIELDS` and the name of its column, in any case."""


def renamed(names: Sequence[str], columns: Columns) -> list[str]:
    """The names of columns, with that of the field where one is said to be it. Of several, the first that is there is.

    A column that is called as the field already is another thing then, and gets another name.
    """
    found = list(names)
    plain = [name.strip().casefold() for name in names]
    taken: set[str] = set()
    for field, column in columns:
        if field in taken or column.casefold() not in plain:
            continue
        taken.add(field)
        if field in plain:
            found[plain.index(field)] += " (another)"
        found[plain.index(column.casefold())] = field
    return found
