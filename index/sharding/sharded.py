"""A version in shards as answering sees it: one corpus."""

import os
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from heapq import merge
from itertools import chain, islice
from pathlib import Path
from typing import Any, Self

from index.article import Article, Passage
from index.models.compiled import sha256_file
from index.models.onnx_model import FloatArray
from index.sharding.layout import Frequencies, Layout, are_elsewhere, is_sharded, shard_folder
from index.sharding.remote import Here, Remote, Shards
from index.sharding.shard import Shard
from index.storage.candidates import Candidates
from index.storage.catalogue import MOST_OF_A_FACET, Entry, Listing, Order
from index.storage.corpus import IncompleteError
from index.storage.filters import EVERYTHING, Filters, folded
from index.storage.known_sums import Sums
from index.storage.snapshot import MANIFEST, Manifest, Snapshot, SnapshotError, share
from index.storage.store import MOST_VALUES, FileRecord
from index.storage.versions import Versions

SECONDS = 2.0
"""That a shard may take for one call."""

Values = dict[str, list[tuple[str, int]]]

Connect = Callable[[Path, Layout], Sequence[Remote]]
"""Reaches the shards of the version in a folder."""


class ShardedCorpus:
    """A :class:`index.storage.corpus.Corpus` of several shards.

    Raw scores of all shards are merged; fusing them is for whoever searches. The row of a passage is ``number × shards
    + shard``, so rows are in the order of sources.
    """

    def __init__(
        self, layout: Layout, frequencies: Frequencies, remotes: Sequence[Remote], seconds: float = SECONDS
    ) -> None:
        """:param seconds: after which a shard that has not answered is missing."""
        self.manifest: Manifest = layout.manifest
        self.example_questions = layout.questions
        self._frequencies = frequencies
        self._shards = Shards(remotes, seconds)
        self._unlock: Callable[[], object] = lambda: None

    @classmethod
    def open(
        cls,
        folder: Path,
        verify: bool = True,
        connect: Connect | None = None,
        seconds: float = SECONDS,
    ) -> Self:
        """Open the version in ``folder``.

        :param connect: without it, the shards are opened in this process.
        :raises SnapshotError: when it is damaged, or its shards are elsewhere.
        """
        with ExitStack() as opened:
            lock = share(folder / MANIFEST)
            opened.callback(os.close, lock)
            layout = Layout.read(folder)
            frequencies = Frequencies(folder, layout, verify)
            remotes: list[Remote] = []
            if connect:
                remotes += connect(folder, layout)
            elif are_elsewhere(folder):
                raise SnapshotError(
                    f"{folder} was pulled for shards on Ray: it has none of its own", "shards_elsewhere"
                )
            for number in range(len(remotes), len(layout.parts)):
                remotes.append(Here(Shard.open(shard_folder(folder, number), verify)))
                opened.callback(remotes[-1].close)
            opened.pop_all()
        corpus = cls(layout, frequencies, remotes, seconds)
        corpus._unlock = weakref.finalize(corpus, os.close, lock)
        return corpus

    def close(self) -> None:
        """Let go of the shards. Nothing must be searching them any more."""
        self._shards.close()
        self._unlock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def lost(self) -> frozenset[int]:
        """The numbers of the shards that do not answer now."""
        return self._shards.lost

    def candidates(self, question: str, vector: FloatArray, filters: Filters, pool: int) -> Candidates:
        """See :meth:`index.storage.corpus.Corpus.candidates`. Shards that are lost are left out."""
        terms = self._frequencies.terms(question)
        found: dict[int, Candidates] = self._shards.ask("candidates", terms, vector, filters, pool)
        count = len(self._shards)
        dense = {row * count + at: cosine for at, part in found.items() for row, cosine in part.dense.items()}
        lexical = {row * count + at: score for at, part in found.items() for row, score in part.lexical.items()}
        rows = sorted(_best(dense, pool) | _best(lexical, pool))
        return Candidates(
            {row: dense[row] for row in rows},
            {row: lexical[row] for row in rows if row in lexical},
            sum(part.searched for part in found.values()),
            self.manifest.passages,
        )

    def passages(self, rows: Sequence[int], filters: Filters = EVERYTHING) -> list[tuple[Passage, Article]]:
        """See :meth:`index.storage.corpus.Corpus.passages`."""
        count = len(self._shards)
        wanted: dict[int, list[int]] = {}
        for row in rows:
            wanted.setdefault(row % count, []).append(row // count)
        found = self._shards.ask_each({at: (numbers, filters) for at, numbers in wanted.items()}, "passages")
        self._check(wanted.keys() <= found.keys())
        by_row = {
            number * count + at: each
            for at, numbers in wanted.items()
            for number, each in zip(numbers, found[at], strict=True)
        }
        return [by_row[row] for row in rows]

    def article(self, article_id: str, filters: Filters = EVERYTHING) -> Article | None:
        """See :meth:`index.storage.corpus.Corpus.article`."""
        found: Article | None = self._first("article", article_id, filters)
        return found

    def articles(self, filters: Filters = EVERYTHING, after: str = "", limit: int = 50) -> list[Article]:
        """See :meth:`index.storage.corpus.Corpus.articles`."""
        pages = self._all("articles", filters, after, limit)
        return list(islice(merge(*pages, key=lambda article: article.id), limit))

    def listing(self, filters: Filters, words: str, order: Order, skip: int, most: int) -> Listing:
        """See :meth:`index.storage.corpus.Corpus.listing`."""
        pages: list[Listing] = self._all("listing", filters, words, order, skip + most)
        entries = merge(*(page.entries for page in pages), key=_ORDERS[order])
        return Listing(
            list(islice(entries, skip, skip + most)),
            sum(page.total for page in pages),
            _added((page.counts for page in pages), MOST_OF_A_FACET),
        )

    def failed_files(self, most: int) -> list[FileRecord]:
        """See :meth:`index.storage.corpus.Corpus.failed_files`; only those of shards that answer."""
        found = chain.from_iterable(self._shards.ask("failed_files", most).values())
        return [record for _, record in sorted(dict(found).items())][:most]

    def neighbours(self, article_id: str, filters: Filters = EVERYTHING) -> tuple[Article | None, Article | None]:
        """See :meth:`index.storage.corpus.Corpus.neighbours`; only those of shards that answer."""
        found = self._shards.ask("neighbours", article_id, filters).values()
        before = [article for article, _ in found if article]
        behind = [article for _, article in found if article]
        return max(before, key=_id, default=None), min(behind, key=_id, default=None)

    def copies(self, article_id: str, filters: Filters = EVERYTHING) -> list[Article]:
        """See :meth:`index.storage.corpus.Corpus.copies`."""
        found: list[Article] | None = self._first("copies", article_id, filters)
        return found or []

    def witnesses(self, article_ids: Sequence[str]) -> dict[str, int]:
        """See :meth:`index.storage.corpus.Corpus.witnesses`."""
        found = dict(chain.from_iterable(part.items() for part in self._shards.ask("witnesses", article_ids).values()))
        self._check(found.keys() >= set(article_ids) or not self.lost)
        return found

    def articles_of_bytes(self, sha256: str) -> list[Article]:
        """See :meth:`index.storage.corpus.Corpus.articles_of_bytes`."""
        found = chain.from_iterable(self._all("articles_of_bytes", sha256))
        return [article for _, article in sorted(found, key=lambda each: each[0])]

    def file_of(self, article_id: str) -> tuple[str, str | None] | None:
        """See :meth:`index.storage.corpus.Corpus.file_of`."""
        found: tuple[str, str | None] | None = self._first("file_of", article_id)
        return found

    def facets(self, filters: Filters = EVERYTHING) -> dict[str, list[str]]:
        """See :meth:`index.storage.corpus.Corpus.facets`; only those of shards that answer."""
        counts = _added(self._shards.ask("values", filters).values(), MOST_VALUES)
        return {name: [value for value, _ in found] for name, found in counts.items()}

    def counts(self, filters: Filters = EVERYTHING) -> tuple[int, int]:
        """See :meth:`index.storage.corpus.Corpus.counts`."""
        found = self._all("counts", filters)
        return sum(articles for articles, _ in found), sum(passages for _, passages in found)

    def _all(self, method: str, *arguments: Any) -> list[Any]:
        """What every shard gives.

        :raises IncompleteError: when one is missing.
        """
        found = self._shards.ask(method, *arguments)
        self._check(len(found) == len(self._shards))
        return list(found.values())

    def _first(self, method: str, *arguments: Any) -> Any:
        """What the one shard gives that knows of it; None when no shard does.

        :raises IncompleteError: when it may be in one that is missing.
        """
        found = self._shards.ask(method, *arguments)
        known = next((each for each in found.values() if each is not None), None)
        self._check(known is not None or len(found) == len(self._shards))
        return known

    def _check(self, is_there: bool) -> None:
        if not is_there:
            lost = ", ".join(map(str, sorted(self.lost)))
            raise IncompleteError(f"a part of the index does not answer (shard {lost}): ask again in a few seconds")


def open_corpus(
    versions: Versions,
    verify: bool = True,
    connect: Connect | None = None,
    seconds: float = SECONDS,
    sums: Sums = sha256_file,
) -> Snapshot | ShardedCorpus:
    """Open the current version, which may be in shards; see :meth:`ShardedCorpus.open`.

    :param sums: computes the checksums of one that is not.
    :raises SnapshotError: when there is none, or it is damaged.
    """
    folder = versions.current()
    if folder is None or not is_sharded(folder):
        return versions.open(verify, sums)
    return ShardedCorpus.open(folder, verify, connect, seconds)


def _best(scores: Mapping[int, float], pool: int) -> set[int]:
    """The ``pool`` best rows; of equal ones, the first in the order of sources."""
    return set(sorted(scores, key=lambda row: (-scores[row], row))[:pool])


def _added(parts: Iterable[Values], most: int) -> Values:
    """The values of all parts with how many articles have each, the most frequent first."""
    sums: dict[str, dict[str, tuple[str, int]]] = {"sources": {}, "authors": {}, "tags": {}}
    for part in parts:
        for name, counted in part.items():
            of_name = sums[name]
            for value, number in counted:
                shown, before = of_name.get(folded(value), (value, 0))
                of_name[folded(value)] = min(shown, value), before + number
    return {name: sorted(found.values(), key=lambda each: (-each[1], each[0]))[:most] for name, found in sums.items()}


def _id(article: Article) -> str:
    return article.id


_LETTERS = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _title(entry: Entry) -> str:
    """As SQLite compares it without case: of ASCII letters only."""
    return entry.title.translate(_LETTERS)


_ORDERS: dict[Order, Callable[[Entry], tuple[Any, ...]]] = {
    "title": lambda entry: (_title(entry), entry.id),
    "newest": lambda entry: (-entry.published.toordinal() if entry.published else 0, entry.id),
    "oldest": lambda entry: (entry.published.toordinal() if entry.published else 10**7, entry.id),
    "source": lambda entry: (not entry.source, folded(entry.source or ""), _title(entry), entry.id),
}
"""The orders of :mod:`index.storage.catalogue`."""
