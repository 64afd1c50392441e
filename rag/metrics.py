"""Measures of answers and rankings.

Exact match and F1 are those of SQuAD (Rajpurkar et al. 2016): case, punctuation, the articles a, an, the, and runs of
white space make no difference; F1 counts words.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence

_PUNCTUATION = frozenset(string.punctuation + "“”‘’„«»–—…")
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalise(text: str) -> str:
    """The form in which two answers are compared."""
    bare = "".join(character for character in text.lower() if character not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(answer: str, golds: Sequence[str]) -> float:
    """1 when the answer equals one of ``golds``, else 0; with no golds, 1 for the empty answer."""
    return float(normalise(answer) in {normalise(gold) for gold in golds or [""]})


def f1(answer: str, golds: Sequence[str]) -> float:
    """The best word F1 with any of ``golds``; with no golds, 1 for the empty answer."""
    return max(_f1(normalise(answer).split(), normalise(gold).split()) for gold in golds or [""])


def _f1(answer: list[str], gold: list[str]) -> float:
    if not answer or not gold:
        return float(answer == gold)
    shared = sum((Counter(answer) & Counter(gold)).values())
    return 2 * shared / (len(answer) + len(gold))


def reciprocal_rank(relevant: Sequence[bool], limit: int = 10) -> float:
    """One over the rank of the first relevant result among the first ``limit``, 0 when there is none."""
    return next((1 / rank for rank, hit in enumerate(relevant[:limit], 1) if hit), 0.0)


def recall(relevant: Sequence[bool], existing: int, limit: int) -> float:
    """The share of the ``existing`` relevant results that the first ``limit`` hold."""
    return sum(relevant[:limit]) / existing


def area_under_roc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """The probability that a positive scores higher than a negative, ties counting half (Mann and Whitney 1947).

    :raises ValueError: when there are no positives or no negatives.
    """
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    ranks = [0.0] * len(scores)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and scores[order[last + 1]] == scores[order[first]]:
            last += 1
        for i in order[first : last + 1]:
            ranks[i] = (first + last) / 2 + 1
        first = last + 1
    positives = sum(positive)
    negatives = len(positive) - positives
    if not positives or not negatives:
        raise ValueError("the area under the ROC curve needs positives and negatives")
    total = sum(rank for rank, is_positive in zip(ranks, positive, strict=True) if is_positive)
    return (total - positives * (positives + 1) / 2) / (positives * negatives)
