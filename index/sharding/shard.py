"""One part of a version: a snapshot whose passages and articles have numbers in the whole version."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from index.article import Article, Passage
from index.models.onnx_model import FloatArray
from index.storage.candidates import Candidates
from index.storage.catalogue import Listing, Order, listing
from index.storage.filters import Filters
from index.storage.snapshot import Snapshot, SnapshotError
from index.storage.store import FileRecord
from index.storage.words import Terms

NUMBERS = {table: f"{table}_in_whole" for table in ("passages", "articles", "files")}
"""The arrays of a shard's store that have, for each row of a table, its place in the order of sources of the whole
version (``int64[rows]``, rising).
"""

Numbers = npt.NDArray[np.int64]

_EVERY_VALUE = -1


class Shard:
    """Answers for the articles that it holds. What it takes and gives can be pickled.

    Passages are known by their numbers in the whole version. Articles with one text, and those that reprint one
    another, are in one shard.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        """:raises SnapshotError: when the snapshot is no part of a version."""
        self._snapshot = snapshot
        self._store = snapshot.store
        arrays = {table: snapshot.store.array(name, np.dtype(np.int64)) for table, name in NUMBERS.items()}
        self._numbers: dict[str, Numbers] = {name: array for name, array in arrays.items() if array is not None}
        if len(self._numbers) < len(NUMBERS):
            raise SnapshotError(f"{snapshot.store.path} is no shard: make shards with 'pullquote split'")

    @classmethod
    def open(cls, folder: Path, verify: bool = True) -> Self:
        """Open the shard in ``folder``.

        :raises SnapshotError: when it is damaged, or no part of a version.
        """
        return cls(Snapshot.open(folder, verify))

    def close(self) -> None:
        """Let go of its files."""
        self._snapshot.close()

    def version(self) -> str:
        """The name of its snapshot."""
        return self._snapshot.version

    def candidates(self, terms: Terms, vector: FloatArray, filters: Filters, pool: int) -> Candidates:
        """See :meth:`index.storage.corpus.Corpus.candidates`; BM25 counts with the frequencies of the whole version."""
        found = self._snapshot.candidates_of(terms, vector, filters, pool)
        number = self._numbers["passages"].item
        return replace(
            found,
            dense={number(row): score for row, score in found.dense.items()},
            lexical={number(row): score for row, score in found.lexical.items()},
        )

    def passages(self, numbers: Sequence[int], filters: Filters) -> list[tuple[Passage, Article]]:
        """See :meth:`index.storage.corpus.Corpus.passages`."""
        return self._store.passages(np.searchsorted(self._numbers["passages"], numbers).tolist(), filters)

    def article(self, article_id: str, filters: Filters) -> Article | None:
        """See :meth:`index.storage.corpus.Corpus.article`."""
        return self._store.article(article_id, filters)

    def articles(self, filters: Filters, after: str, limit: int) -> list[Article]:
        """See :meth:`index.storage.corpus.Corpus.articles`."""
        return self._store.articles(filters, after, limit)

    def listing(self, filters: Filters, words: str, order: Order, most: int) -> Listing:
        """The first ``most`` of a list, with the counts of every value."""
        return listing(self._store, filters, words, order, 0, most, _EVERY_VALUE)

    def failed_files(self, most: int) -> list[tuple[int, FileRecord]]:
        """See :meth:`index.storage.corpus.Corpus.failed_files`; with their places in the order of sources."""
        rows = self._store.file_rows()
        number = self._numbers["files"].item
        return [(number(rows[record.key]), record) for record in self._store.failed_files(most)]

    def neighbours(self, article_id: str, filters: Filters) -> tuple[Article | None, Article | None]:
        """See :meth:`index.storage.corpus.Corpus.neighbours`."""
        return self._store.neighbours(article_id, filters)

    def copies(self, article_id: str, filters: Filters) -> list[Article] | None:
        """See :meth:`index.storage.corpus.Corpus.copies`; None for an article of another shard."""
        return self._store.copies(article_id, filters) if self._store.article(article_id) else None

    def witnesses(self, article_ids: Sequence[str]) -> dict[str, int]:
        """See :meth:`index.storage.corpus.Corpus.witnesses`; only those that are here."""
        number = self._numbers["articles"].item
        return {name: number(witness) for name, witness in self._store.witnesses(article_ids).items()}

    def articles_of_bytes(self, sha256: str) -> list[tuple[int, Article]]:
        """See :meth:`index.storage.corpus.Corpus.articles_of_bytes`; with their places in the order of sources."""
        found = self._store.articles_of_bytes(sha256)
        return [(self._place(article.id), article) for article in found]

    def file_of(self, article_id: str) -> tuple[str, str | None] | None:
        """See :meth:`index.storage.corpus.Corpus.file_of`."""
        return self._store.file_of(article_id)

    def values(self, filters: Filters) -> dict[str, list[tuple[str, int]]]:
        """The sources, authors and tags of the articles that pass ``filters``, each with how many have it."""
        return self._store.value_counts(*filters.sql())

    def counts(self, filters: Filters) -> tuple[int, int]:
        """See :meth:`index.storage.corpus.Corpus.counts`."""
        return self._store.counts_within(filters)

    def call(self, method: str, *arguments: Any) -> Any:
        """What one of the methods above gives: how a shard is asked from another process."""
        return getattr(self, method)(*arguments)

    def _place(self, article_id: str) -> int:
        [(row,)] = self._store.rows("SELECT row FROM articles WHERE id = ?", [article_id])
        return self._numbers["articles"].item(row)
