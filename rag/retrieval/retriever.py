"""A question to ranked passages: dense and BM25 search, fused."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from index.article import Article, Passage
from index.models.embedder import Embedder
from index.models.onnx_model import FloatArray
from index.passage_text import PassageText, passage_text
from index.storage.corpus import Corpus
from index.storage.filters import Filters

POOL = 100
"""Passages taken from each of the two searches before they are fused."""

DENSE_WEIGHT = 0.55
"""Share of the cosine in the fused score; measured in ``docs/retrieval.md``."""


TYPED = 0.5
"""What a follow-up as it was typed counts in its vector, beside the same with its terms, which say what it is about
rather than what is asked. Chosen on training conversations, as is the next."""

ON_TOPIC = 0.2
"""What is added to the score of a passage of the article that the conversation is on."""

_NEAR = 40
"""Passages among which those of that article are looked for."""


@dataclass(frozen=True)
class RetrievedPassage:
    """A passage that was found, with its scores.

    ``dense`` is the cosine of question and passage, 0 where it is the least of the embedder, ``bm25`` the BM25 score (0
    when they share no word), ``score`` the fused one that ranks. ``is_on_topic`` says that a conversation is on its
    article.
    """

    passage: Passage
    article: Article
    dense: float
    bm25: float
    score: float
    is_on_topic: bool = False

    @property
    def text(self) -> str:
        """The words of the passage."""
        return self.article.text[self.passage.start : self.passage.end]

    @cached_property
    def reading(self) -> PassageText:
        """What is read of it."""
        return passage_text(self.article, self.passage)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages that were found, best first, and the share of the index that was searched for them, 0 to 1."""

    passages: list[RetrievedPassage]
    coverage: float


@dataclass(frozen=True, slots=True)
class Query:
    """A question that is searched for: ``vector`` is ``float32[dimension]``.

    ``article`` is the id of the article that the conversation is on; None without one.
    """

    question: str
    filters: Filters
    vector: FloatArray
    article: str | None = None


class Retriever:
    """Searches one version of an index. Safe to share between threads."""

    def __init__(self, corpus: Corpus, embedder: Embedder, dense_weight: float = DENSE_WEIGHT) -> None:
        """``dense_weight`` is the share of the cosine in the fused score: 1 is dense search alone, 0 BM25 alone."""
        self._corpus = corpus
        self._embedder = embedder
        self._dense_weight = dense_weight

    def begin(self, question: str, filters: Filters) -> Query:
        """Embed the question."""
        return Query(question, filters, self._embedder.embed_question(question))

    def begin_followup(self, question: str, filters: Filters, *, typed: str, topic: str) -> Query:
        """The same for a question with terms from a conversation, which was ``typed`` without them.

        :param topic: what was asked and answered last; the article that fits it best is the one the conversation is on.
        """
        vector = self._embedder.embed_question(question) + TYPED * self._embedder.embed_question(typed)
        before = self.search(self.begin(topic, filters), 1)
        article = before[0].article.id if before else None
        return Query(question, filters, vector / np.linalg.norm(vector), article)

    def search(self, query: Query, limit: int) -> list[RetrievedPassage]:
        """The passages of :meth:`find`."""
        return self.find(query, limit).passages

    def find(self, query: Query, limit: int) -> Retrieval:
        """The best passages of the articles that pass the filters, best first.

        The score is ``w * cosine + (1 - w) * bm25 / best bm25``, with a cosine that begins at 0 whatever the embedder.
        Every candidate of either search has both of its scores, so that being missed by one search's cut-off is not
        mistaken for not matching at all. A passage of the article that the conversation is on gets :data:`ON_TOPIC`
        more, at most 1 in all.
        """
        found = self._corpus.candidates(query.question, query.vector, query.filters, POOL)
        best = max(found.lexical.values(), default=0.0) or 1.0
        least = self._embedder.least_cosine
        dense = {row: (cosine - least) / (1 - least) for row, cosine in found.dense.items()}
        fused = {
            row: self._dense_weight * cosine + (1 - self._dense_weight) * found.lexical.get(row, 0.0) / best
            for row, cosine in dense.items()
        }
        looked_at = max(limit, _NEAR) if query.article else limit
        rows = sorted(fused, key=lambda row: -fused[row])[:looked_at]
        passages = [
            RetrievedPassage(passage, article, dense[row], found.lexical.get(row, 0.0), fused[row])
            for row, (passage, article) in zip(rows, self._corpus.passages(rows, query.filters), strict=True)
        ]
        if query.article:
            passages = _on_topic(passages, query.article)[:limit]
        return Retrieval(passages, found.searched / found.of if found.of else 1.0)


def _on_topic(passages: list[RetrievedPassage], article: str) -> list[RetrievedPassage]:
    """The passages in their order when those of an article count more."""
    moved = [
        replace(passage, score=min(1.0, passage.score + ON_TOPIC), is_on_topic=True)
        if passage.article.id == article
        else passage
        for passage in passages
    ]
    return sorted(moved, key=lambda passage: -passage.score)
