"""Which articles a search may use."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import date

_LISTED = "EXISTS (SELECT 1 FROM {table} WHERE {table}.article = articles.row AND {table}.key IN ({marks}))"


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that all have to hold; within a list any one value is enough. Letter case makes no difference
    to sources, authors and tags.

    An article without a date never matches a date range. Those of ``within`` have to hold, too.
    """

    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None
    within: "Filters | None" = None

    def __bool__(self) -> bool:
        return self != Filters()

    def inside(self, outer: "Filters") -> "Filters":
        """These conditions and those of ``outer``, whichever are there."""
        if not outer or self.within == outer:
            return self
        return replace(self, within=self.within.inside(outer) if self.within else outer)

    def sql(self) -> tuple[str, list[str]]:
        """A condition on the table ``articles`` and its parameters."""
        conditions: list[str] = []
        parameters: list[str] = []
        for column, values in (("source_key", tuple(map(folded, self.sources))), ("id", self.article_ids)):
            if values:
                conditions.append(f"articles.{column} IN ({_marks(values)})")
                parameters += values
        for table, values in (("authors", self.authors), ("tags", self.tags)):
            if values:
                conditions.append(_LISTED.format(table=table, marks=_marks(values)))
                parameters += map(folded, values)
        for comparison, day in ((">=", self.published_from), ("<=", self.published_to)):
            if day:
                conditions.append(f"articles.published {comparison} ?")
                parameters.append(day.isoformat())
        if self.within:
            condition, more = self.within.sql()
            conditions.append(condition)
            parameters += more
        return " AND ".join(conditions) or "1", parameters


EVERYTHING = Filters()
"""No condition: every article passes."""


def folded(name: str) -> str:
    """The form in which names are compared: case and composition of characters make no difference."""
    return unicodedata.normalize("NFKC", name).casefold()


def _marks(values: tuple[str, ...]) -> str:
    return ",".join("?" * len(values))
