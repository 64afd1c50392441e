"""From the lines of printed pages to headings and paragraphs, by place, size and weight."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.parsing.page_ends import Piece, whole_sentences
from index.parsing.page_line import DIVISIONS, PageLine, body_size, is_large, line_step
from index.parsing.page_tables import find_tables
from index.parsing.parts import Part, one_line
from index.parsing.running_titles import is_page_number, mark_running
from index.parsing.tables import Row, table_parts
from index.parsing.text_layout import UNSPACED

_HYPHENS = "-\u00ad\u2010" + DIVISIONS
_CONTENTS_LINE = re.compile(r"(?<!\.)(?<!\.\s)(?:\.\s?+){4,}+\s*+(?:\d{1,4}|[ivxlc]{1,7})(?=\s|$)")
"""Leader dots and the number of a page."""
_LONGEST_ENTRY = 150
"""Code points of an entry in a table of contents."""
_ITEM = re.compile(r"(?:[-*•‣▪◦·–]|\(?\d{1,3}[.)])\s+\S")

_LONGEST_HEADING = 200
_LONGEST_WORD = 200
"""Code points of what stands before a line that a word divided at its end is looked for in."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What pages amount to.

    ``title`` is the heading of the first page that is set in the largest letters, ``running`` the running titles, each
    once.
    """

    parts: list[Part]
    title: str | None = None
    running: tuple[str, ...] = ()


def read_pages(lines: Sequence[PageLine]) -> Layout:
    """The headings and paragraphs that lines in reading order amount to; of one that goes over the end of a page, the
    sentence there is whole on the page where it begins.

    Page numbers are left out. Lines of a table of contents are asides, and so are running titles: the first time,
    unless a line of the text has the same words.
    """
    if not lines:
        return Layout([])
    size = body_size(lines)
    marked = mark_running(lines, size)
    body = [line for line in marked if not line.is_running]
    if body:
        lines = marked
    else:  # nothing but titles: they are the text
        body = list(lines)
    size, step = body_size(body), line_step(body)
    groups: list[list[PageLine]] = []
    tables = find_tables(lines)
    rows: dict[int, list[Row]] = {}
    left = right = 0.0
    table_end = 0
    for at, line in enumerate(lines):
        if at in tables:
            table_end = tables[at][0]
            rows[len(groups)] = tables[at][1]
            groups.append([line])
        if at < table_end:
            continue
        if (
            not groups
            or len(groups) - 1 in rows
            or line.is_running
            or _breaks(groups[-1], (left, right), line, step, size)
        ):
            groups.append([])
            left, right = line.left, line.right
        groups[-1].append(line)
        left, right = min(left, line.left), max(right, line.right)
    words = set(re.findall(r"\w+(?:-\w+)*", " ".join(line.text for line in body)))
    texts = {_letters(line.text) for line in body}
    running: dict[str, str] = {}
    pieces: list[Piece] = []
    for number, group in enumerate(groups):
        if not group[0].is_running:
            found = table_parts(rows[number]) if number in rows else [_part(group, words, size)]
            pieces += [Piece(part, max(line.size for line in group), _is_full(group)) for part in found if part.text]
        elif (form := _letters(group[0].text)) and form not in running and not is_page_number(group[0]):
            running[form] = one_line(group[0].text)
            if form not in texts:
                pieces.append(Piece(Part(running[form], "aside", group[0].page), 0.0))
    pieces = whole_sentences(pieces, lambda end, beginning: _joined([end, beginning], words))
    headings = [
        (piece.size, piece.part.text) for piece in pieces if piece.part.kind == "heading" and piece.part.page == 1
    ]
    _, title = max(headings, key=lambda item: item[0], default=(0.0, None))
    return Layout([piece.part for piece in pieces], title, tuple(running.values()))


def _is_full(group: Sequence[PageLine]) -> bool:
    """Tell a paragraph whose last line goes as far to the right as the others."""
    return len(group) > 1 and group[-1].right > max(line.right for line in group) - 2 * group[-1].size


def _letters(text: str) -> str:
    """What lines have in common that differ by the number of a page only, before or behind it."""
    return "".join(filter(str.isalpha, text)).casefold()


def _breaks(group: Sequence[PageLine], sides: tuple[float, float], line: PageLine, step: float, size: float) -> bool:
    """Tell whether a new paragraph begins with ``line``; ``sides`` are the outermost ones of the lines of ``group``."""
    last = group[-1]
    if last.is_running or last.page != line.page or is_large(last, size) != is_large(line, size):
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


def _part(group: Sequence[PageLine], words: set[str], size: float) -> Part:
    text = _joined([line.text for line in group], words)
    text = one_line(re.sub(f"[{DIVISIONS}]", "-", text.replace("\u00ad", "")))
    stands_out = all(is_large(line, size) or line.is_bold for line in group)
    is_heading = stands_out and len(text) <= _LONGEST_HEADING and not text.endswith((".", ",", ";"))
    if len(_CONTENTS_LINE.findall(text)) > len(text) // _LONGEST_ENTRY:
        return Part(text, "aside", group[0].page)
    return Part(text, "heading" if is_heading else "paragraph", group[0].page)


def _joined(lines: Sequence[str], words: set[str]) -> str:
    """Join lines; a word divided between two is one again, unless the document writes it with its hyphen."""
    pieces, tail = [lines[0]], lines[0][-_LONGEST_WORD:]
    for line in lines[1:]:
        is_unspaced = UNSPACED.match(tail[-1:]) and UNSPACED.match(line)
        seam = "" if is_unspaced else _seam(tail, line, words)
        if seam != " " and not is_unspaced:
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
