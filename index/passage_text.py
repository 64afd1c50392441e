"""What is searched and read of a passage: its words without signs that are not seen; of a row, each cell with its
column.

``Harbour: Lowick; Ships in 2023: 2,927`` is read of a row of a table whose text is ``Lowick | 2,927``. Each character
that is read knows where it stands in the article, so an answer is always a stretch of the article itself.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from index.article import UNSEEN, Article, Block, Passage, Span, searchable, single_spaced

_LONGEST_TITLE = 200
_LONGEST_NAME = 100
"""Code points of the name of a column, or of a row, that stand before a cell."""


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as it is read.

    ``pieces`` are the stretches of ``text`` that the article has word for word: start in ``text``, start in the
    article, length. An answer lies in one of ``answerable``, spans of ``text``: the passage, or one of its cells.
    """

    text: str
    pieces: tuple[tuple[int, int, int], ...]
    answerable: tuple[Span, ...]

    def place(self, start: int, end: int) -> Span | None:
        """Where ``text[start:end]`` stands in the article; None if an end of it is not the article's."""
        first, last = self._place(start), self._place(end - 1)
        return None if first is None or last is None else (first, last + 1)

    def _place(self, at: int) -> int | None:
        number = bisect_right(self.pieces, at, key=lambda piece: piece[0]) - 1
        if number < 0:
            return None
        start, stands, length = self.pieces[number]
        return stands + at - start if at < start + length else None


def passage_text(article: Article, passage: Passage) -> PassageText:
    """What is read of a passage."""
    row = row_at(article, passage.start)
    return row_text(article, row, passage.start, passage.end) if row else _prose(article, passage.start, passage.end)


def row_at(article: Article, at: int) -> Block | None:
    """The row of a table around an offset."""
    number = bisect_right(article.blocks, at, key=lambda block: block.start) - 1
    block = article.blocks[number] if number >= 0 else None
    return block if block and block.kind == "row" and at < block.end else None


def row_text(article: Article, row: Block, start: int, end: int) -> PassageText:
    """What is read of the cells of ``row``, or of the part of it at ``start:end``: the first cell and those."""
    written = _Writer(article.text)
    for number, (name, cell) in enumerate(_named_cells(article, row)):
        low, high = max(cell[0], start), min(cell[1], end)
        if number == 0 and low >= high:
            low, high = cell[0], min(cell[1], cell[0] + _LONGEST_NAME)
        if low < high:
            written.cell(name, low, high)
    return written.finished()


def cells_of(article: Article, start: int, end: int) -> Iterator[tuple[str, Span]]:
    """Where the stretch is of a row of a table: its cells that are not empty, each with the name of its column."""
    row = row_at(article, start)
    for name, (first, last) in _named_cells(article, row) if row and row.cells else ():
        low, high = max(first, start), min(last, end)
        if low < high:
            yield name, (low, high)


def _named_cells(article: Article, row: Block) -> Iterator[tuple[str, Span]]:
    """Each cell of a row behind the name of its column, which is empty where there is none."""
    names = _names(article, row)
    for number, cell in enumerate(row.cells or [(row.start, row.end)]):
        yield names[number] if number < len(names) else "", cell


def _names(article: Article, row: Block) -> list[str]:
    if row.header is None:
        return []
    cells = article.blocks[row.header].cells
    return [single_spaced(searchable(article.text[start:end]))[:_LONGEST_NAME] for start, end in cells]


def _prose(article: Article, start: int, end: int) -> PassageText:
    written = _Writer(article.text)
    written.words(start, end)
    return written.finished(is_one=True)


class _Writer:
    def __init__(self, source: str) -> None:
        self._source = source
        self._written: list[str] = []
        self._length = 0
        self._pieces: list[tuple[int, int, int]] = []
        self._cells: list[Span] = []

    def words(self, start: int, end: int) -> None:
        """Add words of the article."""
        for low, high in _stretches(self._source, start, end):
            self._pieces.append((self._length, low, high - low))
            self._add(self._source[low:high])

    def cell(self, name: str, start: int, end: int) -> None:
        """Add a cell behind the name of its column."""
        before = "; " if self._written else ""
        self._add(f"{before}{name}: " if name else before)
        first = self._length
        self.words(start, end)
        self._cells.append((first, self._length))

    def finished(self, is_one: bool = False) -> PassageText:
        """What was added; ``is_one`` is for words that are no cells."""
        answerable = ((0, self._length),) if is_one else tuple(self._cells)
        return PassageText("".join(self._written), tuple(self._pieces), answerable)

    def _add(self, text: str) -> None:
        self._written.append(text)
        self._length += len(text)


def _stretches(text: str, start: int, end: int) -> Iterator[Span]:
    """The stretches without signs that are not seen."""
    if text[start:end].isascii():
        yield start, end
        return
    first = start
    for at in range(start, end):
        if text[at] in UNSEEN:
            if first < at:
                yield first, at
            first = at + 1
    if first < end:
        yield first, end


def embedded_title(article: Article) -> str:
    """What of the title is embedded with each passage: its first 200 code points."""
    return article.title[:_LONGEST_TITLE]


def embedded_text(article: Article, passage: Passage) -> str:
    """What is embedded for a passage: title, heading, and its own words."""
    words = passage_text(article, passage).text
    return "\n".join(filter(None, (embedded_title(article), passage.heading, words)))


def embedding_key(article: Article, passage: Passage) -> bytes:
    """The first 16 bytes of the SHA-256 of what is embedded: passages with one key have one vector."""
    return hashlib.sha256(embedded_text(article, passage).encode()).digest()[:16]
