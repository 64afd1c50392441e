"""How well the date of what was found fits the time that a question speaks of, and what follows for its rank.

It is a preference: what fits comes before what doesn't, and where nothing fits nothing changes.
"""

import calendar
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from rag.english.event_dates import EventDate, event_dates
from rag.english.times import Time
from rag.ranking.candidates import Candidate
from rag.ranking.normalise import normalise
from rag.retrieval.retriever import RetrievedPassage

SEARCHED = 40
"""Passages that are looked at for those of the right time."""

FOUND_WEIGHT = 0.3
"""What a date that fits adds to the score of a passage; the development half of the dated questions bears it out."""

ANSWER_WEIGHT = 3.0
"""What a date that fits worse takes from the log-odds of an answer; so does it this."""

_READ = 5
"""Passages that are read for a question with a time."""

_ALWAYS = 2
"""The best passages that are read whatever their date."""

_NEAR = 0.25
"""Fits that differ by no more compete with each other."""

_LIKELY = 0.2
"""Share of the first answer's confidence from which another one sets the time that the rest is compared with."""

_LATE = 0.1
"""What is told of a time is printed until so long after it, in lengths of that time."""


def fits_of(time: Time, found: Sequence[RetrievedPassage]) -> list[float]:
    """How well each passage fits the time, 0 to 1."""
    if time.prefer:
        return _by_age([passage.article.published for passage in found], is_newest=time.prefer == "newest")
    return [_fit(time, passage) for passage in found]


def together(time: Time, found: Sequence[RetrievedPassage]) -> list[float]:
    """The score of each passage with what its date adds."""
    return [passage.score + FOUND_WEIGHT * fit for passage, fit in zip(found, fits_of(time, found), strict=True)]


def nearest_in_time(time: Time, found: Sequence[RetrievedPassage]) -> list[RetrievedPassage]:
    """Those of the passages that are read: the two best, and those whose score and date together are best, in order."""
    scores = together(time, found)
    rest = sorted(range(_ALWAYS, len(found)), key=lambda at: (-scores[at], at))[: _READ - _ALWAYS]
    return [*found[:_ALWAYS], *(found[at] for at in sorted(rest))]


def of_the_time(time: Time, found: Sequence[RetrievedPassage]) -> list[int]:
    """The positions of the passages that fit the time about as well as any; all where the time is a preference."""
    fits = fits_of(time, found)
    return [at for at, fit in enumerate(fits) if time.prefer or fit >= max(fits) - _NEAR]


def borne_out(time: Time, passage: RetrievedPassage) -> bool:
    """Whether the day of an article tells that a passage is of the days that a question names, so that its text need
    not: one of 2022 speaks of the cup, and not of “the cup in 2022”; or of “Friday”, and not of “8 March”.
    """
    published = passage.article.published
    if not time.words or published is None or time.first is None or time.last is None:
        return False
    is_of_it = _fits_day(time, published) or _speaks_of(time, passage.text, published)
    return is_of_it and not _names(time, passage.text)


def timely(
    time: Time,
    found: Sequence[RetrievedPassage],
    candidates: Sequence[Candidate],
    rank: Callable[[Sequence[Candidate]], list[tuple[float, Candidate]]],
) -> list[tuple[float, Candidate]]:
    """The answers with their confidence, best first: those of the right time are no rivals of the others.

    The others are as likely as beside all, less by as much as their dates fit worse than those of the best answer
    that isn't far less likely than the first. So a passage of the right time that has nothing to say changes nothing.

    :param rank: Gives candidates their confidence.
    """
    of_passage = {passage.passage.id: fit for passage, fit in zip(found, fits_of(time, found), strict=True)}

    def fit_of(candidate: Candidate) -> float:
        return max(of_passage[mention.found.passage.id] for mention in candidate.mentions)

    def of_one_time(candidate: Candidate) -> Iterator[Candidate]:
        """The mentions of about the best time, and the others: each is as likely as what was read at its time."""
        least = fit_of(candidate) - _NEAR
        for of_time in (True, False):
            mentions = tuple(
                each for each in candidate.mentions if (of_passage[each.found.passage.id] >= least) == of_time
            )
            if mentions:
                yield replace(candidate, mentions=mentions)

    candidates = [part for candidate in candidates for part in of_one_time(candidate)]
    everything = rank(candidates)
    likely = [candidate for chance, candidate in everything if chance >= _LIKELY * everything[0][0]]
    best = max(map(fit_of, likely), default=0.0)
    near = [candidate for candidate in candidates if fit_of(candidate) >= best - _NEAR]
    ranked = rank(near) if len(near) < len(candidates) else everything
    if ranked is not everything:
        ranked = [*ranked, *(pair for pair in everything if fit_of(pair[1]) < best - _NEAR)]
    moved = [
        (_less(chance, ANSWER_WEIGHT * max(0.0, best - fit_of(candidate))), candidate) for chance, candidate in ranked
    ]
    return _each_once(sorted(moved, key=lambda pair: -pair[0]))


def _each_once(ranked: Sequence[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """The answers without those that are the words of a better one, at another time."""
    kept: dict[str, tuple[float, Candidate]] = {}
    for chance, candidate in ranked:
        kept.setdefault(normalise(candidate.text) or candidate.text, (chance, candidate))
    return list(kept.values())


def _less(confidence: float, by: float) -> float:
    if not 0 < confidence < 1 or not by:
        return confidence
    return 1 / (1 + math.exp(by) * (1 - confidence) / confidence)


def _by_age(days: Sequence[date | None], *, is_newest: bool) -> list[float]:
    known = [day for day in days if day]
    if not known or min(known) == max(known):
        return [0.0 for _ in days]
    first, length = min(known), (max(known) - min(known)).days
    places = [(day - first).days / length if day else 0.5 for day in days]
    return places if is_newest else [1 - place for place in places]


def _fit(time: Time, passage: RetrievedPassage) -> float:
    day = passage.article.published
    if _names(time, passage.text) or _speaks_of(time, passage.text, day):
        return 1.0
    return 0.5 if day is None else float(_fits_day(time, day))


def _fits_day(time: Time, day: date) -> bool:
    """Whether what was published on a day may tell of the time."""
    if time.first and day < time.first:
        return False
    if time.last is None:
        return True
    length = (time.last - time.first).days + 1 if time.first else 0
    return (day - time.last).days <= 3 + _LATE * length


def _speaks_of(time: Time, text: str, published: date | None) -> bool:
    """Whether something happens in a text within a time that has a first and a last day."""
    first, last = time.first, time.last
    if first is None or last is None:
        return False
    return any(first <= each.first and each.last <= last for each in _events(text, published))


@lru_cache(maxsize=4 * SEARCHED)
def _events(text: str, published: date | None) -> tuple[EventDate, ...]:
    return tuple(event_dates(text, published))


def _names(time: Time, text: str) -> bool:
    """Whether a text itself names the year of a time, and its month where it is no whole year."""
    first, last = time.first, time.last
    if first is None or last is None or first.year != last.year or str(first.year) not in text:
        return False
    is_year = (last - first).days > 31
    return is_year or (first.month == last.month and calendar.month_name[first.month] in text)
