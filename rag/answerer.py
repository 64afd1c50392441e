"""The whole way of a question: retrieve, read, merge, calibrate, abstain, cite."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from index.article import Article
from index.models.embedder import Embedder
from index.storage.corpus import Corpus
from index.storage.filters import Filters
from rag.citing.agreement import Agreement, Position
from rag.citing.citation import Citation, cite, clause_of, narrowed
from rag.citing.quotes import Quote, quotes_around
from rag.english.clauses import lacks_a_verb
from rag.english.event_dates import EventDate, event_dates
from rag.english.followup import in_conversation
from rag.english.listing import asks_for_several, items
from rag.english.tense import is_about_now
from rag.english.times import Time, time_of
from rag.english.verdict import Verdict, is_denial, is_yes_no, verdict
from rag.languages import LanguageWarning, warnings_for
from rag.question import NO_FILTERS, Question
from rag.ranking.agreement import Said, agreement, has_several_answers, witnesses_of
from rag.ranking.calibration import Calibrator, shipped_for
from rag.ranking.candidates import Candidate, Mention, gather, overlap
from rag.ranking.normalise import normalise
from rag.ranking.one_answer import odds_of_one
from rag.ranking.recency import newest_first, places_of
from rag.ranking.timeliness import SEARCHED, borne_out, fits_of, nearest_in_time, of_the_time, timely, together
from rag.reading.passage_reader import PassageReader
from rag.reading.spans import ScoredSpan
from rag.retrieval.coverage import CoverageWarning, coverage_warnings, whole_attempt
from rag.retrieval.depth import DEPTH
from rag.retrieval.retriever import Retrieval, RetrievedPassage, Retriever

OnFound = Callable[[str, Sequence[RetrievedPassage]], None]
"""Called with the question that is asked of the index and the passages that are about to be read."""


_LIKELY = 0.5
"""An answer of this confidence is more likely right than wrong."""

_OLD = 365
"""Days after which what an article says of the present may no longer be so."""

_NEAR = 70
"""Code points around an answer that say whether a date in it is in the future."""

_LOOK_BACK = 3
"""Questions before a follow-up whose time is also its own."""

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

    ``age`` is how many days before the question the newest cited article was published; None when none says when. With
    ``is_old``, the question is about the present and that was more than a year before. ``date`` is what a date in the
    answer means that follows from the day of the article: “Tuesday”.
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
    age: int | None = None
    is_old: bool = False
    date: EventDate | None = None

    @property
    def is_list(self) -> bool:
        """Whether its parts are worth a line each: they are more than two, or stand in several places."""
        places = {(part.citation.article_id, part.citation.quote_start) for part in self.parts}
        return len(self.parts) > 2 or len(places) > 1


@dataclass(frozen=True, slots=True)
class Result:
    """The answers to a question, best first, or none; then ``best_guess`` is the best one that was held back.

    ``standalone_question`` is what was searched and read for: the question with what it takes from the conversation.
    ``coverage`` is the share of the index's passages that were searched, below 1 where a part of it did not answer:
    then no answer does not mean that no article answers. ``passages`` are those that were read, ``timings_ms``
    milliseconds by stage, ``warnings`` what the languages of the question and of these passages, and a missing part,
    mean for the answers. ``agreement`` is what several articles say, where more than one answers.
    """

    question: str
    standalone_question: str
    answers: tuple[Answer, ...]
    best_guess: Answer | None
    passages: tuple[RetrievedPassage, ...]
    index_version: str
    models: dict[str, str]
    timings_ms: dict[str, float]
    warnings: tuple[LanguageWarning | CoverageWarning, ...] = ()
    agreement: Agreement | None = None
    coverage: float = 1.0

    @property
    def complete(self) -> bool:
        """Whether all of the index was searched."""
        return self.coverage >= 1

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
        self.embedder = embedder
        self.reader = reader

    def search(self, question: str, *, limit: int = 10, filters: Filters = NO_FILTERS) -> list[RetrievedPassage]:
        """The passages that match the question best, best first."""
        return self.find(question, limit=limit, filters=filters).passages

    def find(self, question: str, *, limit: int = 10, filters: Filters = NO_FILTERS) -> Retrieval:
        """The same, with the share of the index that was searched."""
        query = self.retriever.begin(question, filters)
        return whole_attempt(lambda: self.retriever.find(query, limit))

    def ask(self, question: Question, on_found: OnFound | None = None) -> Result:
        """The best answers to ``question``.

        :param on_found: called on this thread between retrieving and reading.
        :raises IncompleteError: when parts of the index are lost one after the other.
        """
        return whole_attempt(lambda: self._asked(question, on_found))

    def _asked(self, question: Question, on_found: OnFound | None) -> Result:
        clock = _Clock()
        heard = in_conversation(question.text, question.history)
        asked, meant = heard.standalone, heard.meant
        time = Time(prefer=question.prefer) if question.prefer else _time_of(question, heard.is_followup)
        filters = question.filters
        if time and time.is_condition:
            filters = Filters(published_from=time.first, published_to=time.last).inside(filters)
        if heard.is_followup:
            query = self.retriever.begin_followup(asked, filters, typed=heard.typed, topic=heard.topic)
        else:
            query = self.retriever.begin(asked, filters)
        clock.lap("embed")
        found = self.retriever.find(query, SEARCHED if time else DEPTH.most)
        if time and time.last and time.last >= question.asked_at and not any(fits_of(time, found.passages)):
            time = Time(prefer="newest")  # nothing is of today: the newest is the nearest
        if time:
            read = nearest_in_time(time, found.passages)
        else:
            read = [found.passages[at] for at in DEPTH.of(found.passages)]
        clock.lap("retrieve")
        if on_found:
            on_found(asked, read)
        ranked = self.rank(meant, read, time, heard.said)
        said = self._said(meant, read, ranked, time)
        if said and (time is None or time.prefer == "newest"):
            first = ranked[0][1]
            ranked = self._weighed(ranked, said, is_about_now(meant) or time is not None)
            if ranked[0][1] is not first:
                said = self._said(meant, read, ranked, time)
        clock.lap("read")
        least = self.calibrator.threshold if question.min_confidence is None else question.min_confidence
        shared = places_of(ranked, said) if question.min_confidence is None and ranked and ranked[0][0] < least else {}
        if sum(ranked[at][0] for at in shared) < least:
            shared = {}
        answers = [
            self._answer(meant, candidate, confidence, question, filters, time)
            for at, (confidence, candidate) in enumerate(ranked[: question.limit])
            if confidence >= least or at in shared
        ]
        answers = with_further_items(meant, answers)
        guess = None
        if ranked and not answers:
            guess = self._answer(meant, ranked[0][1], ranked[0][0], question, filters, time)
        return Result(
            question=question.text,
            standalone_question=asked,
            answers=tuple(answers),
            best_guess=guess,
            passages=tuple(read),
            index_version=self.corpus.manifest.version,
            models={"embedder": self.embedder.name, "reader": self.reader.name},
            timings_ms=clock.milliseconds(),
            warnings=(
                *coverage_warnings(found.coverage),
                *warnings_for(
                    question.text, [passage.text for passage in read], multilingual=self.embedder.by_language
                ),
            ),
            agreement=self._agreement(said, filters) if answers else None,
            coverage=found.coverage,
        )

    def rank(
        self,
        question: str,
        found: Sequence[RetrievedPassage],
        time: Time | None = None,
        said: frozenset[str] = frozenset(),
    ) -> list[tuple[float, Candidate]]:
        """Every distinct answer that the reader finds in the passages, with its confidence, best first.

        :param time: of which the question speaks; see :mod:`rag.ranking.timeliness`.
        :param said: the stems of the words of the conversation that the question follows.
        """
        scores = together(time, found) if time else [passage.score for passage in found]
        candidates = self._read(question, found, scores, said, time)
        rank = partial(self._ranked_for, question)
        return timely(time, found, candidates, rank) if time else rank(candidates)

    def _read(
        self,
        question: str,
        found: Sequence[RetrievedPassage],
        scores: Sequence[float],
        said: frozenset[str],
        time: Time | None = None,
    ) -> list[Candidate]:
        """Every distinct answer in the passages.

        Of articles whose day bears out the time that the question names, what is asked is read for without that time.

        Which passages are read again follows from the best one. Where that only has somebody's denial, which settles
        nothing, the others are read once more as if it had not been found.
        """
        asked = [time.without(question) if time and borne_out(time, passage) else question for passage in found]
        spans = self._spans(asked, found, scores, range(len(found)))
        candidates = gather(found, [spans[at] for at in range(len(found))], said)
        if not candidates or not is_yes_no(question) or is_denial(question):
            return candidates
        best = self._ranked(candidates)[0][1].mentions[0]
        if not _denies(best):
            return candidates
        spans |= self._spans(asked, found, scores, [at for at, each in enumerate(found) if each is not best.found])
        return gather(found, [spans[at] for at in range(len(found))], said)

    def _spans(
        self, asked: Sequence[str], found: Sequence[RetrievedPassage], scores: Sequence[float], places: Sequence[int]
    ) -> dict[int, list[ScoredSpan]]:
        """What is read in the passages at some places, each for what is ``asked`` there."""
        spans: dict[int, list[ScoredSpan]] = {}
        for question in dict.fromkeys(asked[at] for at in places):
            own = [at for at in places if asked[at] == question]
            read = read_found(self.reader, question, [found[at] for at in own], scores=[scores[at] for at in own])
            spans |= zip(own, read, strict=True)
        return spans

    def _said(
        self,
        question: str,
        found: Sequence[RetrievedPassage],
        ranked: Sequence[tuple[float, Candidate]],
        time: Time | None,
    ) -> tuple[Said, ...]:
        """What the articles of the right time say, in groups; none when not more than one answers."""
        if not ranked or is_yes_no(question) or has_several_answers(question):
            return ()
        timed = [found[at] for at in of_the_time(time, found)] if time else found
        heard = witnesses_of(question, timed, [candidate for _, candidate in ranked], self.calibrator)
        lead = next((each for each in heard if overlap(each.mention, ranked[0][1].mentions[0])), None)
        return agreement(heard, lead, partial(odds_of_one, question, self.embedder)) if lead else ()

    def _weighed(
        self, ranked: list[tuple[float, Candidate]], said: Sequence[Said], is_of_now: bool
    ) -> list[tuple[float, Candidate]]:
        """The order when articles that agree are no rivals, and newer ones are likelier than older ones."""
        best = ranked[0][1]
        agreeing = [each.mention for group in said if group.relation != "contradicting" for each in group.witnesses]
        rivals = [
            candidate
            for _, candidate in ranked
            if candidate is best or not any(overlap(candidate.mentions[0], mention) for mention in agreeing)
        ]
        if len(rivals) < len(ranked):
            alone = next(chance for chance, candidate in self._ranked(rivals) if candidate is best)
            ranked = [(max(ranked[0][0], alone), best), *ranked[1:]]
        return newest_first(ranked, said, is_of_now)

    def _ranked_for(self, question: str, candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
        if not is_yes_no(question):
            return self._ranked(candidates)
        return _as_clauses(self._settled(question, candidates) or self._ranked(candidates))

    def _ranked(self, candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
        ranking = self.calibrator.rank(
            [candidate.evidence for candidate in candidates], [candidate.said for candidate in candidates]
        )
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
            (denials if _denies(candidate.mentions[0]) else others).append(candidate)
        settling = self._ranked(others)
        if not denials or sum(confidence for confidence, _ in settling) < _LIKELY:
            return None
        least = settling[-1][0]
        return [*settling, *((min(confidence, least), candidate) for confidence, candidate in self._ranked(denials))]

    def _citations(self, mentions: Sequence[Mention], filters: Filters) -> tuple[Citation, ...]:
        """Where the mentions stand, in reprints, too."""
        return tuple(
            cite(article, mention.found.passage, mention.start, mention.end, self.corpus.manifest.version)
            for mention in mentions
            for article in self.corpus.copies(mention.found.article.id, filters)
        )

    def _agreement(self, said: Sequence[Said], filters: Filters) -> Agreement | None:
        positions = []
        for group in said:
            citations = self._citations([each.mention for each in group.witnesses], filters)
            witnesses = self.corpus.witnesses([citation.article_id for citation in citations])
            positions.append(Position(group.text, group.relation, len(set(witnesses.values())), citations))
        return Agreement(tuple(positions)) if positions else None

    def _answer(
        self,
        asked: str,
        candidate: Candidate,
        confidence: float,
        question: Question,
        filters: Filters,
        time: Time | None = None,
    ) -> Answer:
        citations = self._citations(candidate.mentions, filters)
        first, article, text = citations[0], candidate.mentions[0].found.article, candidate.text
        attribution = first.attribution
        witnesses = self.corpus.witnesses([citation.article_id for citation in citations])
        is_sure = confidence >= self.calibrator.threshold
        days = [citation.published for citation in citations if citation.published]
        age = max(0, (question.asked_at - max(days)).days) if days else None
        return Answer(
            candidate.text,
            confidence,
            citations,
            attribution.text if attribution else None,
            len(set(witnesses.values())),
            parts=tuple(Part(text[low:high], narrowed(first, article, low, high)) for low, high in items(asked, text)),
            verdict=verdict(asked, _clause(article, first.start, first.end)) if is_sure else None,
            quotes=quotes_around(article, first, asked, confidence),
            age=age,
            is_old=age is not None and age > _OLD and is_about_now(asked) and not (time and time.first),
            date=_date_in(first),
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


def _time_of(question: Question, is_followup: bool) -> Time | None:
    """The time that a question speaks of; that of the question which it follows, where it names none itself."""
    time = time_of(question.text, question.asked_at)
    if time or not is_followup:
        return time
    before = [turn.content for turn in question.history if turn.role == "user"][-_LOOK_BACK:]
    times = (time_of(text, question.asked_at) for text in reversed(before))
    return next((replace(each, is_condition=False) for each in times if each and not each.prefer), None)


def _date_in(citation: Citation) -> EventDate | None:
    """The first date in the cited words that follows from the day of the article."""
    low, high = citation.start - citation.quote_start, citation.end - citation.quote_start
    near = max(0, low - _NEAR)
    for found in event_dates(citation.quote[near : high + _NEAR], citation.published):
        if found.start + near < high and low < found.end + near:
            first = near + citation.quote_start
            return None if found.is_written else replace(found, start=found.start + first, end=found.end + first)
    return None


def _clause(article: Article, start: int, end: int) -> str:
    return article.text[slice(*clause_of(article, start, end))]


def _denies(mention: Mention) -> bool:
    return is_denial(_clause(mention.found.article, mention.start, mention.end))


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
    reader: PassageReader,
    question: str,
    found: Sequence[RetrievedPassage],
    limit: int = 3,
    *,
    scores: Sequence[float] | None = None,
) -> list[list[ScoredSpan]]:
    """For each passage that was found its ``limit`` best spans, best first, as the service has them read.

    :param scores: by which a reader that reads some of them again chooses those; the fused ones when None.
    """
    readings = [passage.reading for passage in found]
    return reader.read(
        question,
        [reading.text for reading in readings],
        limit,
        titles=[passage.article.title for passage in found],
        answerable=[reading.answerable for reading in readings],
        scores=scores or [passage.score for passage in found],
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
