"""The threshold between answering and withholding."""

from __future__ import annotations

from collections.abc import Sequence


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


def score_at(threshold: float, margins: Sequence[float], gain: Sequence[float], loss: Sequence[float]) -> float:
    """The mean score when what has a margin above the threshold is answered; see :func:`best_threshold`."""
    scored = [more if margin > threshold else less for margin, more, less in zip(margins, gain, loss, strict=True)]
    return sum(scored) / len(scored)
