"""Articles that reprint one another: MinHash finds the candidates, comparing their words decides."""

import re
from collections.abc import Sequence

from rensa import RMinHash, RMinHashLSH

RUN = 4
"""Words that have to stand in the same order."""

LEAST_SHARE = 0.9
"""Of the runs of words of the shorter text, how many stand in the other (``python -m benchmarks.near_copies``)."""

LEAST_WORDS = 50
"""Shorter texts are often forms that are filled in: dividends, results, exchange rates."""

_PERMUTATIONS = 128
_BANDS = 32
_SEED = 1
_WORD = re.compile(r"\w+")


class NearCopies:
    """Finds groups of near copies among texts that are added one after the other."""

    def __init__(self) -> None:
        self._index = RMinHashLSH(threshold=0.4, num_perm=_PERMUTATIONS, num_bands=_BANDS)
        self._candidates: list[tuple[int, int]] = []
        self._count = 0

    def add(self, text: str) -> None:
        """Add the next text."""
        found = runs(text)
        if found:
            sketch = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
            sketch.update(list(found))
            self._candidates += [(int(other), self._count) for other in self._index.query(sketch)]
            self._index.insert(self._count, sketch)
        self._count += 1

    def candidates(self) -> list[tuple[int, int]]:
        """Pairs of numbers of texts that may be near copies, sorted."""
        return sorted(self._candidates)


def runs(text: str) -> set[str]:
    """The runs of :data:`RUN` words of a text; none if it has fewer than :data:`LEAST_WORDS` words."""
    words = _WORD.findall(text.lower())
    if len(words) < LEAST_WORDS:
        return set()
    return {" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def are_near_copies(one: str, other: str) -> bool:
    """Whether nearly all of the shorter text stands in the other."""
    first, second = runs(one), runs(other)
    shorter = min(len(first), len(second))
    return shorter > 0 and len(first & second) >= LEAST_SHARE * shorter


def groups(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """For each of ``count`` texts the first one of its group; texts of a pair are in one group."""
    firsts = list(range(count))

    def first(number: int) -> int:
        while firsts[number] != number:
            number = firsts[number]
        return number

    for one, other in pairs:
        low, high = sorted((first(one), first(other)))
        firsts[high] = low
    return [first(number) for number in range(count)]
