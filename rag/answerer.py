"""The whole way of a question: retrieve, read, merge, calibrate, abstain, cite."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from index.article import Article
from index.models.embedder import Embedder
from index.storage.corpus import Corpus
from index.storage.filters import Filters
from rag.citing.citation import Citation, cite, clause_of, narrowed
from rag.citing.quotes import Quote, quotes_around
from rag.english.clauses import lacks_a_verb
from rag.english.followup import standalone
from rag.english.listing import asks_for_several, items
from rag.english.times import Time, time_of
from rag.english.verdict import Verdict, is_denial, is_yes_no, verdict
from rag.languages import LanguageWarning, warnings_for
from rag.question import NO_FILTERS, Question
from rag.ranking.calibration import Calibrator, shipped_for
from rag.ranking.candidates import Candidate, gather, overlap
from rag.ranking.normalise import normalise
from rag.ranking.timeliness import SEARCHED, nearest_in_time, timely
from rag.reading.passage_reader import PassageReader
from rag.reading.spans import ScoredSpan
from rag.retrieval.depth import DEPTH
from rag.retrieval.retriever import RetrievedPassage, Retriever

OnFound = Callable[[str, Sequence[RetrievedPassage]], None]
"""Called with the question that is asked of the index and the passages that are about to be read."""


_LIKELY = 0.5
"""An answer of this confidence is more likely right than wrong."""

_LONGEST_ITEM = 6
"""Words of an answer that may be one of several items."""


@dataclass(frozen=True, slots=True)
class Part:
    """One item of an answer that is several, and where it stands."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Answer:
    """Words of an article that answer the question.

    ``confidence`` is the probability that they are right. The first citation is the best; further ones are other
    articles that say the same. ``attribution`` is who said it, where the best one's article says so. ``witnesses`` is
    how many of the cited articles are independent: reprints of one text are one witness.

    ``parts`` are the items of an answer that is several; none when it is one thing. ``verdict`` is what the clause says
    to a yes/no question; None for other questions, below the threshold, and when it can't be told. ``quotes`` are whole
    sentences around the answer, in the article of the first citation. With ``is_curated``, an editor chose the words
    for this question, and ``confidence`` is 1.
    """

    text: str
    confidence: float
    citations: tuple[Citation, ...]
    attribution: str | None = None
    witnesses: int = 1
    parts: tuple[Part, ...] = ()
    verdict: Verdict | None = None
    quotes: tuple[Quote, ...] = ()
    is_curated: bool = False

    @property
    def is_list(self) -> bool:
        """Whether its parts are worth a line each: they are more than two, or stand in several places."""
        places = {(part.citation.article_id, part.citation.quote_start) for part in self.parts}
        return len(self.parts) > 2 or len(places) > 1


@dataclass(frozen=True, slots=True)
class Result:
    """The answers to a question, best first, or none; then ``best_guess`` is the best one that was held back.

    ``standalone_question`` is what was searched and read for: the question with what it takes from the conversation.
    ``passages`` are those that were read, ``timings_ms`` milliseconds by stage, ``warnings`` what the languages of the
    question and of these passages mean for the answers.
    """

    question: str
    standalone_question: str
    answers: tuple[Answer, ...]
    best_guess: Answer | None
    passages: tuple[RetrievedPassage, ...]
    index_version: str
    models: dict[str, str]
    timings_ms: dict[str, float]
    warnings: tuple[LanguageWarning, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether there is an answer above the threshold."""
        return bool(self.answers)


class Answerer:
    """Answers questions from one version of an index. Safe to share between threads."""

    def __init__(
        self,
        corpus: Corpus,
        embedder: Embedder,
        reader: PassageReader,
        calibrator: Calibrator | None = None,
    ) -> None:
        """``calibrator`` is the shipped one of the reader when None."""
        self.corpus = corpus
        self.calibrator = calibrator or shipped_for(reader.sha256)
        self.retriever = Retriever(corpus, embedder)
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
        time = Time(prefer=question.prefer) if question.prefer else time_of(question.text, question.asked_at)
        filters = question.filters
        if time and time.is_condition:
            filters = Filters(published_from=time.first, published_to=time.last).inside(filters)
        query = self.retriever.begin(asked, filters)
        clock.lap("embed")
        if time:
            read = nearest_in_time(time, self.retriever.search(query, SEARCHED), DEPTH.most)
        else:
            found = self.retriever.search(query, DEPTH.most)
            read = [found[at] for at in DEPTH.of(found)]
        clock.lap("retrieve")
        if on_found:
            on_found(asked, read)
        ranked = self.rank(asked, read, time)
        clock.lap("read")
        least = self.calibrator.threshold if question.min_confidence is None else question.min_confidence
        answers = [
            self._answer(asked, candidate, confidence, filters)
            for confidence, candidate in ranked[: question.limit]
            if confidence >= least
        ]
        answers = with_further_items(asked, answers)
        guess = None if answers or not ranked else self._answer(asked, ranked[0][1], ranked[0][0], filters)
        return Result(
            question=question.text,
            standalone_question=asked,
            answers=tuple(answers),
            best_guess=guess,
            passages=tuple(read),
            index_version=self.corpus.manifest.version,
            models={"embedder": self._embedder.name, "reader": self._reader.name},
            timings_ms=clock.milliseconds(),
            warnings=warnings_for(question.text, [passage.text for passage in read]),
        )

    def rank(
        self, question: str, found: Sequence[RetrievedPassage], time: Time | None = None
    ) -> list[tuple[float, Candidate]]:
        """Every distinct answer that the reader finds in the passages, with its confidence, best first.

        :param time: of which the question speaks; see :mod:`rag.ranking.timeliness`.
        """
        candidates = gather(found, read_found(self._reader, question, found))
        rank = partial(self._ranked_for, question)
        return timely(time, found, candidates, rank) if time else rank(candidates)

    def _ranked_for(self, question: str, candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
        if not is_yes_no(question):
            return self._ranked(candidates)
        return _as_clauses(self._settled(question, candidates) or self._ranked(candidates))

    def _ranked(self, candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
        ranking = self.calibrator.rank([candidate.evidence for candidate in candidates])
        return [(confidence, candidates[at]) for at, confidence in ranking]

    def _settled(self, question: str, candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]] | None:
        """The order for a yes/no question that somebody's denial stands beside: who denies settles nothing.

        Denials are no rivals of the others then, and come last. None when there is no denial, or when it is more likely
        than not that nothing else answers.
        """
        if is_denial(question):
            return None
        denials: list[Candidate] = []
        others: list[Candidate] = []
        for candidate in candidates:
            best = candidate.mentions[0]
            denies = is_denial(_clause(best.found.article, best.start, best.end))
            (denials if denies else others).append(candidate)
        settling = self._ranked(others)
        if not denials or sum(confidence for confidence, _ in settling) < _LIKELY:
            return None
        least = settling[-1][0]
        return [*settling, *((min(confidence, least), candidate) for confidence, candidate in self._ranked(denials))]

    def _answer(self, question: str, candidate: Candidate, confidence: float, filters: Filters) -> Answer:
        citations = tuple(
            cite(article, mention.found.passage, mention.start, mention.end, self.corpus.manifest.version)
            for mention in candidate.mentions
            for article in self.corpus.copies(mention.found.article.id, filters)
        )
        first, article, text = citations[0], candidate.mentions[0].found.article, candidate.text
        attribution = first.attribution
        witnesses = self.corpus.witnesses([citation.article_id for citation in citations])
        is_sure = confidence >= self.calibrator.threshold
        return Answer(
            candidate.text,
            confidence,
            citations,
            attribution.text if attribution else None,
            len(set(witnesses.values())),
            parts=tuple(
                Part(text[low:high], narrowed(first, article, low, high)) for low, high in items(question, text)
            ),
            verdict=verdict(question, _clause(article, first.start, first.end)) if is_sure else None,
            quotes=quotes_around(article, first, question, confidence),
        )


def with_further_items(question: str, answers: Sequence[Answer]) -> list[Answer]:
    """The answers; when several are asked for and each is one of them, ``parts`` of the first has them all."""
    if len(answers) < 2 or not asks_for_several(question) or is_yes_no(question):
        return list(answers)
    if any(len(answer.text.split()) > _LONGEST_ITEM for answer in answers if not answer.parts):
        return list(answers)
    first = answers[0]
    parts: dict[str, Part] = {}
    for answer in answers:
        for part in answer.parts or (Part(answer.text, answer.citations[0]),):
            parts.setdefault(normalise(part.text), part)
    return [replace(first, parts=tuple(parts.values())), *answers[1:]]


def _clause(article: Article, start: int, end: int) -> str:
    return article.text[slice(*clause_of(article, start, end))]


def _as_clauses(ranked: Sequence[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """The candidates in their order, each that is no clause widened to its clause: only that says yes or no.

    Of those that then overlap, the first counts.
    """
    kept: list[tuple[float, Candidate]] = []
    for confidence, candidate in ranked:
        best = candidate.mentions[0]
        if lacks_a_verb(best.text):
            start, end = clause_of(best.found.article, best.start, best.end)
            candidate = Candidate((replace(best, start=start, end=end),))
        if not any(overlap(candidate.mentions[0], other.mentions[0]) for _, other in kept):
            kept.append((confidence, candidate))
    return kept


def read_found(
    reader: PassageReader, question: str, found: Sequence[RetrievedPassage], limit: int = 3
) -> list[list[ScoredSpan]]:
    """For each passage that was found its ``limit`` best spans, best first, as the service has them read."""
    readings = [passage.reading for passage in found]
    return reader.read(
        question,
        [reading.text for reading in readings],
        limit,
        titles=[passage.article.title for passage in found],
        answerable=[reading.answerable for reading in readings],
        scores=[passage.score for passage in found],
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
