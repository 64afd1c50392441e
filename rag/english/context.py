"""Whether the sentence before a quote helps to understand it: a fitted model over a few signs in the words."""

import re
from functools import cache
from pathlib import Path

from rag.english.content_words import content_words
from rag.english.logistic import Logistic

SHIPPED = Path(__file__).parent.parent / "models" / "context.json"

_REFERS = re.compile(
    r"\W*(?:(?:but|and|however|also|then|later|meanwhile|so|yet|in addition|as a result|instead|still)\b,?\s+)?"
    r"(?:he|she|it|they|this|that|these|those|such|his|her|its|their|both|others?|another|there|here)\b",
    re.IGNORECASE,
)
_JOINS = re.compile(
    r"\W*(?:but|and|however|also|then|later|meanwhile|so|yet|in addition|as a result|instead|still|for example)\b", re.I
)
_PRONOUN = re.compile(r"\b(?:he|she|it|they|him|them|his|her|its|their|this|these|those|such)\b", re.IGNORECASE)


def chance_that_it_helps(question: str, title: str, before: str, quote: str) -> float:
    """The probability, 0 to 1, that somebody who reads ``quote`` as the answer needs the sentence ``before`` it."""
    return _model().probability(features(question, title, before, quote))


def features(question: str, title: str, before: str, quote: str) -> dict[str, float]:
    """The signs that the model weighs."""
    known = {*content_words(quote), *content_words(title)}
    asked = content_words(question)
    missing = [word for word in asked if word not in known]
    brought = {*content_words(before)}.intersection(missing)
    return {
        "refers": float(bool(_REFERS.match(quote))),
        "joins": float(bool(_JOINS.match(quote))),
        "pronoun": float(bool(_PRONOUN.search(quote))),
        "missing": len(missing) / max(1, len(asked)),
        "brought": len(brought) / max(1, len(asked)),
        "brought_any": float(bool(brought)),
        "short": float(len(quote.split()) < 15),
    }


@cache
def _model() -> Logistic:
    return Logistic.read(SHIPPED)
