"""Keeping the examples that teach: those that another, cheaper reader reads ill, and a share of the others."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.special import log_softmax

from training.evaluate import Scorer
from training.features import Feature, collate


def losses(features: Iterable[Feature], scorer: Scorer) -> Iterator[float]:
    """The mean cross entropy, in nats, of each window's answer's start and end, as the reader scores them.

    A window without an answer has both at ``[CLS]``.
    """
    for feature in features:
        sides = zip(scorer(collate([feature])), (feature.start, feature.end), strict=True)
        yield float(np.mean([-log_softmax(logits[0])[gold] for logits, gold in sides]))


def hardest(losses: Sequence[float], share: float, others: float, seed: int) -> list[int]:
    """The places of the greatest losses, and of a sample of the others, in order.

    :param share: How many of all are kept for their loss.
    :param others: How many of the rest are kept all the same, so that what is easy isn't unlearned.
    """
    order = sorted(range(len(losses)), key=lambda place: -losses[place])
    kept = round(share * len(order))
    rest = order[kept:]
    return sorted([*order[:kept], *random.Random(seed).sample(rest, round(others * len(rest)))])
