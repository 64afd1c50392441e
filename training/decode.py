"""From start and end scores to the best span: the two are searched together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data import Span
from training.features import Feature

Logits = npt.NDArray[np.float32]

#: The longest answer, in word pieces.
MAX_ANSWER = 30


@dataclass(frozen=True)
class Prediction:
    """The best span of an example over all its windows.

    :param score: Start plus end logit of the span.
    :param null: Start plus end logit of ``[CLS]``, the least over the windows (Devlin et al. 2019, section 4.3).
    """

    span: Span
    score: float
    null: float

    @property
    def margin(self) -> float:
        """How far the span is above no answer."""
        return self.score - self.null


def best_span(start: Logits, end: Logits, first: int, last: int, longest: int = MAX_ANSWER) -> tuple[int, int, float]:
    """The pair first <= i <= j < last, j < i + longest, with the highest start[i] + end[j].

    :param start: float32[length]
    :param end: float32[length]
    :raises ValueError: When there is no word piece between ``first`` and ``last``.
    """
    if first >= last:
        raise ValueError("no word piece to choose from")
    starts, ends = start[first:last], end[first:last]
    size = last - first
    scores = starts[:, None] + ends[None, :]
    apart = np.arange(size)[None, :] - np.arange(size)[:, None]
    scores = np.where((apart >= 0) & (apart < longest), scores, -np.inf)
    i, j = divmod(int(scores.argmax()), size)
    return first + i, first + j, float(scores[i, j])


def predict(feature: Feature, context: str, start: Logits, end: Logits) -> Prediction:
    """The best span of one window."""
    null = float(start[0] + end[0])
    if not feature.offsets:
        return Prediction(Span("", 0), -np.inf, null)
    i, j, score = best_span(start, end, feature.first, feature.first + len(feature.offsets))
    return Prediction(feature.span(context, i, j), score, null)


def merge(one: Prediction, other: Prediction) -> Prediction:
    """The better span of two windows of one example, with the lesser null score."""
    best = one if one.score >= other.score else other
    return Prediction(best.span, best.score, min(one.null, other.null))
