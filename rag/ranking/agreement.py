"""Whether several articles say the same when they are asked the same: values, and the articles that bear each out.

Each article that was read is asked by itself, so that articles which contradict each other take nothing from each
other's confidence. What they say is compared as numbers, dates and names, and whether two of them speak of the same
thing is judged by a model that was fitted to pairs of articles (``python -m training.agreement``). English only.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.models.embedder import Embedder
from index.sentences import sentences
from rag.english.content_words import content_words
from rag.english.logistic import Logistic
from rag.english.mentions import mentions
from rag.english.quantities import Relation
from rag.english.values import Value, relation, value_of
from rag.ranking.calibration import Calibrator
from rag.ranking.candidates import Candidate, Mention
from rag.retrieval.retriever import RetrievedPassage

SHIPPED = Path(__file__).parent.parent / "models" / "agreement.json"

LEAST = 0.3
"""Probability, asked of its article alone, from which an answer takes part."""

LEAST_ALIKE = 0.7
"""Probability that two articles speak of the same thing from which they are said to contradict each other."""

_CONTEXT = 200
"""Code points of the sentence that are looked at before and behind a value."""

_SEVERAL = re.compile(
    r"\b(?:who|what) (?:are|were)\b|\b(?:which|what)(?: [\w-]+){0,2} \w+s (?:are|were|have|do)\b|\b(?:list|names of)\b",
    re.IGNORECASE,
)
_MASK = "something"
_FARTHEST = 4.0


@dataclass(frozen=True, slots=True)
class Witness:
    """What one article says to a question: the place, what it stands for, its sentence, and how likely it is right.

    ``alone`` is the probability when only this article is asked.
    """

    mention: Mention
    value: Value
    before: str
    after: str
    alone: float

    @property
    def masked(self) -> str:
        """Title and sentence, with a word that says nothing in place of the value."""
        return f"{self.mention.found.article.title}. {self.before}{_MASK}{self.after}"


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
    question: str, witnesses: Sequence[Witness], lead: Witness, embedder: Embedder, judge: Logistic | None = None
) -> tuple[Said, ...]:
    """The values that several articles give, that of ``lead`` first; none when no other article says the same thing or
    another.

    :param judge: the shipped model when None.
    """
    judge = judge or _shipped()
    groups: list[tuple[Relation, list[Witness]]] = [("same", [lead])]
    others = [each for each in witnesses if each is not lead]
    related = [(each, how) for each in others if (how := relation(lead.value, each.value))]
    differing = [each for each, how in related if how == "contradicting"]
    alike = likeness(lead, differing, embedder) if differing else []
    contradicting = {
        id(each)
        for each, cosine in zip(differing, alike, strict=True)
        if judge.probability(features(question, lead, each, cosine)) >= LEAST_ALIKE
    }
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
    return Witness(mention, value, before, after, alone)


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


def likeness(lead: Witness, others: Sequence[Witness], embedder: Embedder) -> list[float]:
    """How alike the sentences of others are to that of ``lead``, but for the values: cosines."""
    vectors = embedder.embed_passages([lead.masked, *(each.masked for each in others)])
    return [float(vectors[0] @ vector) for vector in vectors[1:]]


def features(question: str, one: Witness, other: Witness, alike: float) -> Mapping[str, float]:
    """What tells whether two articles that give different values speak of the same thing.

    :param alike: the cosine of their sentences without the values.
    """
    asked = set(content_words(question))
    kinds = {one.value.kind, other.value.kind}
    return {
        "likely": _logit(min(one.alone, other.alone)),
        "alike": alike,
        "apart": abs(one.mention.found.dense - other.mention.found.dense),
        "covered": min(_covered(asked, each) for each in (one, other)),
        "missing": float(_missing(question, one) + _missing(question, other)),
        "quantity": float(kinds == {"quantity"}),
        "date": float("date" in kinds or "time" in kinds),
        "words": float("words" in kinds),
    }


def _covered(asked: set[str], each: Witness) -> float:
    found = each.mention.found
    return len(asked & set(content_words(f"{found.article.title} {found.text}"))) / len(asked) if asked else 1.0


def _missing(question: str, each: Witness) -> int:
    """How many names of the question its passage and title don't have."""
    found = each.mention.found
    words = set(content_words(f"{found.article.title} {found.text}"))
    return sum(not (mention.stems & words) for mention in mentions(question) if mention.is_name and mention.stems)


def _logit(chance: float) -> float:
    chance = min(max(chance, 1e-6), 1 - 1e-6)
    return max(-_FARTHEST, min(_FARTHEST, math.log(chance / (1 - chance))))
