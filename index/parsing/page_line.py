"""A line of a printed page, and the measures of lines that tell headings and paragraphs apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

DIVISIONS = "\u0002\ufffe"
"""What PDFium gives for a hyphen and a line break in a word: a line ends with it."""

_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_LARGER = 1.12
"""How much larger than the body the letters of a heading are."""


class Cell(NamedTuple):
    """What stands between two wide gaps of a line, in points."""

    left: float
    right: float
    text: str


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line as it stands on its page, in points, ``y`` upwards; ``cells`` if it has wide gaps."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float
    is_bold: bool
    is_running: bool = False
    cells: tuple[Cell, ...] = ()

    @property
    def ends_sentence(self) -> bool:
        """Whether the line stops where a sentence may stop."""
        return _SENTENCE_END.search(self.text) is not None


def body_size(lines: Sequence[PageLine]) -> float:
    """The height of the letters of most of the text, in points."""
    return median(line.size for line in lines for _ in range(1 + len(line.text) // 20))


def line_step(lines: Sequence[PageLine]) -> float:
    """From one line of a paragraph to the next, in points."""
    steps = [
        a.bottom - b.bottom for a, b in pairwise(lines) if a.page == b.page and 0 < a.bottom - b.bottom < 3 * a.size
    ]
    return sorted(steps)[len(steps) // 4] if steps else lines[0].size


def is_large(line: PageLine, size: float) -> bool:
    """Tell letters of headings from those of the body, whose height is ``size``."""
    return line.size > _LARGER * size
