"""Several ways of doing the same, measured in alternating turns: what slows the machine for a while slows them all."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """The median and the extremes of repeated measurements, in their unit."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """:raises statistics.StatisticsError: without a value."""
        return cls(statistics.median(values), min(values), max(values))


def in_turns(
    ways: Mapping[str, Callable[[], float]], rounds: int, warm_up: int = 1, told: Callable[[str], None] | None = None
) -> dict[str, list[float]]:
    """What each way returned in each of ``rounds`` rounds; every round goes once through all ways.

    The first way of a round is another one each time, so that none always follows the same.

    :param ways: Functions that measure once and return the figure.
    :param warm_up: Rounds before the first that counts.
    :param told: Called with a line about each round.
    """
    names = list(ways)
    measured: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-warm_up, rounds):
        turn = number % len(names)
        figures = {name: ways[name]() for name in names[turn:] + names[:turn]}
        if number >= 0:
            for name, figure in figures.items():
                measured[name].append(figure)
        if told:
            told(f"round {number + 1}/{rounds}: " + ", ".join(f"{name} {figures[name]:.3g}" for name in names))
    return measured


def ratio(own: Sequence[float], base: Sequence[float]) -> Spread:
    """How many times ``base`` one's figures are, compared within each round.

    :raises ValueError: when the two have not the same number of rounds.
    """
    return Spread.of([a / b for a, b in zip(own, base, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that ``share`` (0 to 1) of the values do not exceed: the nearest-rank percentile."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
