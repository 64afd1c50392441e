"""What filters ask of articles, as columns in memory: which articles pass is computed for all of them at once."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from index.storage.filters import Filters, folded

Mask = npt.NDArray[np.bool_]
"""For each row, whether it passes."""

Query = Callable[..., Iterator[tuple[Any, ...]]]
"""Gives the rows of an SQL query, its parameters behind it."""

_Numbers = npt.NDArray[np.int32]


class _Holders:
    """The rows of the articles that have a value, for each value: ``pairs`` of both come in the order of values."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        rows: list[int] = []
        self._starts: dict[str, int] = {}
        for at, (value, row) in enumerate(pairs):
            self._starts.setdefault(value, at)
            rows.append(row)
        bounds = [*self._starts.values(), len(rows)]
        self._ends = dict(zip(self._starts, bounds[1:], strict=True))
        self._rows = np.array(rows, np.int32)

    def mask(self, names: Iterable[str], articles: int) -> Mask:
        """The articles that have any of the values."""
        mask = np.zeros(articles, np.bool_)
        for value in map(folded, names):
            if value in self._starts:
                mask[self._rows[self._starts[value] : self._ends[value]]] = True
        return mask


class FilterColumns:
    """The columns of one store."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._sources = _Holders(
            query("SELECT source_key, row FROM articles WHERE source_key IS NOT NULL ORDER BY source_key, row")
        )
        self._authors = _Holders(query("SELECT key, article FROM authors ORDER BY key, article"))
        self._tags = _Holders(query("SELECT key, article FROM tags ORDER BY key, article"))
        found = list(query("SELECT row, coalesce(copy_of, row), published FROM articles"))
        rows = [row for row, _, _ in found]
        count = max(rows, default=-1) + 1
        self._is_there = np.zeros(count, np.bool_)
        """Rows of a version that was changed in place may stand for no article."""
        self._is_there[rows] = True
        self._published = np.full(count, "NaT", "datetime64[D]")
        self._published[rows] = np.array([day for _, _, day in found], "datetime64[D]")
        self._owns = np.zeros(count, np.int32)
        """For each article the one whose passages it has: itself, unless it is a copy."""
        self._owns[rows] = [owner for _, owner, _ in found]
        self._owner = _numbers(query("SELECT article FROM passages ORDER BY row"))

    def articles(self, filters: Filters) -> Mask:
        """The articles that pass ``filters``, by row."""
        count = len(self._owns)
        mask = self._is_there.copy()
        for holders, names in (
            (self._sources, filters.sources),
            (self._authors, filters.authors),
            (self._tags, filters.tags),
        ):
            if names:
                mask &= holders.mask(names, count)
        if filters.article_ids:
            marks = ",".join("?" * len(filters.article_ids))
            named = _numbers(self._query(f"SELECT row FROM articles WHERE id IN ({marks})", filters.article_ids))
            mask &= np.isin(np.arange(count), named)
        if filters.published_from:
            mask &= self._published >= np.datetime64(filters.published_from)
        if filters.published_to:
            mask &= self._published <= np.datetime64(filters.published_to)
        if filters.within:
            mask &= self.articles(filters.within)
        return mask

    def passages(self, articles: Mask) -> Mask:
        """The passages of ``articles``, by row."""
        owners = np.zeros(len(articles), np.bool_)
        owners[self._owns[articles]] = True
        return owners[self._owner]

    def owners(self, passages: Mask) -> list[int]:
        """The articles that have these passages."""
        found: list[int] = np.unique(self._owner[passages]).tolist()
        return found


def _numbers(rows: Iterator[tuple[Any, ...]]) -> _Numbers:
    return np.fromiter((number for (number,) in rows), np.int32)
