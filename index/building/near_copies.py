"""Articles that reprint one another: MinHash finds the candidates, comparing their words decides."""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from index.article import Article, body

RUN = 4
"""Words that have to stand in the same order."""

LEAST_SHARE = 0.9
"""Of the runs of words of the shorter text, how many stand in the other (``python -m benchmarks.near_copies``)."""

LEAST_WORDS = 50
"""Shorter texts are often forms that are filled in: dividends, results, exchange rates."""

_PERMUTATIONS = 128
_BANDS = 32
_SEED = 1
_FEW = 32
"""Texts of which each is compared with all others, before these are put in order."""

_MIX = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93], np.uint64)
"""Odd numbers that the four hashes of a band are multiplied by to make one of them."""

FINGERPRINT = np.dtype([("content", "<u8"), ("body", "<u8"), ("bands", "<u4", _BANDS)])
"""What an article is compared by: hashes of its text with its blocks and of its body, and of each band of its MinHash;
these are 0 where there are too few words.
"""

Fingerprints = npt.NDArray[np.void]
"""``FINGERPRINT[n]``."""

Bands = npt.NDArray[np.uint32]
"""``[n, bands]``"""

_WORD = re.compile(r"\w+")


def fingerprint(article: Article) -> Fingerprints:
    """The one fingerprint of an article, ``FINGERPRINT[1]``."""
    text = body(article)
    content = hashlib.sha256(article.text.encode())
    content.update(repr(article.blocks).encode())
    made = np.zeros(1, FINGERPRINT)
    made["content"] = _number(content.digest())
    made["body"] = _number(hashlib.sha256(text.encode()).digest())
    if found := runs(text):
        sketch = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        sketch.update(list(found))
        rows = np.array(sketch.digest(), np.uint64).reshape(_BANDS, -1)
        made["bands"] = np.maximum((rows * _MIX).sum(axis=1) >> np.uint64(32), 1)
    return made


def candidates(bands: Bands, among: Collection[int] | None = None) -> list[tuple[int, int]]:
    """Pairs of numbers of texts that may be near copies, sorted: those that are alike in a band.

    :param among: only pairs with one of these.
    """
    pairs: set[tuple[int, int]] = set()
    numbers = np.flatnonzero(bands[:, 0])
    if among is not None and len(among) <= _FEW:
        numbers = numbers[_is_like_any(bands, bands[[*among]])[numbers]]
    wanted = None if among is None else np.intersect1d(numbers, np.array([*among], np.int64))
    for band in bands.T:
        held = numbers if wanted is None else numbers[np.isin(band[numbers], band[wanted])]
        held = held[np.argsort(band[held], kind="stable")]
        is_like_next = np.zeros(len(held), np.bool_)
        is_like_next[:-1] = band[held][1:] == band[held][:-1]
        held = held[is_like_next | np.roll(is_like_next, 1)]
        for alike in np.split(held, np.flatnonzero(np.diff(band[held])) + 1):
            pairs.update(combinations(alike.tolist(), 2))
    return sorted(pair for pair in pairs if among is None or pair[0] in among or pair[1] in among)


def _is_like_any(bands: Bands, others: Bands) -> npt.NDArray[np.bool_]:
    """Which texts are alike in a band with one of a few others."""
    found = np.zeros(len(bands), np.bool_)
    for other in others:
        found[np.flatnonzero(bands == other) // _BANDS] = True
    return found


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


def joined(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """For each number in ``pairs`` the least of its group; numbers of a pair are in one group."""
    firsts: dict[int, int] = {}

    def first(number: int) -> int:
        while firsts.setdefault(number, number) != number:
            number = firsts[number]
        return number

    for one, other in pairs:
        low, high = sorted((first(one), first(other)))
        firsts[high] = low
    return {number: first(number) for number in list(firsts)}


def groups(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """For each of ``count`` texts the first one of its group."""
    firsts = joined(pairs)
    return [firsts.get(number, number) for number in range(count)]


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "little")
