"""A question to ranked passages: dense and BM25 search, fused."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from index.article import Article, Passage
from index.models.embedder import Embedder
from index.models.onnx_model import FloatArray, available_threads
from index.passage_text import PassageText, passage_text
from index.storage.filters import Filters
from index.storage.snapshot import Snapshot

POOL = 100
"""Passages taken from each of the two searches before they are fused."""

DENSE_WEIGHT = 0.55
"""Share of the cosine in the fused score; measured in ``docs/retrieval.md``."""


@dataclass(frozen=True)
class RetrievedPassage:
    """A passage that was found, with its scores.

    ``dense`` is the cosine of question and passage, ``bm25`` the BM25 score (0 when they share no word), ``score`` the
    fused one that ranks.
    """

    passage: Passage
    article: Article
    dense: float
    bm25: float
    score: float

    @property
    def text(self) -> str:
        """The words of the passage."""
        return self.article.text[self.passage.start : self.passage.end]

    @cached_property
    def reading(self) -> PassageText:
        """What is read of it."""
        return passage_text(self.article, self.passage)


@dataclass(frozen=True, slots=True)
class Query:
    """A question that is searched for: ``vector`` is ``float32[dimension]``, ``lexical`` its BM25 scores by row."""

    question: str
    filters: Filters
    vector: FloatArray
    lexical: Future[dict[int, float]]


class Retriever:
    """Searches one snapshot. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot, embedder: Embedder, dense_weight: float = DENSE_WEIGHT) -> None:
        """``dense_weight`` is the share of the cosine in the fused score: 1 is dense search alone, 0 BM25 alone."""
        self._snapshot = snapshot
        self._embedder = embedder
        self._dense_weight = dense_weight
        self._pool = ThreadPoolExecutor(available_threads(), thread_name_prefix="full-text")

    def begin(self, question: str, filters: Filters) -> Query:
        """Embed the question, while BM25 search has begun on a thread of its own and may outlast it."""
        lexical = self._pool.submit(self._lexical, question, filters)
        return Query(question, filters, self._embedder.embed_question(question), lexical)

    def _lexical(self, question: str, filters: Filters) -> dict[int, float]:
        return dict(self._snapshot.store.bm25(question, filters, POOL)) if self._dense_weight < 1 else {}

    def search(self, query: Query, limit: int) -> list[RetrievedPassage]:
        """The best passages of the articles that pass the filters, best first.

        The score is ``w * cosine + (1 - w) * bm25 / best bm25``. Every candidate of either search gets both of its
        scores, so that being missed by one search's cut-off is not mistaken for not matching at all.
        """
        store, vectors = self._snapshot.store, self._snapshot.vectors
        allowed = store.matching_rows(query.filters) if query.filters else None
        dense = dict(vectors.search(query.vector, POOL, allowed)) if self._dense_weight > 0 else {}
        lexical = query.lexical.result()
        if self._dense_weight < 1:
            lexical = lexical | dict(store.bm25_of(query.question, [row for row in dense if row not in lexical]))
        for row in lexical:
            if row not in dense:
                dense[row] = float(np.dot(vectors.row(row), query.vector))
        best = max(lexical.values(), default=0.0) or 1.0
        fused = {
            row: self._dense_weight * cosine + (1 - self._dense_weight) * lexical.get(row, 0.0) / best
            for row, cosine in dense.items()
        }
        rows = sorted(fused, key=lambda row: (-fused[row], row))[:limit]
        return [
            RetrievedPassage(passage, article, dense[row], lexical.get(row, 0.0), fused[row])
            for row, (passage, article) in zip(rows, store.passages(rows, query.filters), strict=True)
        ]
