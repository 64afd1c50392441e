"""Sentences of running text, as spans.

The splitter is sentencex, the best of those compared in docs/sentence-splitting.md, with two changes that measure
better on news: quotations and brackets are opened, so that each sentence in them stands alone, and a boundary before a
word in lower case or after a few more abbreviations is no boundary.
"""

import re
from itertools import pairwise

import sentencex

from index.article import storable

_MARKS = '"“”„‟«»‹›()[]（）「」『』'
_OPENED = str.maketrans(dict.fromkeys(_MARKS, " "))
_SINGLE_QUOTE = re.compile(r"(?<!\w)['‘’](?=\w)|(?<=[.!?,…])['’](?!\w)")
_GAP = re.compile(r"\s+(?![\s”»›’)\]）」』])")
_FIRST_WORD = re.compile(r"[\W_]*(\w+)")
_ITEM = re.compile(r"\s*\(?[a-z0-9]{1,2}[.)]\s")
_ABBREVIATION = re.compile(
    r"(?:^|[^\w.])(?:approx|appt|ca|cf|esp|est|excl|incl|resp|viz|Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun|"
    r"Atty|Const|Dep|Dir|Ms|Treas|Pte|Sra|Ft|Ste|Natl|Intl|Figs|Vol|Ch|Eq)\.$"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Split a paragraph into its sentences.

    :returns: ``(start, end)`` of each in code points, in order, without the white space around them. Every visible code
        point is in one of them.
    """
    text = storable(text)
    cuts = [0]
    for at in _boundaries(text):
        if at > cuts[-1] and not _joins(text, at):
            cuts.append(at)
    spans = (_trimmed(text, start, end) for start, end in pairwise([*cuts, len(text)]))
    return [(start, end) for start, end in spans if start < end]


def _boundaries(text: str) -> list[int]:
    """Find where sentences may begin, as if quotations and brackets were not there."""
    opened = _SINGLE_QUOTE.sub(" ", text.translate(_OPENED))
    found = sentencex.get_sentence_boundaries("en", opened)
    return [_before_marks(text, opened, boundary["start_index"]) for boundary in found[1:]]


def _before_marks(text: str, opened: str, at: int) -> int:
    """Move a boundary before the marks that open the sentence and after those that close the last one."""
    start, end = at, at
    while start and opened[start - 1].isspace():
        start -= 1
    while end < len(opened) and opened[end].isspace():
        end += 1
    gap = _GAP.search(text, start, end)
    return gap.start() if gap else at


def _joins(text: str, at: int) -> bool:
    """Tell a boundary that is none: before a word in lower case (but "iPhone"), or after an abbreviation."""
    word = _FIRST_WORD.match(text, at)
    continues = word is not None and word[1].islower() and not _ITEM.match(text, at)
    return continues or _ABBREVIATION.search(text[max(0, at - 10) : at].rstrip()) is not None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
