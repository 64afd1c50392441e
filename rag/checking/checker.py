"""Whether the articles bear out what a text says, sentence by sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from index.models.embedder import Embedder
from index.storage.corpus import Corpus
from index.storage.filters import Filters
from rag.checking.findings import Findings, findings
from rag.checking.signs import BY_ATTENTION, agreement, signs
from rag.checking.statements import Statement, statements
from rag.citing.citation import Citation, cite
from rag.english.logistic import Logistic
from rag.languages import LanguageWarning, warnings_for
from rag.question import NO_FILTERS
from rag.reading.passage_reader import PassageReader
from rag.retrieval.coverage import CoverageWarning, coverage_warnings, whole_attempt
from rag.retrieval.depth import DEPTH
from rag.retrieval.retriever import Retrieval, Retriever

Status = Literal["supported", "contradicted", "not_found"]

STATUSES: tuple[Status, ...] = ("supported", "contradicted", "not_found")

NOTHING_FOUND: Mapping[Status, float] = {"supported": 0.0, "contradicted": 0.0, "not_found": 1.0}
"""The chances of a sentence for which no passage was found."""

COVERED = Path(__file__).parent.parent / "models" / "covered.json"
"""Whether the articles tell what a statement is about."""

BORNE_OUT = COVERED.with_name("borne-out.json")
"""Whether they say the same, where they tell it."""

WITHOUT_ATTENTION = (COVERED.with_name("covered-small.json"), COVERED.with_name("borne-out-small.json"))
"""The same two without a large reader: fitted before there was an attention, on sentences on the tests' articles."""

_ELSE = 0.5
"""Probability of an answer, and of its being another, from which it is what the articles say instead."""


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence at ``start:end`` of a text, in code points, and what the articles say to it.

    ``confidence`` is the probability of ``status``, and ``chances`` has that of each. The citation is the sentence of
    an article that decides; there is none where nothing was found. ``instead`` is what stands there in place of
    something in a contradicted sentence, where that can be told.
    """

    text: str
    start: int
    end: int
    status: Status
    confidence: float
    chances: Mapping[Status, float]
    citations: tuple[Citation, ...] = ()
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedText:
    """The sentences of a text in order, checked against one version of an index."""

    sentences: tuple[CheckedSentence, ...]
    index_version: str
    models: dict[str, str]
    warnings: tuple[LanguageWarning | CoverageWarning, ...] = ()

    def count(self, status: Status) -> int:
        """How many sentences have a status."""
        return sum(sentence.status == status for sentence in self.sentences)


class Checker:
    """Checks texts against one version of an index. Safe to share between threads."""

    def __init__(self, corpus: Corpus, embedder: Embedder, reader: PassageReader) -> None:
        self._corpus = corpus
        self._embedder = embedder
        self._reader = reader
        self._retriever = Retriever(corpus, embedder)

    def check(self, text: str, filters: Filters = NO_FILTERS) -> CheckedText:
        """What the articles that pass ``filters`` say to each sentence of ``text``.

        A sentence is searched for, the reader looks for what it tells and for what stands in place of its numbers,
        names and new words, and two fitted models weigh what was found (``python -m training.checking``).

        :raises IncompleteError: when parts of the index are lost one after the other.
        """
        return whole_attempt(lambda: self._checked(text, filters))

    def _checked(self, text: str, filters: Filters) -> CheckedText:
        sentences: list[CheckedSentence] = []
        read: list[str] = []
        coverage = 1.0
        for statement in statements(text):
            retrieved = self._retrieved(statement.meant, filters)
            coverage = min(coverage, retrieved.coverage)
            found = self._findings(statement.meant, retrieved)
            if found:
                read.append(found.quote.found.text)
            sentences.append(self._judged(statement, found, filters))
        return CheckedText(
            tuple(sentences),
            self._corpus.manifest.version,
            {"embedder": self._embedder.name, "reader": self._reader.name},
            (
                *coverage_warnings(coverage),
                *warnings_for(text, read, multilingual=self._embedder.by_language, is_checked=True),
            ),
        )

    def findings(self, statement: str, filters: Filters = NO_FILTERS) -> Findings | None:
        """What the articles say to one statement; None when they say nothing at all."""
        return self._findings(statement, self._retrieved(statement, filters))

    def _retrieved(self, statement: str, filters: Filters) -> Retrieval:
        return self._retriever.find(self._retriever.begin(statement, filters), DEPTH.most)

    def _findings(self, statement: str, retrieved: Retrieval) -> Findings | None:
        found = retrieved.passages
        return findings(statement, [found[at] for at in DEPTH.of(found)], self._embedder, self._reader)

    def _judged(self, statement: Statement, found: Findings | None, filters: Filters) -> CheckedSentence:
        chances = chances_of(signs(found)) if found else NOTHING_FOUND
        status = max(chances, key=lambda each: chances[each])
        place = (statement.text, statement.start, statement.end)
        if not found or status == "not_found":
            return CheckedSentence(*place, status, chances[status], chances)
        quote = found.quote
        citations = tuple(
            cite(article, quote.found.passage, quote.start, quote.end, self._corpus.manifest.version)
            for article in self._corpus.copies(quote.found.article.id, filters)
        )
        instead = _instead(found) if status == "contradicted" else None
        return CheckedSentence(*place, status, chances[status], chances, citations, instead)


def chances_of(signed: Mapping[str, float], models: tuple[Logistic, Logistic] | None = None) -> Mapping[Status, float]:
    """The probability of each status, by the :func:`rag.checking.signs.signs` of a statement.

    :param models: whether the articles tell what it is about, and whether they bear it out; those that ship when None.
    """
    fitted = models or _shipped(has_attention=signed.keys() >= {*BY_ATTENTION})
    covered, borne_out = (model.probability(signed) for model in fitted)
    return {"supported": covered * borne_out, "contradicted": covered * (1 - borne_out), "not_found": 1 - covered}


def _instead(found: Findings) -> str | None:
    """The words of the quote that most surely stand in place of something in the statement."""
    quote = found.quote
    others = [
        (each.presence, each.mention.text)
        for each in found.filled
        if each.mention and each.presence > 0 and agreement(found.statement, each) < _ELSE
        if quote.start <= each.mention.start and each.mention.end <= quote.end
    ]
    return max(others)[1] if others else None


@cache
def _shipped(*, has_attention: bool) -> tuple[Logistic, Logistic]:
    covered, borne_out = (COVERED, BORNE_OUT) if has_attention else WITHOUT_ATTENTION
    return Logistic.read(covered), Logistic.read(borne_out)
