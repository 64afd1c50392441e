"""The whole way of a question: retrieve, read, merge, calibrate, abstain, cite."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.models.embedder import Embedder
from index.storage.filters import Filters
from index.storage.snapshot import Snapshot
from rag.citing.citation import Citation, cite
from rag.english.followup import standalone
from rag.question import NO_FILTERS, Question
from rag.ranking.calibration import Calibrator
from rag.ranking.candidates import Candidate, gather
from rag.reading.reader import Reader
from rag.retrieval.depth import DEPTH
from rag.retrieval.retriever import RetrievedPassage, Retriever

OnFound = Callable[[str, Sequence[RetrievedPassage]], None]
"""Called with the question that is asked of the index and the passages that are about to be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Words of an article that answer the question.

    ``confidence`` is the probability that they are right. The first citation is the best; further ones are other
    articles that say the same. ``attribution`` is who said it, where the best one's article says so. ``witnesses`` is
    how many of the cited articles are independent: reprints of one text are one witness.
    """

    text: str
    confidence: float
    citations: tuple[Citation, ...]
    attribution: str | None = None
    witnesses: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """The answers to a question, best first, or none; then ``best_guess`` is the best one that was held back.

    ``standalone_question`` is what was searched and read for: the question with what it takes from the conversation.
    ``passages`` are those that were read, ``timings_ms`` milliseconds by stage.
    """

    question: str
    standalone_question: str
    answers: tuple[Answer, ...]
    best_guess: Answer | None
    passages: tuple[RetrievedPassage, ...]
    index_version: str
    models: dict[str, str]
    timings_ms: dict[str, float]

    @property
    def answerable(self) -> bool:
        """Whether there is an answer above the threshold."""
        return bool(self.answers)


class Answerer:
    """Answers questions from one snapshot. Safe to share between threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder,
        reader: Reader,
        calibrator: Calibrator | None = None,
    ) -> None:
        """``calibrator`` is the shipped one when None."""
        self.snapshot = snapshot
        self.calibrator = calibrator or Calibrator.read()
        self.retriever = Retriever(snapshot, embedder)
        self._embedder = embedder
        self._reader = reader

    def search(self, question: str, *, limit: int = 10, filters: Filters = NO_FILTERS) -> list[RetrievedPassage]:
        """The passages that match the question best, best first."""
        return self.retriever.search(self.retriever.begin(question, filters), limit)

    def ask(self, question: Question, on_found: OnFound | None = None) -> Result:
        """The best answers to ``question``.

        :param on_found: called on this thread between retrieving and reading.
        """
        clock = _Clock()
        asked = standalone(question.text, question.history)
        query = self.retriever.begin(asked, question.filters)
        clock.lap("embed")
        found = self.retriever.search(query, DEPTH.most)
        read = [found[at] for at in DEPTH.of(found)]
        clock.lap("retrieve")
        if on_found:
            on_found(asked, read)
        ranked = self.rank(asked, read)
        clock.lap("read")
        least = self.calibrator.threshold if question.min_confidence is None else question.min_confidence
        answers = [
            self._answer(candidate, confidence, question.filters)
            for confidence, candidate in ranked[: question.limit]
            if confidence >= least
        ]
        guess = None if answers or not ranked else self._answer(ranked[0][1], ranked[0][0], question.filters)
        return Result(
            question=question.text,
            standalone_question=asked,
            answers=tuple(answers),
            best_guess=guess,
            passages=tuple(read),
            index_version=self.snapshot.version,
            models={"embedder": self._embedder.name, "reader": self._reader.name},
            timings_ms=clock.milliseconds(),
        )

    def rank(self, question: str, found: Sequence[RetrievedPassage]) -> list[tuple[float, Candidate]]:
        """Every distinct answer that the reader finds in the passages, with its confidence, best first."""
        readings, titles = [passage.reading for passage in found], [passage.article.title for passage in found]
        spans = self._reader.read(
            question,
            [reading.text for reading in readings],
            titles=titles,
            answerable=[reading.answerable for reading in readings],
        )
        candidates = gather(found, spans)
        ranking = self.calibrator.rank([candidate.evidence for candidate in candidates])
        return [(confidence, candidates[at]) for at, confidence in ranking]

    def _answer(self, candidate: Candidate, confidence: float, filters: Filters) -> Answer:
        citations = tuple(
            cite(article, mention.found.passage, mention.start, mention.end, self.snapshot.version)
            for mention in candidate.mentions
            for article in self.snapshot.store.copies(mention.found.article.id, filters)
        )
        attribution = citations[0].attribution
        witnesses = self.snapshot.store.witnesses([citation.article_id for citation in citations])
        return Answer(
            candidate.text,
            confidence,
            citations,
            attribution.text if attribution else None,
            len(set(witnesses.values())),
        )


class _Clock:
    """Milliseconds from lap to lap."""

    def __init__(self) -> None:
        self._laps = [("", time.perf_counter())]

    def lap(self, name: str) -> None:
        self._laps.append((name, time.perf_counter()))

    def milliseconds(self) -> dict[str, float]:
        pairs = zip(self._laps, self._laps[1:], strict=False)
        timings = {name: round((now - before) * 1000, 2) for (_, before), (name, now) in pairs}
        return {**timings, "total": round((self._laps[-1][1] - self._laps[0][1]) * 1000, 2)}
