"""Whether several articles say the same when they are asked the same: values, and the articles that bear each out.

Each article that was read is asked by itself, so that articles which contradict each other take nothing from each
other's confidence. What they say is compared as numbers, dates and names, and whether two of them speak of the same
thing is judged by a model that was fitted to pairs of articles (``python -m training.agreement``). English only.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.sentences import sentences
from rag.english.content_words import content_words
from rag.english.logistic import Logistic
from rag.english.quantities import Relation
from rag.english.values import Kind, Value, relation, value_of
from rag.ranking.calibration import Calibrator
from rag.ranking.candidates import Candidate, Mention
from rag.retrieval.retriever import RetrievedPassage

SHIPPED = Path(__file__).parent.parent / "models" / "agreement.json"

LEAST = 0.3
"""Probability, asked of its article alone, from which an answer takes part."""

LEAST_ALIKE = 0.8
"""Probability that two articles speak of the same thing from which they are said to contradict each other."""

_CONTEXT = 200
"""Code points of the sentence that are looked at before and behind a value."""

_SEVERAL = re.compile(
    r"\b(?:who|what) (?:are|were)\b|\b(?:which|what)(?: [\w-]+){0,2} \w+s (?:are|were|have|do)\b|\b(?:list|names of)\b",
    re.IGNORECASE,
)
_FARTHEST = 4.0
_MOST = 10.0
"""Log-odds of an answer beyond which more of them say no more; they are counted in tens."""

_WORDY: frozenset[Kind] = frozenset({"name", "words"})
"""Kinds of values of which several may answer a question."""

_COPIED = 0.9
"""Share of its words from which a passage is another one with a few words changed."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What one article says to a question: the place, what it stands for, and how likely it is right.

    ``alone`` is the probability when only this article is asked.
    """

    mention: Mention
    value: Value
    alone: float


@dataclass(frozen=True, slots=True)
class Said:
    """One value, the witnesses that say it, and how it relates to the value that leads.

    The likeliest witness comes first, of the value that leads the one that does.
    """

    relation: Relation
    witnesses: tuple[Witness, ...]

    @property
    def text(self) -> str:
        """The words of the first witness."""
        return self.witnesses[0].value.text


def agreement(
    witnesses: Sequence[Witness], lead: Witness, one: Callable[[], float], judge: Logistic | None = None
) -> tuple[Said, ...]:
    """The values that several articles give, that of ``lead`` first; none when no other article says the same thing or
    another.

    :param one: gives the log-odds that the question has one answer (:mod:`rag.ranking.one_answer`); called where that
        matters.
    :param judge: the shipped model when None.
    """
    judge = judge or _shipped()
    groups: list[tuple[Relation, list[Witness]]] = [("same", [lead])]
    others = [each for each in witnesses if each is not lead]
    related = [(each, how) for each in others if (how := relation(lead.value, each.value))]
    differing = [each for each, how in related if how == "contradicting"]
    odds = one() if any({lead.value.kind, each.value.kind} <= _WORDY for each in differing) else 0.0
    contradicting = {id(each) for each in differing if judge.probability(features(lead, each, odds)) >= LEAST_ALIKE}
    for each, how in related:
        if how == "contradicting" and id(each) not in contradicting:
            continue
        group = next(
            (said for kind, said in groups if kind == how and relation(said[0].value, each.value) == "same"), None
        )
        if how == "same":
            groups[0][1].append(each)
        elif group is not None:
            group.append(each)
        else:
            groups.append((how, [each]))
    if sum(len(said) for _, said in groups) < 2:
        return ()
    return tuple(
        Said(how, tuple(sorted(said, key=lambda each: (each is not lead, -each.alone)))) for how, said in groups
    )


def has_several_answers(question: str) -> bool:
    """Whether a question asks for several things: two different ones contradict nothing then."""
    return bool(_SEVERAL.search(question))


@cache
def _shipped() -> Logistic:
    return Logistic.read(SHIPPED)


def witnesses_of(
    question: str, found: Sequence[RetrievedPassage], candidates: Sequence[Candidate], calibrator: Calibrator
) -> list[Witness]:
    """What each article of the passages says, the likeliest first; those that hardly answer are left out."""
    asked = {passage.passage.id for passage in found}
    of_article: dict[str, list[Mention]] = {}
    for candidate in candidates:
        for mention in candidate.mentions:
            if mention.found.passage.id in asked:
                of_article.setdefault(mention.found.article.id, []).append(mention)
    heard = []
    for of_one in of_article.values():
        at, alone = calibrator.rank([mention.evidence for mention in of_one])[0]
        if alone >= LEAST:
            heard.append(witness(question, of_one[at], alone))
    return sorted(heard, key=lambda each: (-each.alone, each.mention.found.article.id))


def witness(question: str, mention: Mention, alone: float) -> Witness:
    """What a mention stands for, in its sentence."""
    before, after = _sentence(mention)
    value = value_of(question, mention.text, before, after, mention.found.article.published)
    return Witness(mention, value, alone)


def _sentence(mention: Mention) -> tuple[str, str]:
    """What stands before and behind the mention in its sentence."""
    article = mention.found.article
    for block in article.blocks:
        if block.start <= mention.start and mention.end <= block.end:
            for first, last in sentences(article.text[block.start : block.end]):
                low, high = block.start + first, block.start + last
                if low <= mention.start < high:
                    low, high = max(low, mention.start - _CONTEXT), min(high, mention.end + _CONTEXT)
                    return article.text[low : mention.start], article.text[mention.end : high]
    return "", ""


def features(mine: Witness, yours: Witness, one: float) -> Mapping[str, float]:
    """What tells whether two articles that give different values speak of the same thing.

    :param one: the log-odds that the question has one answer. They count for names and other words; of what is counted,
        dated or timed there is one anyway.
    """
    kinds = {mine.value.kind, yours.value.kind}
    return {
        "present": max(-_MOST, min(_MOST, *(each.mention.span.presence for each in (mine, yours)))) / _MOST,
        "one": max(-_FARTHEST, min(_FARTHEST, one)) if kinds <= _WORDY else 0.0,
        "copied": float(_shared(mine, yours) >= _COPIED),
        "quantity": float(kinds == {"quantity"}),
        "words": float("words" in kinds),
    }


def _shared(mine: Witness, yours: Witness) -> float:
    """The share of the words of the shorter passage that the other one has, too."""
    here, there = (set(content_words(each.mention.found.text)) for each in (mine, yours))
    return len(here & there) / (min(len(here), len(there)) or 1)
