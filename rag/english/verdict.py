"""Whether the clause that settles a yes/no question says yes or no: a fitted model over a few signs in the words.

English only. Without a language model most clauses can't be told: ``None`` is the common verdict. "No" follows from a
negation that the question does not have, "yes" from a clause that repeats the question's own words, in their order and
with no other verb before the last of them: what somebody wants, fears or says is not yet so.
"""

import re
from functools import cache
from pathlib import Path
from typing import Literal

from rag.english.content_words import content_words
from rag.english.logistic import Logistic
from rag.english.opposites import opposed
from rag.english.question_words import AUXILIARIES, core, words_of
from rag.english.verbs import is_finite

Verdict = Literal["yes", "no"]

SHIPPED = Path(__file__).parent.parent / "models" / "verdict.json"

LEAST = 0.85
"""The probability of yes, or of no, from which a verdict is given."""

_AUXILIARY = (
    r"(?:is|are|was|were|am|do|does|did|has|have|had|will|would|can|could|shall|should|may|might|must)(?:n['’]t)?"
)
_BEGINS = re.compile(rf"{_AUXILIARY}\s+\w", re.IGNORECASE)
_CHOICE = re.compile(r"\bor\b(?!\s+not\b)", re.IGNORECASE)
_REQUEST = re.compile(
    r"(?:can|could|will|would)\s+(?:you|i)\s+(?:please\s+)?(?:tell|say|show|explain|list|name|know)\b|"
    r"(?:do|does|did)\s+(?:you|we|any(?:one|body))\s+(?:happen\s+to\s+)?know\s+(?:who|what|when|where|why|how|which|whose)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|nowhere|without|cannot|hardly)\b|n['’]t\b", re.IGNORECASE
)
_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|disput(?:es?|ed|ing))\b|\b(?:dismiss|reject)(?:s|es|ed|ing)?\s+(?:\w+\s+){0,3}"
    r"(?:claims?|allegations?|accusations?|reports?|charges?|suggestions?|rumou?rs?|assertions?|criticism|that)\b",
    re.IGNORECASE,
)
"""Who rejects a claim denies it; who rejects a plan decides."""
_SHORTFALL = re.compile(
    r"\b(?:refus|declin|fail|unable|unlikely|unclear|unknown|lack|los[te]|oppos|against|instead|rather|stop|end(?:ed|s)\b|"
    r"too (?:few|little|late)|first|only)",
    re.IGNORECASE,
)
_UNDONE = re.compile(
    r"(?:\b(?:not|never|cannot)|n['’]t)\s+(?:yet\s+)?"
    r"(?:rul(?:e|ed|ing) out|den(?:y|ied|ying)|exclud\w+|reject\w*|only|just|merely)\b",
    re.IGNORECASE,
)
"""Negations that deny nothing, or a denial."""
_MODALS = words_of("may might must can could would should shall whether if")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def is_yes_no(question: str) -> bool:
    """Whether a question can be answered with yes or no: it begins with its verb and names no alternatives."""
    words = core(question)
    return bool(_BEGINS.match(words)) and not _CHOICE.search(words) and not _REQUEST.match(words)


def is_denial(clause: str) -> bool:
    """Whether a clause only tells that somebody denies something."""
    return bool(_DENIAL.search(clause))


def verdict(question: str, clause: str) -> Verdict | None:
    """What the clause says to the question; ``None`` when it is no yes/no question, or it can't be told.

    Whoever denies something settles nothing: that is ``None``, too.
    """
    return verdict_by(_model().probability(features(question, clause)), question, clause)


def verdict_by(yes: float, question: str, clause: str) -> Verdict | None:
    """The same by a probability of yes: what the words rule out is not said, however likely."""
    if not is_yes_no(question) or (is_denial(clause) and not is_denial(question)):
        return None
    if yes >= LEAST:
        return "yes" if repeats(question, clause) else None
    return "no" if yes <= 1 - LEAST and not affirms(question, clause) else None


def repeats(question: str, clause: str) -> bool:
    """Whether a clause has the words of the question in their order, and up to the last of them no other verb."""
    asked = content_words(core(question))
    words = _WORD.findall(clause.lower())
    stems = [next(iter(content_words(word)), "") for word in words]
    at = 0
    for wanted in asked:
        if wanted not in stems[at:]:
            return False
        at = stems.index(wanted, at) + 1
    said = set(_WORD.findall(question.lower()))
    for number, (word, stem) in enumerate(zip(words[:at], stems[:at], strict=True)):
        before = words[number - 1] if number else ""
        is_aimed_at = before == "to" and stem in asked and "to" not in said
        is_going_on = word.endswith("ing") and before in AUXILIARIES
        is_verb = is_finite(word) or is_going_on
        if is_aimed_at or (word in _MODALS and word not in said):
            return False
        if is_verb and stem not in asked and word not in AUXILIARIES:
            return False
    return True


def affirms(question: str, clause: str) -> bool:
    """Whether what a clause negates is not what is asked: it has all of that before, or negates the opposite."""
    if _UNDONE.search(clause) or opposed(question, clause):
        return True
    negation = _NEGATION.search(clause)
    asked = set(content_words(core(question)))
    return bool(negation and asked and asked <= set(content_words(clause[: negation.start()])))


def features(question: str, clause: str) -> dict[str, float]:
    """The signs that the model weighs."""
    asked, said = content_words(core(question)), set(content_words(clause))
    share = sum(word in said for word in asked) / max(1, len(asked))
    negated, denies = bool(_NEGATION.search(clause)), bool(_NEGATION.search(question))
    numbers = set(_NUMBER.findall(question))
    return {
        "negated": float(negated != denies),
        "negated_both": float(negated and denies),
        "shared": share,
        "all_shared": float(share == 1),
        "repeated_and_not_negated": share * share * (negated == denies),
        "shortfall": float(bool(_SHORTFALL.search(clause)) and not _SHORTFALL.search(question)),
        "other_number": float(bool(numbers) and not numbers <= set(_NUMBER.findall(clause))),
        "any": float(bool(re.search(r"\b(?:any|ever|any(?:one|body|thing))\b", question, re.IGNORECASE))),
        "all": float(bool(re.search(r"\b(?:all|every\w*|only|just|whole)\b", question, re.IGNORECASE))),
        "yet": float(bool(re.search(r"\b(?:still|already|yet|before)\b", question, re.IGNORECASE))),
    }


@cache
def _model() -> Logistic:
    return Logistic.read(SHIPPED)
