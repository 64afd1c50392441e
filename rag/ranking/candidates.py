"""From the spans of many passages to the distinct answers they amount to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.article import UNSEEN, Article, Block, Span, title_span
from index.passage_text import PassageText, row_at
from rag.english.content_words import content_words
from rag.ranking.evidence import Evidence, breaks
from rag.ranking.normalise import normalise
from rag.reading.spans import ScoredSpan
from rag.retrieval.retriever import RetrievedPassage

_WHOLE_CELL = 40
"""Code points up to which the answer is a cell of a table as a whole."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a span stands in its article: ``start`` and ``end`` are code points of the article's text."""

    found: RetrievedPassage
    start: int
    end: int
    span: ScoredSpan

    @property
    def margin(self) -> float:
        """How much the reader prefers the span to no answer, in logits."""
        return self.span.margin

    @property
    def text(self) -> str:
        """The words of the span."""
        return self.found.article.text[self.start : self.end]

    @property
    def evidence(self) -> Evidence:
        """What the calibrator ranks and judges by."""
        span = self.span
        return Evidence(
            margin=span.margin,
            score=span.score,
            retrieval=self.found.score,
            breaks=breaks(self.text),
            presence=span.presence,
            first=span.first,
            twice=float(span.twice),
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer: its best mention first, then the same answer elsewhere, one in each article.

    ``said`` is the share of its words that the conversation has said before, 0 to 1.
    """

    mentions: tuple[Mention, ...]
    said: float = 0.0

    @property
    def text(self) -> str:
        """The words at the best mention."""
        return self.mentions[0].text

    @property
    def evidence(self) -> Evidence:
        """What the calibrator ranks and judges by."""
        return self.mentions[0].evidence


def gather(
    found: Sequence[RetrievedPassage], spans: Sequence[Sequence[ScoredSpan]], said: frozenset[str] = frozenset()
) -> list[Candidate]:
    """The distinct answers among the spans of each passage, in no particular order.

    Spans of overlapping passages that overlap in the article are one mention, the one with the highest margin. Mentions
    whose words are equal except for case, punctuation and English articles are one answer. It is cited wherever the
    words of its best mention stand letter by letter.

    :param said: the stems of the words of the conversation, if there is one.
    """
    mentions = [
        mention
        for passage, of_passage in zip(found, spans, strict=True)
        for reading in [passage.reading]
        for span in of_passage
        if (mention := _mention(passage, reading, span))
    ]
    mentions.sort(key=lambda mention: (-mention.margin, -mention.found.score, mention.found.article.id, mention.start))
    distinct: list[Mention] = []
    for mention in mentions:
        if not any(overlap(mention, other) for other in distinct):
            distinct.append(mention)
    answers: dict[str, list[Mention]] = {}
    for mention in distinct:
        same = answers.setdefault(normalise(mention.text) or mention.text, [])
        is_cited = any(mention.found.article.id == other.found.article.id for other in same)
        verbatim = _with_words(mention, same[0].text) if same else mention
        if verbatim and not is_cited:
            same.append(verbatim)
    return [Candidate(tuple(same), _share(same[0].text, said)) for same in answers.values()]


def _share(text: str, said: frozenset[str]) -> float:
    """The share of the words with a meaning of a text that are among ``said``."""
    stems = {*content_words(text)} if said else set()
    return len(stems & said) / len(stems) if stems else 0.0


def _mention(found: RetrievedPassage, reading: PassageText, span: ScoredSpan) -> Mention | None:
    """Where a span stands, cut to the block that holds most of it: list markers are no part of an answer.

    In a table it is cut to a cell. One of the title stands where the article's text has the title; ``None`` when it
    has it nowhere.
    """
    if span.in_title:
        title = title_span(found.article)
        return Mention(found, title[0] + span.start, title[0] + span.end, span) if title else None
    place = reading.place(span.start, span.end)
    if place is None:
        return None
    start, end = place
    row = row_at(found.article, start)
    if row:
        return Mention(found, *_cell_around(found.article, row, start, end), span)
    cuts = [(max(start, block.start), min(end, block.end)) for block in found.article.blocks]
    start, end = max(cuts, key=lambda cut: cut[1] - cut[0])
    return Mention(found, start, end, span) if start < end else None


def _cell_around(article: Article, row: Block, start: int, end: int) -> Span:
    """The whole cell, if it is short: a part of a figure or name answers nothing."""
    cells = [cell for cell in row.cells if cell[0] <= start and end <= cell[1] and cell[1] - cell[0] <= _WHOLE_CELL]
    low, high = next(iter(cells), (start, end))
    while article.text[low] in UNSEEN:
        low += 1
    while article.text[high - 1] in UNSEEN:
        high -= 1
    return low, high


def _with_words(mention: Mention, words: str) -> Mention | None:
    """The mention, narrowed or widened a little to exactly ``words``; None when they do not stand there."""
    first, last = mention.found.passage.start, mention.found.passage.end
    if mention.span.in_title:
        first, last = title_span(mention.found.article) or (mention.start, mention.end)
    low = max(first, mention.start - len(words))
    start = mention.found.article.text.find(words, low, min(last, mention.end + len(words)))
    return None if start < 0 else replace(mention, start=start, end=start + len(words))


def overlap(one: Mention, other: Mention) -> bool:
    """Whether two mentions share words of one article."""
    return one.found.article.id == other.found.article.id and one.start < other.end and other.start < one.end
