"""From the lines of printed pages to headings and paragraphs, by place, size and weight."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from index.parsing.parts import Part, one_line

DIVISIONS = "\u0002\ufffe"
"""What PDFium gives for a hyphen and a line break in a word: a line ends with it."""

_HYPHENS = "-\u00ad\u2010" + DIVISIONS
_PAGE_NUMBER = re.compile(r"\W*(?:page\s+|p\.\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\W*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_CONTENTS_LINE = re.compile(r"(?<!\.)(?<!\.\s)(?:\.\s?+){4,}+\s*+\d*$")
_ITEM = re.compile(r"(?:[-*•‣▪◦·–]|\(?\d{1,3}[.)])\s+\S")

_LONGEST_HEADING = 200
_LONGEST_WORD = 200
"""Code points of what stands before a line that a word divided at its end is looked for in."""

_LARGER = 1.12
"""How much larger than the body the letters of a heading are."""
_EDGE_LINES = 2
"""Lines at the top and at the bottom of a page among which running titles are looked for."""


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line as it stands on its page, in points, ``y`` upwards."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float
    is_bold: bool
    is_running: bool = False

    @property
    def ends_sentence(self) -> bool:
        """Whether the line stops where a sentence may stop."""
        return _SENTENCE_END.search(self.text) is not None


def read_pages(lines: Sequence[PageLine]) -> list[Part]:
    """The headings and paragraphs that lines in reading order amount to; none goes over the end of a page.

    Lines that repeat at the edges of pages and page numbers are left out; lines of a table of contents are asides.
    """
    lines = _mark_running(lines)
    body = [line for line in lines if not line.is_running]
    if not body:
        return []
    size = median(line.size for line in body for _ in range(1 + len(line.text) // 20))
    steps = [
        a.bottom - b.bottom for a, b in pairwise(body) if a.page == b.page and 0 < a.bottom - b.bottom < 3 * a.size
    ]
    step = sorted(steps)[len(steps) // 4] if steps else size
    groups: list[list[PageLine]] = []
    left = right = 0.0
    for line in lines:
        if not groups or line.is_running or _breaks(groups[-1], (left, right), line, step, size):
            groups.append([])
            left, right = line.left, line.right
        groups[-1].append(line)
        left, right = min(left, line.left), max(right, line.right)
    words = set(re.findall(r"\w+(?:-\w+)*", " ".join(line.text for line in body)))
    return [_part(group, words, size) for group in groups if not group[0].is_running]


def largest_heading(parts: Sequence[Part], lines: Sequence[PageLine]) -> str | None:
    """The heading of the first page that is set in the largest letters."""
    headings = [part.text for part in parts if part.kind == "heading" and part.page == 1]
    sizes = {line.text: line.size for line in reversed(lines) if line.page == 1}
    return max(headings, key=lambda text: sizes.get(text, 0.0), default=None)


def _mark_running(lines: Sequence[PageLine]) -> list[PageLine]:
    """Mark page numbers, and lines at the edges of pages that are equal but for numbers on at least half of them."""
    pages: dict[int, list[PageLine]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    edges = {id(line) for page in pages.values() for line in [*page[:_EDGE_LINES], *page[-_EDGE_LINES:]]}

    def form(line: PageLine) -> str:
        return re.sub(r"\d+", "#", line.text)

    counts = Counter(key for page in pages.values() for key in {form(line) for line in page if id(line) in edges})
    most = max(2, len(pages) / 2)
    return [
        replace(line, is_running=id(line) in edges and (counts[form(line)] >= most or _is_number(line)))
        for line in lines
    ]


def _is_number(line: PageLine) -> bool:
    return _PAGE_NUMBER.fullmatch(line.text) is not None


def _breaks(group: Sequence[PageLine], sides: tuple[float, float], line: PageLine, step: float, size: float) -> bool:
    """Tell whether a new paragraph begins with ``line``; ``sides`` are the outermost ones of the lines of ``group``."""
    last = group[-1]
    if last.is_running or last.page != line.page or _is_large(last, size) != _is_large(line, size):
        return True
    down = last.bottom - line.bottom
    if abs(last.size - line.size) > 0.1 * size or last.is_bold != line.is_bold or _ITEM.match(line.text):
        return True
    if down < -0.5 * size:  # the next column
        return last.ends_sentence
    if down > 1.3 * max(step * max(1.0, line.size / size), line.size):
        return True
    is_indented = line.left > sides[0] + 0.8 * size
    is_short = last.right < max(sides[1], line.right) - 6 * size and line.text[0].isupper()
    return last.ends_sentence and (is_indented or (is_short and len(group) > 1))


def _is_large(line: PageLine, size: float) -> bool:
    return line.size > _LARGER * size


def _part(group: Sequence[PageLine], words: set[str], size: float) -> Part:
    text = _joined([line.text for line in group], words)
    text = one_line(re.sub(f"[{DIVISIONS}]", "-", text.replace("\u00ad", "")))
    stands_out = all(_is_large(line, size) or line.is_bold for line in group)
    is_heading = stands_out and len(text) <= _LONGEST_HEADING and not text.endswith((".", ",", ";"))
    if _CONTENTS_LINE.search(text):
        return Part(text, "aside", group[0].page)
    return Part(text, "heading" if is_heading else "paragraph", group[0].page)


def _joined(lines: Sequence[str], words: set[str]) -> str:
    """Join lines; a word divided between two is one again, unless the document writes it with its hyphen."""
    pieces, tail = [lines[0]], lines[0][-_LONGEST_WORD:]
    for line in lines[1:]:
        seam = _seam(tail, line, words)
        if seam != " ":
            pieces[-1], tail = pieces[-1][:-1], tail[:-1]
        pieces += [seam, line]
        tail = f"{tail}{seam}{line}"[-_LONGEST_WORD:]
    return "".join(pieces)


def _seam(text: str, following: str, words: set[str]) -> str:
    """What stands between two lines in place of a hyphen at the end of the first: nothing or a hyphen; else a space."""
    left, right = re.search(r"(\w+)[" + _HYPHENS + "]$", text), re.match(r"\w+", following)
    if not left or not right:
        return " "
    has_hyphen = f"{left[1]}-{right[0]}" in words and left[1] + right[0] not in words
    return "-" if has_hyphen or not right[0][0].islower() else ""
