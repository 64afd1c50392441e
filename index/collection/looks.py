"""When sources elsewhere were looked at, what came of it, and when each is looked at again.

A source is ``wanted`` from when its time has come, or somebody asked, until a build has looked at it: a build that dies
or is cancelled leaves it wanted, and after its interval another one is asked for.
"""

import time
from collections.abc import Collection as Names
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from index.collection.store import Collection
from index.sources.refresh import Look, Refresh, next_look

_LEAST_PATIENCE = 60.0
"""Seconds after which a build that was asked for and did not look at a source is asked for again."""

_FIELDS = "source, interval, looked, due, failures, error, articles, added, changed, removed"


@dataclass(frozen=True, slots=True)
class Looked:
    """A source elsewhere, looked at every ``interval`` seconds. Times are seconds since 1970.

    ``failures`` counts those in a row. ``articles`` are in the index; ``added``, ``changed`` and ``removed`` are of the
    last look. ``due`` is None for a source that is not looked at by itself, ``looked`` for one that never was.
    """

    source: str
    interval: float | None
    looked: float | None
    due: float | None
    failures: int
    error: str | None
    articles: int
    added: int
    changed: int
    removed: int


class Looks:
    """The looks at the sources of one collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def all(self) -> list[Looked]:
        """Every source that is followed, by name."""
        return [Looked(*row) for row in self._collection.rows(f"SELECT {_FIELDS} FROM looks ORDER BY source")]

    def follow(self, sources: Names[str], refresh: Refresh) -> None:
        """Follow these sources and no others, at intervals that may have changed."""
        now = time.time()
        with self._collection.transaction() as connection:
            known = {looked.source: looked for looked in self.all()}
            connection.executemany("DELETE FROM looks WHERE source = ?", [[name] for name in set(known) - set(sources)])
            for source in sources:
                interval, before = refresh.interval(source), known.get(source)
                if before and before.interval == interval:
                    continue
                due = now if before is None else next_look(before.looked or now, interval, before.failures)
                connection.execute(
                    "INSERT INTO looks(source, interval, due) VALUES (?, ?, ?) "
                    "ON CONFLICT(source) DO UPDATE SET due = excluded.due, interval = excluded.interval",
                    (source, interval, None if interval is None else due),
                )

    def take_due(self) -> bool:
        """Want the sources whose time has come; whether there are any."""
        now = time.time()
        if not self._collection.rows("SELECT 1 FROM looks WHERE due <= ?", [now]):
            return False
        with self._collection.transaction() as connection:
            connection.execute(
                "UPDATE looks SET wanted = 1, due = ? + max(interval, ?) WHERE due <= ?", [now, _LEAST_PATIENCE, now]
            )
        return True

    def want(self, source: str | None = None) -> bool:
        """Have one source looked at by the next build, or all; whether it is followed."""
        with self._collection.transaction() as connection:
            done = connection.execute("UPDATE looks SET wanted = 1 WHERE source = coalesce(?, source)", [source])
            return source is None or done.rowcount > 0

    def unwanted(self) -> set[str]:
        """The sources that a build need not look at, because they are followed and their time has not come."""
        return {
            source
            for (source,) in self._collection.rows("SELECT source FROM looks WHERE NOT wanted AND due AND looked")
        }

    def note(self, looks: Mapping[str, Look], waits: Mapping[str, float]) -> None:
        """Note what a build found.

        :param waits: for how many seconds servers asked to be left alone, by source.
        """
        now = time.time()
        with self._collection.transaction() as connection:
            known = {looked.source: (looked.failures, looked.interval) for looked in self.all()}
            for source, look in looks.items():
                failures, interval = known.get(source, (0, None))
                failures = failures + 1 if look.error else 0
                due = next_look(now, interval, failures, waits.get(source))
                articles, added, changed, removed, error = astuple(look)
                connection.execute(
                    f"INSERT OR REPLACE INTO looks({_FIELDS}, wanted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                    (source, interval, now, due, failures, error, articles, added, changed, removed),
                )
