"""From the spans of many passages to the distinct answers they amount to."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.calibration import Evidence
from rag.metrics import normalise
from rag.retriever import RetrievedPassage
from rag.spans import Span


@dataclass(frozen=True, slots=True)
class Place:
    """A span in its article: ``start`` and ``end`` are code points of the article's text."""

    found: RetrievedPassage
    start: int
    end: int
    margin: float

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
        return self.places[0].margin, self.places[0].found.score


def gather(found: Sequence[RetrievedPassage], spans: Sequence[Sequence[Span]]) -> list[Candidate]:
    """The distinct answers among the spans of each passage, in no particular order.

    Spans of overlapping passages that overlap in the article are one place, that of the highest margin. Places whose
    words are equal but for case, punctuation and English articles are one answer.
    """
    places = [
        Place(passage, passage.passage.start + span.start, passage.passage.start + span.end, span.margin)
        for passage, of_passage in zip(found, spans, strict=True)
        for span in of_passage
    ]
    places.sort(key=lambda place: (-place.margin, -place.found.score, place.found.article.id, place.start))
    distinct: list[Place] = []
    for place in places:
        if not any(_overlap(place, other) for other in distinct):
            distinct.append(place)
    answers: dict[str, list[Place]] = {}
    for place in distinct:
        same = answers.setdefault(normalise(place.text) or place.text, [])
        if all(place.found.article.id != other.found.article.id for other in same):
            same.append(place)
    return [Candidate(tuple(same)) for same in answers.values()]


def _overlap(one: Place, other: Place) -> bool:
    return one.found.article.id == other.found.article.id and one.start < other.end and other.start < one.end
