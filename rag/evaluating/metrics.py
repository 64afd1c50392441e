"""Measures of answers, rankings and confidences.

Exact match and F1 are those of SQuAD (Rajpurkar et al. 2016): case, punctuation, the articles a, an, the, and runs of
white space make no difference; F1 counts words.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.ranking.normalise import normalise


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


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence lies in one stretch: how many, their mean confidence, and the share right."""

    count: int
    confidence: float
    right: float


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Equally wide bins from 0 to 1, those without answers left out (DeGroot and Fienberg 1983)."""
    members: list[list[int]] = [[] for _ in range(bins)]
    for i, confidence in enumerate(confidences):
        members[min(int(confidence * bins), bins - 1)].append(i)
    return [
        Bin(len(own), sum(confidences[i] for i in own) / len(own), sum(right[i] for i in own) / len(own))
        for own in members
        if own
    ]


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """The mean gap between confidence and share right over equally wide bins, weighted by size (Guo et al. 2017)."""
    filled = reliability(confidences, right, bins)
    return sum(own.count * abs(own.confidence - own.right) for own in filled) / max(1, len(confidences))


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """For each confidence as a threshold, from the highest: the share of questions answered, and of those the share
    answered wrongly (El-Yaniv and Wiener 2010). Equal confidences are answered together.
    """
    ranked = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    curve, wrong = [], 0
    for count, (confidence, hit) in enumerate(ranked, 1):
        wrong += not hit
        if count == len(ranked) or ranked[count][0] != confidence:
            curve.append((count / len(ranked), wrong / count))
    return curve


def area_under_risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """The mean risk over all coverages (Geifman and El-Yaniv 2017): lower is better, 0 when all are right."""
    area, before = 0.0, 0.0
    for coverage, risk in risk_coverage(confidences, right):
        area += (coverage - before) * risk
        before = coverage
    return area


def coverage_at(precision: float, confidences: Sequence[float], right: Sequence[bool]) -> float:
    """The largest share of the questions that can be answered so that ``precision`` of the answers are right."""
    curve = risk_coverage(confidences, right)
    return max((coverage for coverage, risk in curve if 1 - risk >= precision - 1e-9), default=0.0)
