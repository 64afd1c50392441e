"""From the spans of many passages to the distinct answers they amount to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.article import title_span
from rag.ranking.evidence import Evidence, breaks
from rag.ranking.normalise import normalise
from rag.reading.spans import Span
from rag.retrieval.retriever import RetrievedPassage


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span stands in its article: ``start`` and ``end`` are code points of the article's text."""

    found: RetrievedPassage
    start: int
    end: int
    span: Span

    @property
    def margin(self) -> float:
        """How much the reader prefers the span to no answer, in logits."""
        return self.span.margin

    @property
    def text(self) -> str:
        """The words of the span."""
        return self.found.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer: its best place first, then the same answer elsewhere, one place an article."""

    places: tuple[Place, ...]

    @property
    def text(self) -> str:
        """The words at the best place."""
        return self.places[0].text

    @property
    def evidence(self) -> Evidence:
        """What the calibrator ranks and judges by."""
        best = self.places[0]
        return Evidence(best.margin, best.span.score, best.found.score, breaks(best.text), best.span.presence)


def gather(found: Sequence[RetrievedPassage], spans: Sequence[Sequence[Span]]) -> list[Candidate]:
    """The distinct answers among the spans of each passage, in no particular order.

    Spans of overlapping passages that overlap in the article are one place, that of the highest margin. Places whose
    words are equal but for case, punctuation and English articles are one answer, which is cited wherever the words of
    the best place stand letter by letter.
    """
    places = [
        place
        for passage, of_passage in zip(found, spans, strict=True)
        for span in of_passage
        if (place := _place(passage, span))
    ]
    places.sort(key=lambda place: (-place.margin, -place.found.score, place.found.article.id, place.start))
    distinct: list[Place] = []
    for place in places:
        if not any(_overlap(place, other) for other in distinct):
            distinct.append(place)
    answers: dict[str, list[Place]] = {}
    for place in distinct:
        same = answers.setdefault(normalise(place.text) or place.text, [])
        is_cited = any(place.found.article.id == other.found.article.id for other in same)
        verbatim = _with_words(place, same[0].text) if same else place
        if verbatim and not is_cited:
            same.append(verbatim)
    return [Candidate(tuple(same)) for same in answers.values()]


def _place(found: RetrievedPassage, span: Span) -> Place | None:
    """Where a span stands, cut to the block that holds most of it: list markers are no part of an answer.

    One of the title stands where the article's text has the title; ``None`` when it has it nowhere.
    """
    if span.in_title:
        title = title_span(found.article)
        return Place(found, title[0] + span.start, title[0] + span.end, span) if title else None
    start, end = found.passage.start + span.start, found.passage.start + span.end
    cuts = [(max(start, block.start), min(end, block.end)) for block in found.article.blocks]
    start, end = max(cuts, key=lambda cut: cut[1] - cut[0])
    return Place(found, start, end, span) if start < end else None


def _with_words(place: Place, words: str) -> Place | None:
    """The place, narrowed or widened a little to exactly ``words``; None when they do not stand there."""
    first, last = place.found.passage.start, place.found.passage.end
    if place.span.in_title:
        first, last = title_span(place.found.article) or (place.start, place.end)
    low = max(first, place.start - len(words))
    start = place.found.article.text.find(words, low, min(last, place.end + len(words)))
    return None if start < 0 else replace(place, start=start, end=start + len(words))


def _overlap(one: Place, other: Place) -> bool:
    return one.found.article.id == other.found.article.id and one.start < other.end and other.start < one.end
