"""An article as a page shows it: its text in lines, each a list of pieces, some of them marked.

Every piece is a slice of the article's text, so what is read on the page is what a citation quotes.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from api.http.looks import address_of, styles_over
from index.article import Article, Block, Look, Span, Style, searchable
from index.passage_text import cells_of

Cut = Callable[[int, int], Iterator["Piece"]]
"""Gives a stretch in pieces."""

Kind = Literal["title", "aside", "heading", "paragraph", "item", "quotation", "columns", "row", "code", "image"]

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n.*?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LINE = re.compile(r"[^\r\n]+")
_FIRST_LINE = re.compile(r"[\s#]*([^\r\n]+)")
_WORD = re.compile(r"\w")
_LIST_NUMBER = re.compile(r"\W*\d{1,3}[.)]\W*")
_LONGEST_DATE = 5
"""Words in a line that is a date."""

_LONGEST_TITLE = 1000
"""Code points. A longer title is not looked for in the text."""

_MARKER = re.compile(r"(?:\A|[\r\n])[ \t>]*?(?:([-*+•])|(\d{1,3}[.)])|(>))[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class Styled:
    """Part of a piece that looks one way. ``address`` is where it links to; of an image, ``text`` stands for it."""

    text: str
    looks: tuple[Look, ...] = ()
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line; ``first`` is set on the first marked one. ``parts`` are how it looks.

    In a quote of a row, ``column`` is set on the first piece of each cell: the name of its column, if it has one.
    """

    text: str
    marked: bool = False
    first: bool = False
    parts: tuple[Styled, ...] = ()
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, a heading, a row of a table, a line of code, or a line that is no part of the body.

    ``cells`` are the pieces of each cell of a row; ``sign`` is the bullet or number of a list item and ``level`` how
    deep it is nested, or the level of a heading; ``page`` is set where a new page of a PDF begins.
    """

    kind: Kind
    pieces: tuple[Piece, ...]
    sign: str = ""
    page: int | None = None
    cells: tuple[tuple[Piece, ...], ...] = ()
    level: int = 0

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
    for kind, block, start, end in _spans(article, mark):
        cells = []
        for cell in block.cells if kind in {"columns", "row"} else ():
            cells.append(tuple(pieces(article, *cell, mark, not marked_before)))
            marked_before = marked_before or any(piece.marked for piece in cells[-1])
        found = () if cells else tuple(pieces(article, start, end, mark, not marked_before))
        marked_before = marked_before or any(piece.marked for piece in found)
        turned = block.page if block.page != page else None
        shown.append(Line(kind, found, block.sign, turned, tuple(cells), block.level))
        page = block.page
    return shown


def tables_together(shown: Iterable[Line]) -> list[list[Line]]:
    """The lines in runs: the rows of a table on one page, lines of code (a blank one between two pieces of it), or one
    line of another kind.
    """
    runs: list[list[Line]] = []
    for line in shown:
        before = runs[-1][0] if runs else None
        is_next_row = line.kind == "row" and line.page is None and before is not None and before.cells
        if is_next_row or (line.kind == "code" and before is not None and before.kind == "code"):
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def quoted(article: Article, start: int, end: int, cut: Cut) -> Iterator[Piece]:
    """A quote as it looks, cut by :func:`pieces` or the like; of a row of a table its cells, each with its column."""
    cells = list(cells_of(article, start, end))
    for name, cell in cells:
        first, *rest = cut(*cell)
        yield replace(first, column=name)
        yield from rest
    if not cells:
        yield from cut(start, end)


def pieces(article: Article, start: int, end: int, mark: Span | None = None, is_first: bool = True) -> Iterator[Piece]:
    """A stretch of the article as it looks, with ``mark`` marked; the first marked piece is the first of the page if
    ``is_first``.
    """
    low, high = (max(start, mark[0]), min(end, mark[1])) if mark else (end, end)
    if low >= high:
        yield _piece(article, start, end)
        return
    if start < low:
        yield _piece(article, start, low)
    yield _piece(article, low, high, marked=True, first=is_first)
    if high < end:
        yield _piece(article, high, end)


def pieces_with(article: Article, start: int, end: int, words: Iterable[Span]) -> Iterator[Piece]:
    """A stretch of the article as it looks, with those of ``words`` marked that stand in it, in their order."""
    at = start
    for low, high in words:
        if not start <= low < high <= end:
            continue
        if at < low:
            yield _piece(article, at, low)
        yield _piece(article, low, high, marked=True)
        at = high
    if at < end:
        yield _piece(article, at, end)


def _piece(article: Article, start: int, end: int, marked: bool = False, first: bool = False) -> Piece:
    return Piece(article.text[start:end], marked, first, tuple(_styled(article, start, end)))


def _styled(article: Article, start: int, end: int) -> Iterator[Styled]:
    """A stretch cut where its look changes. An image is told once, where its stretch begins."""
    over = list(styles_over(article.styles, start, end))
    cuts = sorted({start, end, *(at for style in over for at in (style.start, style.end) if start < at < end)})
    here: list[Style] = []
    coming = deque(over)
    for low, high in pairwise(cuts):
        here = [style for style in here if style.end > low]
        while coming and coming[0].start <= low:
            here.append(coming.popleft())
        image = next((style for style in here if style.look == "image"), None)
        address = next((address_of(article, style) for style in here if style.look == "link"), None)
        if image is None:
            looks = tuple(style.look for style in here if style.look not in {"link", "line"})
            yield Styled(article.text[low:high], looks, address)
        elif image.start == low and image.value.strip():
            yield Styled(image.value, ("image",), address)


def _spans(article: Article, mark: Span | None) -> Iterator[tuple[Kind, Block, int, int]]:
    end = _skip_front_matter(article, mark)
    title_end = _title_end(article, end)
    if title_end is not None:
        start = end + len(article.text[end:title_end]) - len(article.text[end:title_end].lstrip("# \t\r\n"))
        if start < title_end:
            yield "title", Block(start, title_end), start, title_end
        end = title_end
    was_code = False
    for block in article.blocks:
        if block.start < end:
            continue
        yield from _between(article, end, block.start, block.page, mark)
        code = [style for style in styles_over(article.styles, block.start, block.end) if style.look == "line"]
        if code and was_code:
            yield "code", block, code[0].start, code[0].start
        for line in code:
            yield "code", block, line.start, line.end
        if not code:
            kind, sign = _kind(article.text[end : block.start], block)
            yield kind, replace(block, sign=sign), block.start, block.end
        end, was_code = block.end, bool(code)
    yield from _between(article, end, len(article.text), article.blocks[-1].page if article.blocks else None, mark)


def _between(
    article: Article, start: int, end: int, page: int | None, mark: Span | None
) -> Iterator[tuple[Kind, Block, int, int]]:
    """What stands between two blocks and is shown: images, and lines that the page does not tell elsewhere."""
    images = (style for style in styles_over(article.styles, start, end) if style.look == "image")
    for image in images:
        if start <= image.start < image.end <= end:
            yield "image", Block(image.start, image.end, page=page), image.start, image.end
    for low, high in _outside(article, start, end, mark):
        yield "aside", Block(low, high, page=page), low, high


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
    match = re.compile(pattern, re.IGNORECASE).match(article.text, start) or _styled_title(article, start)
    body = article.blocks[0].start if article.blocks else len(article.text)
    return match.end() if match and match.end() <= body else None


def _styled_title(article: Article, start: int) -> re.Match[str] | None:
    """The first line that is not blank, if it looks like the title: signs of markup in it are not seen."""
    line = _FIRST_LINE.match(article.text, start)
    if line is None or len(line[0]) > _LONGEST_TITLE:
        return None
    return line if searchable(line[1]).split() == article.title.split() else None


def _kind(before: str, block: Block) -> tuple[Kind, str]:
    """What a block is, and the sign of a list item, as the loader or else the signs of Markdown before it tell."""
    match = _MARKER.search(before)
    if block.kind == "paragraph" and (block.sign or block.level):
        return "item", block.sign
    if block.kind != "paragraph" or match is None:
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
