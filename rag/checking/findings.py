"""What the articles say to a statement: the sentence nearest to it, and what stands there in place of its parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from index.article import title_span
from index.models.embedder import Embedder
from index.passage_text import row_at
from index.sentences import sentences
from rag.checking.entailment import Entailed, shipped
from rag.english.cloze import Gap, gaps
from rag.english.content_words import by_stem, content_words
from rag.ranking.candidates import Mention, gather
from rag.reading.passage_reader import PassageReader
from rag.retrieval.retriever import RetrievedPassage

_NEAREST = 2
"""Passages whose sentences are looked at: those in which the reader rather finds what the statement tells."""

_JUDGED = 3
"""Passages that the attention judges, the first that were found: the one that it says most surely tells is quoted."""

_COVER = 0.6
_READ = 0.15
"""What counts beside the cosine of statement and sentence: the share of its words there; the reader's span there."""

_ABSENT = -20.0
"""The log odds of an answer where the reader gives none."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, a row of a table or a title, at ``start:end`` of an article; ``text`` is what is read of it."""

    found: RetrievedPassage
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A gap of a statement with what the articles have there.

    ``presence`` is the log odds, by the reader, that they answer its question; ``kinship`` the cosine of their words
    and those of the statement. Without an answer, ``mention`` is None and ``kinship`` 0.
    """

    gap: Gap
    mention: Mention | None
    presence: float
    kinship: float


@dataclass(frozen=True)
class Findings:
    """A statement with what the articles say to it.

    ``presence`` is the log odds, by the reader, that they tell what it is about, ``first`` the same by the small one of
    two readers. ``quote`` is the sentence nearest to it, ``nearness`` their cosine. ``upheld`` is the log odds that the
    quote's passage bears the statement out, by the large reader, which has learnt from statements, if it has read it.
    ``entailed`` is what an attention over the large reader's layer makes of both; None where there is no such reader.
    ``kin`` has, for each word of the statement that the quote lacks, the highest cosine of a word of the quote.
    """

    statement: str
    presence: float
    first: float
    quote: Quote
    nearness: float
    upheld: float
    entailed: Entailed | None
    filled: tuple[Filled, ...]
    kin: tuple[float, ...]

    @property
    def published(self) -> date | None:
        """The day of the article, from which “Monday” counts."""
        return self.quote.found.article.published

    @cached_property
    def passage(self) -> str:
        """The words around the quote, and the title of the article."""
        return f"{self.quote.found.article.title}\n{self.quote.found.reading.text}"


def findings(
    statement: str, found: Sequence[RetrievedPassage], embedder: Embedder, reader: PassageReader
) -> Findings | None:
    """What the passages say to ``statement``; None when there is nothing in them."""
    mentions = _mentions(reader, statement, found)
    if not mentions:
        return None
    nearest = sorted(mentions, key=lambda mention: -mention.span.presence)[:_NEAREST]
    entailed, decisive = _most_covered(statement, mentions, reader)
    quotes = [(quote, mention) for mention in (decisive or nearest) for quote in _quotes(mention.found)]
    vectors = embedder.embed_passages([statement, *(quote.text for quote, _ in quotes)])
    words = content_words(statement)
    ranked: list[tuple[float, float, Quote, Mention]] = []
    for (quote, mention), vector in zip(quotes, vectors[1:], strict=True):
        there = set(content_words(quote.text))
        cover = sum(word in there for word in words) / max(1, len(words))
        cosine = float(vectors[0] @ vector)
        is_read = mention.start < quote.end and quote.start < mention.end
        ranked.append((cosine + _COVER * cover + _READ * is_read, cosine, quote, mention))
    _, nearness, best, mention = max(ranked, key=lambda each: each[0])
    return Findings(
        statement,
        nearest[0].span.presence,
        nearest[0].span.first,
        best,
        nearness,
        mention.span.second if mention.span.twice else mention.span.presence,
        entailed,
        _filled(statement, best, embedder, reader),
        _kin(statement, best.text, embedder),
    )


def _most_covered(
    statement: str, mentions: Sequence[Mention], reader: PassageReader
) -> tuple[Entailed | None, list[Mention]]:
    """What the attention makes of the passage that most surely tells, with that passage's span; nothing without one."""
    judged: list[tuple[Entailed, Mention]] = []
    for mention in sorted(mentions, key=lambda mention: -mention.found.score)[:_JUDGED]:
        states = reader.states(statement, mention.found.reading.text, mention.found.article.title)
        if states:
            judged.append((shipped().judge(states), mention))
    if not judged:
        return None, []
    entailed, mention = max(judged, key=lambda each: each[0].covered)
    return entailed, [mention]


def _quotes(found: RetrievedPassage) -> Iterator[Quote]:
    """The title and the sentences of a passage; a row of a table is one."""
    article, passage = found.article, found.passage
    title = title_span(article)
    if title:
        yield Quote(found, *title, article.title)
    if row_at(article, passage.start):
        yield Quote(found, passage.start, passage.end, found.reading.text)
        return
    for start, end in sentences(found.text):
        start, end = passage.start + start, passage.start + end
        yield Quote(found, start, end, article.text[start:end])


def _filled(statement: str, quote: Quote, embedder: Embedder, reader: PassageReader) -> tuple[Filled, ...]:
    asked = gaps(statement, quote.text)
    answers = [next(iter(_mentions(reader, gap.question, [quote.found])), None) for gap in asked]
    texts = [statement[gap.start : gap.end] for gap in asked] + [answer.text if answer else "" for answer in answers]
    vectors = embedder.embed_passages(texts)
    return tuple(
        Filled(
            gap,
            answer,
            answer.span.presence if answer else _ABSENT,
            float(vectors[at] @ vectors[at + len(asked)]) if answer else 0.0,
        )
        for at, (gap, answer) in enumerate(zip(asked, answers, strict=True))
    )


def _kin(statement: str, quote: str, embedder: Embedder) -> tuple[float, ...]:
    said = by_stem(quote)
    new = [word for stem, word in by_stem(statement).items() if stem not in said and word.isalpha()]
    there = [word for word in said.values() if word.isalpha()]
    if not new or not there:
        return (0.0,) * len(new)
    vectors = embedder.embed_passages([*new, *there])
    cosines = vectors[: len(new)] @ vectors[len(new) :].T
    return tuple(float(cosine) for cosine in cosines.max(axis=1))


def _mentions(reader: PassageReader, question: str, found: Sequence[RetrievedPassage]) -> list[Mention]:
    """The best span of each passage, in no particular order."""
    readings = [passage.reading for passage in found]
    spans = reader.read(
        question,
        [reading.text for reading in readings],
        1,
        titles=[passage.article.title for passage in found],
        answerable=[reading.answerable for reading in readings],
        scores=[passage.score for passage in found],
    )
    return [candidate.mentions[0] for candidate in gather(found, spans)]
