"""Pages whose two columns are written row by row: each line goes through both, and is cut at the gutter."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import mean

from index.parsing.page_line import PageLine

Gaps = Callable[[int], list[tuple[float, float, int]]]
"""The gaps between words of a line: where each begins and ends, and how many characters stand before its end."""

_SAMPLES = 6
_FIRST = 2
"""When these of the samples have no wide gap, the others are not looked at."""
_LEAST_LINES = 6
_WIDE = 1.0
"""Gutters are at least this wide, in sizes of the letters."""
_LONG = 40
"""Characters of a line that may go through two columns."""
_PROSE = 22
"""Characters that a line of a column has on average: cells of tables are shorter."""
_MOST_CUT = 0.6
"""The share of long lines that have the gutter."""


def by_column(lines: Sequence[PageLine], gaps: Gaps) -> list[PageLine]:
    """The lines of a page in reading order: as they are, or cut at the gutter and column by column."""
    long = [at for at, line in enumerate(lines) if len(line.text) >= _LONG]
    gutter = _gutter(lines, long, gaps) if len(long) >= _LEAST_LINES else None
    if gutter is None:
        return list(lines)
    cut = {at: pair for at in long if (pair := _cut(lines[at], gaps(at), gutter))}
    if len(cut) < max(_LEAST_LINES, _MOST_CUT * len(long)):
        return list(lines)
    if min(mean(len(pair[side].text) for pair in cut.values()) for side in (0, 1)) < _PROSE:
        return list(lines)
    return list(_ordered(lines, cut, gutter))


def _gutter(lines: Sequence[PageLine], long: Sequence[int], gaps: Gaps) -> float | None:
    """The middle of a gap that most of a few long lines have in one place."""
    sample = long[len(long) // 4 :: max(1, len(long) // _SAMPLES)]
    wide: list[list[tuple[float, float]]] = []
    for at in sample:
        wide.append([(left, right) for left, right, _ in gaps(at) if right - left > _WIDE * lines[at].size / 1.3])
        if len(wide) == _FIRST and not any(wide):
            return None
    places = [(left + right) / 2 for found in wide for left, right in found]
    best = max(places, key=lambda place: _having(wide, place), default=None)
    return best if best is not None and _having(wide, best) >= _MOST_CUT * len(sample) else None


def _having(wide: Sequence[Sequence[tuple[float, float]]], place: float) -> int:
    return sum(any(left < place < right for left, right in found) for found in wide)


def _cut(line: PageLine, gaps: Sequence[tuple[float, float, int]], gutter: float) -> tuple[PageLine, PageLine] | None:
    for left, right, at in gaps:
        if left < gutter < right and right - left > _WIDE * line.size / 1.3:
            first, second = line.text[:at].rstrip(), line.text[at:].lstrip()
            if first and second:
                return replace(line, text=first, right=left), replace(line, text=second, left=right)
    return None


def _ordered(lines: Sequence[PageLine], cut: dict[int, tuple[PageLine, PageLine]], gutter: float) -> Iterator[PageLine]:
    """The left column, then the right one, anew after each line that goes through both."""
    left: list[PageLine] = []
    right: list[PageLine] = []
    for at, line in enumerate(lines):
        if at in cut:
            left.append(cut[at][0])
            right.append(cut[at][1])
        elif line.right < gutter and (left or right):
            left.append(line)
        elif line.left > gutter and (left or right):
            right.append(line)
        else:
            yield from [*left, *right, line]
            left, right = [], []
    yield from [*left, *right]
