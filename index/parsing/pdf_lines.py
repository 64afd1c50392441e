"""The lines of a page of a PDF, from the characters that PDFium finds and where they stand."""

import ctypes
import math
import re
from dataclasses import replace
from itertools import pairwise, repeat
from statistics import median, mode
from typing import Any

from index.parsing.columns import by_column
from index.parsing.page_line import DIVISIONS, PageLine
from index.parsing.page_tables import cells_of
from index.parsing.superscripts import raised

_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_BOLD_WEIGHT = 600
_SAMPLES = 5
"""Characters of a line whose boxes are looked at."""
_ANGLES = 30
"""Characters of a page whose angle is looked at."""
_SMALLER = 0.85
"""How much smaller than the line raised characters are."""
_MARK = re.compile(r"[0-9*†‡§+−–-]|(?<=\w)[a-z](?!\w)")
"""What may be raised: of letters, the last one of a word or number."""
_SPARSE = 0.5
"""The width of a letter, in heights, above which a line has gaps between its words that are wider than spaces."""
_GAP = 0.9
"""The width of a gap between two cells, in heights of the letters."""
_ITEM = re.compile(r"(?:[-*•‣▪◦·–]|\(?\w{1,3}[.)])\s")
_SPACE = re.compile(r"\s+")
_LINE = re.compile(rf"[^\n{DIVISIONS}]*[\n{DIVISIONS}]?")
_ALEFS = frozenset("اأإآ")
_LAM = "ل"
_UNTOLD = re.compile(r"[\x00-\x01\x03-\x08\x0e-\x1f\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_VOWELS = re.compile(r"[aeiouyàáâãäåąæèéêëęěìíîïòóôõöøœőùúûüůűýÿı]", re.IGNORECASE)
_FEWEST_VOWELS = 0.31
"""The share of vowels in text: letters by chance have a quarter."""
_UNTOLD_STEP = 7
"""Every which character is asked whether its font tells what it is."""


class Page:
    """The text of a page of a PDF."""

    def __init__(self, text_page: Any, number: int) -> None:
        from pypdfium2 import raw

        self._raw, self._number = raw, number
        self._owner, self._page = text_page, text_page.raw  # one by one over the wrapper takes twice the time
        self._rectangle = raw.FS_RECTF()
        codes = map(raw.FPDFText_GetUnicode, repeat(self._page), range(text_page.count_chars()))
        characters = list(map(chr, codes))
        self._text = "".join(characters)
        self._turned = self._quarter_turns()
        if _LAM in self._text:
            self._text = "".join(self._ordered(characters))
        self.length = len("".join(self._text.split()))
        """How many characters are to be seen."""

    def untold(self) -> int:
        """About how many characters the fonts of the page do not map to Unicode."""
        sample = range(0, len(self._text), _UNTOLD_STEP)
        unmapped = {at for at in sample if self._raw.FPDFText_HasUnicodeMapError(self._page, at) == 1}
        if unmapped and _reads_as_words(self._text):  # the numbers of the characters are those of Unicode all the same
            unmapped = set()
        strange = sum(match.start() not in unmapped for match in _UNTOLD.finditer(self._text))
        return min(self.length, len(unmapped) * _UNTOLD_STEP + strange)

    def lines(self) -> list[PageLine]:
        """The lines in reading order."""
        spans = [
            (match.start() + len(match[0]) - len(match[0].lstrip()), match.start() + len(match[0].rstrip()) - 1)
            for match in _LINE.finditer(self._text)
            if match[0].strip()
        ]
        lines: list[PageLine] = []
        single = [self._line(*span) for span in spans]
        if self._turned and sum(a.bottom < b.bottom for a, b in pairwise(single)) > len(single) / 2:
            spans, single = spans[::-1], single[::-1]  # PDFium goes down the page as it lies
        in_order = by_column(single, lambda at: self._gaps(*spans[at]))
        if len(in_order) == len(single):
            in_order = [self._with_cells(line, *span) for line, span in zip(single, spans, strict=True)]
        for line in in_order:
            if lines and _continues(lines[-1], line):
                lines[-1] = _merged(lines[-1], line)
            else:
                lines.append(line)
        return [line for line in lines if line.text]

    def _ordered(self, characters: list[str]) -> list[str]:
        """The characters with alef behind lam where both are one sign, which PDFium gives from left to right."""
        for at in range(len(characters) - 1):
            if characters[at] in _ALEFS and characters[at + 1] == _LAM and self._box(at) == self._box(at + 1):
                characters[at], characters[at + 1] = characters[at + 1], characters[at]
        return characters

    def _box(self, at: int) -> tuple[float, float, float, float]:
        box = self._rectangle
        if not self._raw.FPDFText_GetLooseCharBox(self._page, at, box):
            return 0.0, 0.0, 0.0, 0.0
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        for _ in range(self._turned):
            left, bottom, right, top = bottom, -right, top, -left
        return left, bottom, right, top

    def _quarter_turns(self) -> int:
        """How often the page has to be turned clockwise by 90 degrees for most of its text to stand upright."""
        letters = [at for at, character in enumerate(self._text) if character.isalnum()]
        sample = letters[:: max(1, len(letters) // _ANGLES)]
        turns = [round(-self._raw.FPDFText_GetCharAngle(self._page, at) / (math.pi / 2)) % 4 for at in sample]
        return mode(turns) if turns else 0

    def _font_size(self, at: int) -> float:
        return float(self._raw.FPDFText_GetFontSize(self._page, at))

    def _line(self, first: int, last: int) -> PageLine:
        step = max(1, (last + 1 - first) // _SAMPLES)
        sample = [at for at in range(first, last + 1, step) if not self._text[at].isspace()]
        boxes = [self._box(at) for at in sample]
        size = median(top - bottom for _, bottom, _, top in boxes)
        bottom = median(box[1] for box in boxes)
        is_bold = self._is_bold(first) and self._is_bold(last)
        text = self._on_the_line(first, last + 1, sample, bottom + 0.15 * size)
        return PageLine(text, self._number, boxes[0][0], self._box(last)[2], bottom, size, is_bold)

    def _on_the_line(self, start: int, end: int, sample: list[int], height: float) -> str:
        """The text of a line, its raised marks as they are written in running text."""
        marks = list(_MARK.finditer(self._text, start, end))
        if not marks:
            return self._text[start:end]
        font_size = median(map(self._font_size, sample))

        def is_raised(at: int) -> bool:
            return self._font_size(at) < _SMALLER * font_size and self._box(at)[1] > height

        found: list[list[int]] = []
        for match in marks:
            at = match.start()
            if is_raised(at):
                first = at
                while first > start and self._text[first - 1].islower() and is_raised(first - 1):
                    first -= 1
                if found and found[-1][1] >= first:
                    found[-1][1] = at + 1
                else:
                    found.append([first, at + 1])
        words, done = "", start
        for first, last in found:
            words += self._text[done:first]
            words += raised(words, self._text[first:last], self._text[last : last + 3])
            done = last
        return words + self._text[done:end]

    def _with_cells(self, line: PageLine, first: int, last: int) -> PageLine:
        """The line with its cells, if it is so wide for its letters that it must have wide gaps."""
        if line.right - line.left < _SPARSE * line.size * len(line.text) or _ITEM.match(line.text):
            return line
        gaps = self._gaps(first, last)
        return replace(line, cells=tuple(cells_of(line, gaps, _GAP * line.size)))

    def _gaps(self, first: int, last: int) -> list[tuple[float, float, int]]:
        """The gaps between words of a line: where they begin and end, and how far into the line."""
        gaps = []
        for match in _SPACE.finditer(self._text, first, last):
            left, right = self._box(match.start() - 1)[2], self._box(match.end())[0]
            if right > left:
                gaps.append((left, right, match.end() - first))
        return gaps

    def _is_bold(self, at: int) -> bool:
        name = ctypes.create_string_buffer(128)
        self._raw.FPDFText_GetFontInfo(self._page, at, name, len(name), None)
        return (
            _BOLD.search(name.value.decode("utf-8", "replace")) is not None
            or self._raw.FPDFText_GetFontWeight(self._page, at) >= _BOLD_WEIGHT
        )


def _reads_as_words(text: str) -> bool:
    """Tell words of a language in Latin script from letters that stand for others: by their vowels."""
    words = _WORDS.findall(text)
    letters = "".join(words)
    vowels = len(_VOWELS.findall(letters))
    with_vowels = sum(_VOWELS.search(word) is not None for word in words)
    return _FEWEST_VOWELS * len(letters) < vowels < 0.6 * len(letters) and with_vowels > 0.8 * len(words)


def _continues(line: PageLine, following: PageLine) -> bool:
    """Tell whether a line that PDFium broke, at raised characters for one, goes on."""
    gap = following.left - line.right
    return abs(line.bottom - following.bottom) < 0.2 * line.size and -0.1 * line.size < gap < 0.9 * line.size


def _merged(line: PageLine, following: PageLine) -> PageLine:
    space = " " if following.left - line.right > 0.08 * line.size else ""
    return replace(line, text=f"{line.text}{space}{following.text}", right=following.right, cells=())
