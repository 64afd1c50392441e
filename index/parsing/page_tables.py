"""Tables on printed pages: lines with wide gaps whose cells stand below each other."""

import itertools
from collections.abc import Iterator, Sequence
from statistics import median

from index.parsing.page_line import Cell, PageLine
from index.parsing.tables import Row

_LEAST_ROWS = 3
_FAR = 2.6
"""How far apart the rows of a table may be, in heights of its letters."""
_MOST_COLUMNS = 40


def find_tables(lines: Sequence[PageLine]) -> dict[int, tuple[int, list[Row]]]:
    """The tables among lines in reading order: by the number of the first line, that behind the last, and the rows."""
    found: dict[int, tuple[int, list[Row]]] = {}
    before: tuple[int, list[Row]] | None = None
    at = 0
    while at < len(lines):
        end = _end(lines, at)
        rows = _rows(lines[at:end]) if end - at >= _LEAST_ROWS else []
        if rows:
            if before and _goes_on(lines, before, at, rows):
                rows = [Row(before[1][0].cells, True, rows[0].page), *rows]
            before = end, rows
            found[at] = before
        at = max(end, at + 1)
    return found


def _end(lines: Sequence[PageLine], start: int) -> int:
    """The line behind the last of a run of lines with cells; lines of one cell may stand between them."""
    end = at = start
    while at < len(lines) and not lines[at].is_running and (lines[at].cells or (end == at and at > start)):
        line = lines[at]
        if at > start:
            down = lines[at - 1].bottom - line.bottom
            if line.page != lines[start].page or not 0 < down < _FAR * max(line.size, lines[at - 1].size):
                break
        if line.cells:
            end = at + 1
        at += 1
    return end


def _rows(lines: Sequence[PageLine]) -> list[Row]:
    """The rows of a table; none where the cells of the lines do not stand below each other."""
    width = max(len(line.cells) for line in lines)
    columns = _columns([line.cells for line in lines if len(line.cells) == width])
    if not columns or width > _MOST_COLUMNS:
        return []
    step = median(above.bottom - line.bottom for above, line in itertools.pairwise(lines))
    rows: list[list[str]] = []
    for number, line in enumerate(lines):
        cells = [""] * width
        for cell in line.cells or (Cell(line.left, line.right, line.text),):
            at = _nearest(columns, cell)
            cells[at] = f"{cells[at]} {cell.text}".strip()
        is_wrapped = rows and len(line.cells) < 2 and (cells[0] == "" or lines[number - 1].bottom - line.bottom < step)
        if is_wrapped:
            rows[-1] = [f"{above} {below}".strip() for above, below in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    if len(rows) < _LEAST_ROWS - 1:
        return []
    names = lines[0].is_bold and not lines[-1].is_bold
    return [Row(cells, (names or None) if at == 0 else None, lines[0].page) for at, cells in enumerate(rows)]


def _columns(rows: Sequence[Sequence[Cell]]) -> list[tuple[float, float]]:
    """Where the columns stand; none if two of them overlap."""
    columns = [
        (min(cell.left for cell in column), max(cell.right for cell in column)) for column in zip(*rows, strict=True)
    ]
    apart = all(one[1] < other[0] for one, other in itertools.pairwise(columns))
    return columns if apart else []


def _nearest(columns: Sequence[tuple[float, float]], cell: Cell) -> int:
    def apart(column: tuple[float, float]) -> tuple[float, float]:
        overlap = min(column[1], cell.right) - max(column[0], cell.left)
        return -overlap, abs(column[0] - cell.left)

    return min(range(len(columns)), key=lambda at: apart(columns[at]))


def _goes_on(lines: Sequence[PageLine], before: tuple[int, list[Row]], at: int, rows: Sequence[Row]) -> bool:
    """Tell the rest of a table from the page before: nothing stands between them, and it has no names of its own."""
    end, above = before
    between = [line for line in lines[end:at] if not line.is_running]
    is_next = not between and lines[at].page == lines[end - 1].page + 1
    return is_next and len(above[0].cells) == len(rows[0].cells) and list(above[0].cells) != list(rows[0].cells)


def cells_of(line: PageLine, gaps: Sequence[tuple[float, float, int]], wide: float) -> Iterator[Cell]:
    """The cells of a line, cut at its wide gaps."""
    start, left = 0, line.left
    for right, following, at in gaps:
        if following - right > wide:
            yield Cell(left, right, line.text[start:at].strip())
            start, left = at, following
    if start:
        yield Cell(left, line.right, line.text[start:].strip())
