"""From start and end scores to the best span: the two are searched together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data import TextSpan
from training.features import Feature

Logits = npt.NDArray[np.float32]

#: The longest answer, in word pieces.
MAX_ANSWER = 48


@dataclass(frozen=True)
class Prediction:
    """The best span of an example over all its windows.

    :param score: Start plus end logit of the span.
    :param null: Start plus end logit of ``[CLS]``, the least over the windows (Devlin et al. 2019, section 4.3).
    :param total: The logarithm of the sum of ``exp(score)`` over all spans of all windows.
    """

    span: TextSpan
    score: float
    null: float
    total: float

    @property
    def margin(self) -> float:
        """How far the span is above no answer."""
        return self.score - self.null

    @property
    def presence(self) -> float:
        """The log odds that there is an answer, whichever it is, against none."""
        return self.total - self.null


def span_scores(start: Logits, end: Logits, first: int, last: int, longest: int = MAX_ANSWER) -> Logits:
    """float32[length, length]: start[i] + end[j] where first <= i <= j < last and j < i + longest, else minus infinity.

    :param start: float32[length]
    :param end: float32[length]
    :raises ValueError: When there is no word piece between ``first`` and ``last``.
    """
    if first >= last:
        raise ValueError("no word piece to choose from")
    scores = np.full((len(start), len(end)), -np.inf, np.float32)
    apart = np.arange(last - first)[None, :] - np.arange(last - first)[:, None]
    sums = start[first:last, None] + end[None, first:last]
    scores[first:last, first:last] = np.where((apart >= 0) & (apart < longest), sums, -np.inf)
    return scores


def best_span(scores: Logits) -> tuple[int, int, float]:
    """The places i and j with the highest of :func:`span_scores`, and that score."""
    i, j = divmod(int(scores.argmax()), scores.shape[1])
    return i, j, float(scores[i, j])


def predict(feature: Feature, text: str, start: Logits, end: Logits) -> Prediction:
    """The best span of one window."""
    null = float(start[0] + end[0])
    if not feature.offsets:
        return Prediction(TextSpan("", 0), -np.inf, null, -np.inf)
    scores = span_scores(start, end, feature.first, feature.first + len(feature.offsets))
    if feature.gap:
        scores[: feature.gap + 1, feature.gap :] = -np.inf
    i, j, score = best_span(scores)
    return Prediction(feature.span(text, i, j), score, null, float(np.logaddexp.reduce(scores, axis=None)))


def merge(one: Prediction, other: Prediction) -> Prediction:
    """The better span of two windows of one example, with the lesser null score and the spans of both."""
    best = one if one.score >= other.score else other
    total = float(np.logaddexp(one.total, other.total))
    return Prediction(best.span, best.score, min(one.null, other.null), total)
