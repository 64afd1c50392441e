"""Which of several contradicting values comes first: where the question is about the present, rather the newest."""

import math
from collections.abc import Sequence

from rag.ranking.agreement import Said
from rag.ranking.candidates import Candidate, overlap

NOW = 2.6
"""What the newest of contradicting articles adds to the log-odds of its value where the question is about the present,
by ``python -m training.agreement``."""

PAST = 1.4
"""The same where it is about the past: articles are corrected, too, and tolls rise."""


def newest_first(
    ranked: Sequence[tuple[float, Candidate]], said: Sequence[Said], is_about_now: bool
) -> list[tuple[float, Candidate]]:
    """The answers, best first, when what contradicting values have of confidence together is dealt out by their age.

    Nothing changes where no value contradicts another, or a newest article can't be told.

    :param said: what articles say; the first value is that of the first answer.
    """
    sides, places = sides_of(said), places_of(ranked, said)
    if not places:
        return list(ranked)
    newest = [
        max((day for each in side.witnesses if (day := each.mention.found.article.published)), default=None)
        for side in sides
    ]
    known = sorted(day for day in newest if day)
    if len(known) < len(sides) or known[-1] == known[-2] or newest.index(known[-1]) not in places.values():
        return list(ranked)
    latest, weight = newest.index(known[-1]), math.exp(NOW if is_about_now else PAST)
    before = {at: ranked[at][0] for at in places}
    weighed = {at: before[at] * (weight if places[at] == latest else 1.0) for at in places}
    scale = sum(before.values()) / sum(weighed.values())
    moved = [
        (min(weighed[at] * scale, sides[places[at]].witnesses[0].alone), candidate)
        if at in places
        else (chance, candidate)
        for at, (chance, candidate) in enumerate(ranked)
    ]
    return sorted(moved, key=lambda pair: -pair[0])


def sides_of(said: Sequence[Said]) -> list[Said]:
    """The first value and those that contradict it; none where none does."""
    sides = [each for each in said if each is said[0] or each.relation == "contradicting"]
    return sides if len(sides) > 1 else []


def places_of(ranked: Sequence[tuple[float, Candidate]], said: Sequence[Said]) -> dict[int, int]:
    """The positions of the answers that are on a side, and on which."""
    return {
        at: number
        for at, (_, candidate) in enumerate(ranked)
        for number, side in enumerate(sides_of(said))
        if any(overlap(candidate.mentions[0], each.mention) for each in side.witnesses)
    }
