"""An article as a page shows it: its text in lines, each a list of pieces, some of them marked.

Every piece is a slice of the article's text, so what is read on the page is what a citation quotes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.article import Article, Block, Span

Kind = Literal["title", "aside", "heading", "paragraph", "item", "quotation", "columns", "row"]

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n.*?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LINE = re.compile(r"[^\r\n]+")
_WORD = re.compile(r"\w")
_LIST_NUMBER = re.compile(r"\W*\d{1,3}[.)]\W*")
_LONGEST_DATE = 5
"""Words in a line that is a date."""

_LONGEST_TITLE = 1000
"""Code points. A longer title is not looked for in the text."""

_MARKER = re.compile(r"(?:\A|[\r\n])[ \t>]*?(?:([-*+•])|(\d{1,3}[.)])|(>))[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line; ``first`` is set on the first marked one."""

    text: str
    marked: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, a heading, a row of a table, or a line that is no part of the body.

    ``cells`` are the pieces of each cell of a row; ``sign`` is the bullet or number of a list item; ``page`` is set
    where a new page of a PDF begins.
    """

    kind: Kind
    pieces: tuple[Piece, ...]
    sign: str = ""
    page: int | None = None
    cells: tuple[tuple[Piece, ...], ...] = ()

    @property
    def is_marked(self) -> bool:
        """Whether any of it is marked."""
        return any(piece.marked for piece in self.pieces) or any(piece.marked for cell in self.cells for piece in cell)


def lines(article: Article, mark: Span | None = None) -> list[Line]:
    """The article's text in reading order, with ``mark`` marked wherever it is shown.

    The title, when the text begins with it, is a line of the kind ``title``. Lines that only repeat what the metadata
    tell (the byline, the date), front matter and the signs of Markdown are left out, unless the mark touches them.
    """
    shown = []
    marked_before = False
    page = None
    rows = {block.start: block.cells for block in article.blocks if block.cells}
    for kind, sign, start, end, on_page in _spans(article, mark):
        cells = []
        for cell in rows[start] if kind in {"columns", "row"} and start in rows else ():
            cells.append(tuple(_pieces(article.text, *cell, mark, not marked_before)))
            marked_before = marked_before or any(piece.marked for piece in cells[-1])
        pieces = () if cells else tuple(_pieces(article.text, start, end, mark, not marked_before))
        marked_before = marked_before or any(piece.marked for piece in pieces)
        shown.append(Line(kind, pieces, sign, on_page if on_page != page else None, tuple(cells)))
        page = on_page
    return shown


def tables_together(shown: Iterable[Line]) -> list[list[Line]]:
    """The lines in runs: the rows of a table on one page, or one line of another kind."""
    runs: list[list[Line]] = []
    for line in shown:
        if line.kind == "row" and line.page is None and runs and runs[-1][0].cells:
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _pieces(text: str, start: int, end: int, mark: Span | None, is_first: bool) -> Iterator[Piece]:
    low, high = (max(start, mark[0]), min(end, mark[1])) if mark else (end, end)
    if low >= high:
        yield Piece(text[start:end])
        return
    if start < low:
        yield Piece(text[start:low])
    yield Piece(text[low:high], marked=True, first=is_first)
    if high < end:
        yield Piece(text[high:end])


def _spans(article: Article, mark: Span | None) -> Iterator[tuple[Kind, str, int, int, int | None]]:
    end = _skip_front_matter(article, mark)
    title_end = _title_end(article, end)
    if title_end is not None:
        start = end + len(article.text[end:title_end]) - len(article.text[end:title_end].lstrip("# \t\r\n"))
        if start < title_end:
            yield "title", "", start, title_end, None
        end = title_end
    page = None
    for block in article.blocks:
        if block.start < end:
            continue
        page = block.page
        for start, stop in _outside(article, end, block.start, mark):
            yield "aside", "", start, stop, page
        yield *_kind(article.text[end : block.start], block), block.start, block.end, page
        end = block.end
    for start, stop in _outside(article, end, len(article.text), mark):
        yield "aside", "", start, stop, page


def _skip_front_matter(article: Article, mark: Span | None) -> int:
    match = _FRONT_MATTER.match(article.text)
    is_wanted = match and article.media_type == "text/markdown" and not (mark and mark[0] < match.end())
    return match.end() if match and is_wanted else 0


def _title_end(article: Article, start: int) -> int | None:
    """Where the title ends if the text outside the body begins with it, however it is wrapped."""
    words = article.title.split()
    if not words or len(article.title) > _LONGEST_TITLE:
        return None
    pattern = r"[\s#]*" + r"\s+".join(map(re.escape, words)) + r"(?=\s|\Z)"
    match = re.compile(pattern, re.IGNORECASE).match(article.text, start)
    body = article.blocks[0].start if article.blocks else len(article.text)
    return match.end() if match and match.end() <= body else None


def _kind(before: str, block: Block) -> tuple[Kind, str]:
    """What a block is, and the sign of a list item, as the signs of Markdown before it tell."""
    match = _MARKER.search(before)
    if block.kind == "heading" or match is None:
        return block.kind, ""
    bullet, number, _ = match.groups()
    return ("item", "•" if bullet else number) if bullet or number else ("quotation", "")


def _outside(article: Article, start: int, end: int, mark: Span | None) -> Iterator[Span]:
    """The lines between two blocks that say something that the page does not say elsewhere."""
    for match in _LINE.finditer(article.text, start, end):
        text = match[0].strip()
        if not _WORD.search(text):
            continue
        low = match.start() + match[0].index(text)
        is_marked = mark is not None and mark[0] < low + len(text) and low < mark[1]
        if is_marked or not (_LIST_NUMBER.fullmatch(text) or _is_told(article, text)):
            yield low, low + len(text)


def _is_told(article: Article, text: str) -> bool:
    plain = text.strip("*_# \t").casefold()
    byline = plain.removeprefix("by ").strip()
    if byline and byline in _bylines(article.authors):
        return True
    day = article.published
    if day is None or len(plain.split()) > _LONGEST_DATE:
        return False
    numbers = sorted(map(int, re.findall(r"\d{1,4}", plain)))
    return numbers in ([day.day, day.year], sorted([day.day, day.month, day.year]))


@lru_cache(maxsize=8)
def _bylines(authors: tuple[str, ...]) -> frozenset[str]:
    return frozenset(joint.join(authors).casefold() for joint in (", ", " and "))
