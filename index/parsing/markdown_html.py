"""HTML between the paragraphs of Markdown: where its words stand, and what hides its tags as long as they are."""

import html
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from index.article import Span, Style
from index.parsing.markdown_marks import UNSEEN, Edits, OpenTags

_TAG = re.compile(
    r"<!--(?:(?!-->).)*+(?:-->|\Z)|<(script|style|svg|template)\b(?:(?!</\1).)*+(?:</\1\s*>|\Z)|</?([A-Za-z][\w.:-]*)[^<>]*+>",
    re.DOTALL | re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_INLINE = {
    *(
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "mark",
    ),
    *("q", "s", "samp", "small", "span", "strong", "sub", "sup", "td", "th", "time", "tt", "u", "var", "wbr"),
}


class Stretch(NamedTuple):
    """Words between two tags that end a paragraph, or a row of a table with its cells."""

    start: int
    end: int
    kind: Literal["heading", "paragraph", "columns", "row"]
    cells: tuple[Span, ...] = ()


def html_block(source: str, start: int, end: int) -> tuple[list[Stretch], Edits, list[Style]]:
    """The paragraphs and rows in a block of HTML, its tags and entities with what stands for them, and how it looks."""
    edits: Edits = {}
    styles: list[Style] = []
    tags = OpenTags()
    found: list[Stretch] = []
    first, kind = start, "paragraph"
    row: _Row | None = None
    for match in _TAG.finditer(source, start, end):
        name = (match[2] or "").lower()
        is_end = match[0].startswith("</")
        between = " " if name == "br" else ""
        if ended := tags.meet(match[0], match.start()):
            styles.append(ended)
        if row and name in {"td", "th"}:
            row.end(match.start())
            if not is_end:
                between = " | " if row.has_cells else ""
                row.begin(match.end(), name)
        elif name in {"tr", "table"}:
            found += row.stretches(match.start()) if row else _stretch(source, first, match.start(), kind)
            row = _Row(source, [stretch.kind for stretch in found[-1:]]) if name == "tr" and not is_end else None
            first, kind = match.end(), "paragraph"
        elif not row and (match[1] or (match[2] and name not in _INLINE)):
            found += _stretch(source, first, match.start(), kind)
            first = match.end()
            kind = "heading" if name in _HEADINGS and not is_end else "paragraph"
        elif row and name not in _INLINE:
            between = " "
        edits[match.start()] = between + UNSEEN * (len(match[0]) - len(between))
    found += row.stretches(end) if row else _stretch(source, first, end, kind)
    for match in _ENTITY.finditer(source, start, end):
        shown = html.unescape(match[0])
        if len(shown) == 1:
            edits.setdefault(match.start(), shown.replace("\u00a0", " ") + UNSEEN * (len(match[0]) - 1))
    return found, edits, styles


class _Row:
    """The cells of a row, as its tags come."""

    def __init__(self, source: str, before: list[str]) -> None:
        self._source = source
        self._is_first = not before or before[0] not in {"columns", "row"}
        self._start: int | None = None
        self._cells: list[Span] = []
        self._names: list[str] = []

    def begin(self, at: int, name: str) -> None:
        """Begin a cell."""
        self._start = at
        self._names.append(name)

    @property
    def has_cells(self) -> bool:
        """Whether a cell has ended."""
        return bool(self._cells)

    def end(self, at: int) -> None:
        """End the cell that was begun, if there is one."""
        if self._start is None:
            return
        text = self._source[self._start : at]
        start = self._start + len(text) - len(text.lstrip())
        self._cells.append((start, max(start, self._start + len(text.rstrip()))))
        self._start = None

    def stretches(self, at: int) -> Iterator[Stretch]:
        """The row, which ends here, if there are words in it."""
        self.end(at)
        filled = [cell for cell in self._cells if _HAS_WORDS.search(_TAG.sub("", self._source[slice(*cell)]))]
        if filled:
            names = self._is_first and len(self._cells) > 1 and set(self._names) == {"th"}
            yield Stretch(self._cells[0][0], self._cells[-1][1], "columns" if names else "row", tuple(self._cells))


_HAS_WORDS = re.compile(r"\w")


def _stretch(source: str, start: int, end: int, kind: str) -> Iterator[Stretch]:
    if start < end and _HAS_WORDS.search(_TAG.sub("", source[start:end])):
        yield Stretch(start, end, "heading" if kind == "heading" else "paragraph")
