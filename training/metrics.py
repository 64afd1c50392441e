"""Exact match and F1 of SQuAD, and how well a score tells answerable from unanswerable."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Lower case, without punctuation and articles, single spaces (Rajpurkar et al. 2016, section 6.1)."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact(guess: str, golds: Sequence[str]) -> float:
    """1 when the guess is one of the golds after normalising; with no golds, when the guess is empty."""
    return float(any(normalise(guess) == normalise(gold) for gold in golds or [""]))


def f1(guess: str, golds: Sequence[str]) -> float:
    """The best word overlap F1 with a gold; with no golds, 1 when the guess is empty and 0 otherwise."""
    return max(_f1(normalise(guess).split(), normalise(gold).split()) for gold in golds or [""])


def _f1(guess: list[str], gold: list[str]) -> float:
    if not guess or not gold:
        return float(guess == gold)
    same = sum((Counter(guess) & Counter(gold)).values())
    return 2 * same / (len(guess) + len(gold)) if same else 0.0


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that a positive scores above a negative, ties counted as half (Mann-Whitney U).

    It is 0.5 when there are none of either.
    """
    if not positive or not negative:
        return 0.5
    ranked = sorted([(score, 1) for score in positive] + [(score, 0) for score in negative])
    total, at = 0.0, 0
    while at < len(ranked):
        stop = at
        while stop < len(ranked) and ranked[stop][0] == ranked[at][0]:
            stop += 1
        total += (at + 1 + stop) / 2 * sum(label for _, label in ranked[at:stop])
        at = stop
    count = len(positive)
    return (total - count * (count + 1) / 2) / (count * len(negative))


def best_threshold(margins: Sequence[float], gain: Sequence[float], loss: Sequence[float]) -> tuple[float, float]:
    """The threshold on the margin that maximises the mean score, and that mean.

    :param gain: What a question scores when it is answered.
    :param loss: What it scores when the answer is withheld.
    """
    order = sorted(range(len(margins)), key=lambda place: -margins[place])
    score = sum(loss)
    best, threshold = score, float("inf")
    for rank, place in enumerate(order):
        score += gain[place] - loss[place]
        following = margins[order[rank + 1]] if rank + 1 < len(order) else margins[place] - 1.0
        if score > best and following < margins[place]:
            best, threshold = score, (margins[place] + following) / 2
    return threshold, best / max(1, len(margins))
