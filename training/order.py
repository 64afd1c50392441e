"""Which examples are in which batch at which step, as a function of the step alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate


def bucketed(lengths: Sequence[int], batch_size: int, seed: int, pool: int = 40) -> list[list[int]]:
    """Places by batch, like lengths together, in an order that depends on the arguments alone.

    The places are shuffled, taken in pools of ``pool`` batches, sorted by length inside a pool, and the batches of a
    pool shuffled again: padding stays small and neighbouring batches stay unlike.
    """
    rng = random.Random(seed)
    order = list(range(len(lengths)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    for at in range(0, len(order), batch_size * pool):
        part = sorted(order[at : at + batch_size * pool], key=lambda place: lengths[place])
        inside = [part[low : low + batch_size] for low in range(0, len(part), batch_size)]
        rng.shuffle(inside)
        batches.extend(inside)
    return batches


class Order:
    """The batches of a run that goes through one mixture after another, and then through the first again.

    :param lengths: The lengths of the features, a sequence a mixture.
    :param seed: Every pass has an order of its own that follows from it.
    """

    def __init__(self, lengths: Sequence[Sequence[int]], batch_size: int, seed: int) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._seed = seed
        self._before = [0, *accumulate(len(part) for part in lengths)]
        self._steps = [-(-len(part) // batch_size) for part in lengths]
        self._passing = -1
        self._batches: list[list[int]] = []

    def __call__(self, step: int) -> list[int]:
        """The places of the features of one step, counted through all mixtures."""
        cycle, rest = divmod(step, sum(self._steps))
        part = 0
        while rest >= self._steps[part]:
            rest -= self._steps[part]
            part += 1
        passing = cycle * len(self._lengths) + part
        if passing != self._passing:
            self._passing = passing
            self._batches = bucketed(self._lengths[part], self._batch_size, self._seed + passing)
        return [self._before[part] + place for place in self._batches[rest]]
