"""Signs for and against a statement in what the articles say to it, as numbers that a fitted model weighs."""

import math
from collections.abc import Iterable, Sequence
from datetime import date

from rag.checking.findings import Filled, Findings
from rag.english.clauses import clauses
from rag.english.cloze import Kind
from rag.english.content_words import content_words
from rag.english.event_dates import EventDate, event_dates
from rag.english.figures import Figure, figures
from rag.english.mentions import mentions
from rag.english.opposites import negations, opposed
from rag.ranking.normalise import normalise

_MOST = 10.0
"""Log odds beyond which more of them say no more; they are counted in tens."""

BY_ATTENTION = ("covered_by_attention", "borne_out_by_attention")
"""The signs that only a large reader gives."""

_UNLIKE, _ALIKE = 0.2, 0.8
"""Cosines of words that do not mean the same at all, and of words that do."""


def signs(found: Findings) -> dict[str, float]:
    """The signs of a statement, by name."""
    said, quote, passage = found.statement, found.quote.text, found.passage
    words, there, around = content_words(said), set(content_words(quote)), set(content_words(passage))
    names = [name.stems for name in mentions(said) if name.is_name and (name.start or " " in name.words)]
    nearest = max(clauses(quote), key=lambda clause: len(set(content_words(clause)) & set(words)))
    pairs = opposed(said, quote)
    aside = {word for pair in pairs for word in pair}
    is_flipped = (negations(said, aside) > 0) != (negations(nearest, aside) > 0)
    is_opposite = len({word for word, _ in pairs}) % 2 == 1
    rated = [(each, agreement(said, each)) for each in found.filled]
    presences = [_in_tens(each.presence) for each in found.filled] or [_in_tens(found.presence)]
    least_agreement = min((agrees for _, agrees in rated), default=1.0)
    return {
        "presence": _in_tens(found.presence),
        "presence_first": _in_tens(found.first or found.presence),
        "upheld": _in_tens(found.upheld),
        "near": found.nearness,
        "shared": _share(word in there for word in words),
        "shared_around": _share(word in around for word in words),
        "kin": sum(found.kin) / len(found.kin) if found.kin else 1.0,
        "other_number": float(_has_others(said, quote, found.published)),
        "number_elsewhere": float(_has_others(said, passage, found.published)),
        "other_name": float(any(not stems <= there for stems in names)),
        "name_elsewhere": float(any(not stems <= around for stems in names)),
        "opposite": float(is_opposite),
        "reversed": float(is_flipped != is_opposite),
        "denies": float(negations(said) > 0),
        "number_instead": _instead(rated, "number"),
        "name_instead": _instead(rated, "name"),
        "answered": max(presences),
        "lift": max(0.0, max(presences) - _in_tens(found.presence)) * (1 - least_agreement),
        "borne_out": min((_chance(each.presence) * agrees for each, agrees in rated), default=0.5),
        "best_borne_out": max((_chance(each.presence) * agrees for each, agrees in rated), default=0.5),
        **_by_attention(found),
    }


def _by_attention(found: Findings) -> dict[str, float]:
    """What the large reader's layer shows, where there is one: each of :data:`BY_ATTENTION`."""
    if not found.entailed:
        return {}
    odds = (found.entailed.covered, found.entailed.borne_out)
    return {name: _in_tens(each) for name, each in zip(BY_ATTENTION, odds, strict=True)}


def _instead(rated: Sequence[tuple[Filled, float]], kind: Kind) -> float:
    """How surely the articles have something else in a gap of a kind."""
    return max([0.0, *(_in_tens(each.presence) * (1 - agrees) for each, agrees in rated if each.gap.kind == kind)])


def _has_others(said: str, there: str, published: date | None) -> bool:
    """Whether a text names numbers or dates that another one does not have."""
    ours, theirs = event_dates(said, published), event_dates(there, published)
    numbers = [
        each for each in figures(said) if not any(day.start <= each.start and each.end <= day.end for day in ours)
    ]
    return bool(_lacking(numbers, figures(there)) or any(not _meets(day, theirs) for day in ours))


def _meets(day: EventDate, others: Sequence[EventDate]) -> bool:
    """Whether a date may be one of others."""
    return any(map(day.overlaps, others))


def agreement(statement: str, filled: Filled) -> float:
    """How far what the articles have in a gap is what the statement has there, 0 to 1."""
    if filled.mention is None:
        return 0.0
    said, there = statement[filled.gap.start : filled.gap.end], filled.mention.text
    if filled.gap.kind == "number":
        published = filled.mention.found.article.published
        days, their_days = event_dates(said, published), event_dates(there, published)
        if days and their_days:
            return float(all(_meets(day, their_days) for day in days))
        ours = [each for each in figures(statement) if filled.gap.start <= each.start < filled.gap.end]
        theirs = figures(there)
        if ours and theirs:
            return float(not _lacking(ours, theirs))
        return float(normalise(said) in normalise(there) or normalise(there) in normalise(said))
    ours_stems, their_stems = set(content_words(said)), set(content_words(there))
    if ours_stems and their_stems and (ours_stems <= their_stems or their_stems <= ours_stems):
        return 1.0
    return max(0.0, min(1.0, (filled.kinship - _UNLIKE) / (_ALIKE - _UNLIKE)))


def _lacking(wanted: Sequence[Figure], there: Sequence[Figure]) -> list[Figure]:
    return [each for each in wanted if not any(each.agrees(other) for other in there)]


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / max(1, len(counted))


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def _in_tens(odds: float) -> float:
    return max(-_MOST, min(_MOST, odds)) / _MOST
