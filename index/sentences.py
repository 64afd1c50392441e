"""Sentences of running text, as spans.

The splitter is sentencex, the best of those compared in docs/sentence-splitting.md, with two changes that measure
better on news: quotations and brackets are opened, so that each sentence in them stands alone, and a boundary before a
word in lower case or after a few more abbreviations is no boundary.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import sentencex

from index.article import Span, storable

_MARKS = '"“”„‟«»‹›()[]（）「」『』'
_OPENED = str.maketrans(dict.fromkeys(_MARKS, " "))
_SINGLE_QUOTE = re.compile(r"(?<!\w)['‘’](?=\w)|(?<=[.!?,…])['’](?!\w)")
_GAP = re.compile(r"(?<!\s)\s++(?![”»›’)\]）」』])")
_WORD = re.compile(r"[^\W_]\w*")
_ITEM = re.compile(r"\s*\(?[a-z0-9]{1,2}[.)]\s")
_ABBREVIATION = re.compile(
    r"(?:^|[^\w.])(?:approx|appt|ca|cf|esp|est|excl|incl|resp|viz|Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun|"
    r"Atty|Const|Dep|Dir|Ms|Treas|Pte|Sra|Ft|Ste|Natl|Intl|Figs|Vol|Ch|Eq)\.$"
)

_LONGEST = 10_000
"""Code points. In a longer text sentencex looks at one window after the other: its time grows with the square."""

_WINDOW = 4_000
_MARGIN = 200
"""Code points at the end of a window in which boundaries are not trusted: what decides may stand behind it."""


def sentences(text: str) -> list[Span]:
    """Split a paragraph into its sentences, in time in proportion to its length.

    :returns: ``(start, end)`` of each in code points, in order, without the white space around them. Every visible code
        point is in one of them.
    """
    text = storable(text)
    cuts = [0, *_boundaries(text), len(text)]
    spans = (_trimmed(text, start, end) for start, end in pairwise(cuts))
    return [(start, end) for start, end in spans if start < end]


def _boundaries(text: str) -> Iterator[int]:
    """Where sentences begin, but the first, in order."""
    word = _WORD.search(text)
    goes_on = word is not None and word[0].islower()
    for at in _before_marks(text):
        if word and word.start() < at:
            word = _WORD.search(text, at)
            goes_on = word is not None and word[0].islower()
        if not (goes_on and not _ITEM.match(text, at)) and not _ABBREVIATION.search(
            text[max(0, at - 10) : at].rstrip()
        ):
            yield at


def _before_marks(text: str) -> Iterator[int]:
    """Where sentences may begin, each place once: before the marks that open one and after those that close the last.

    They are looked for as if quotations and brackets were not there.
    """
    opened = _SINGLE_QUOTE.sub(" ", text.translate(_OPENED))
    last = end = 0
    for at in _begins(opened):
        if at <= end:
            continue  # between the same words as the one before
        start = end = at
        while start and opened[start - 1].isspace():
            start -= 1
        while end < len(opened) and opened[end].isspace():
            end += 1
        gap = _GAP.search(text, start, end)
        before = gap.start() if gap else at
        if before > last:
            yield before
            last = before


def _begins(opened: str) -> Iterator[int]:
    """Where sentencex begins sentences, but the first, in order."""
    start = 0
    while start < len(opened):
        end = len(opened) if start == 0 and len(opened) <= _LONGEST else min(start + _WINDOW, len(opened))
        trusted = end - (_MARGIN if end < len(opened) else 0)
        found = sentencex.get_sentence_boundaries("en", opened[start:end])[1:]
        begins = [at for boundary in found if start < (at := start + boundary["start_index"]) <= trusted]
        yield from begins
        if end == len(opened):
            return
        start = begins[-1] if begins else trusted


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
