"""What stands on printed pages around their text, recognised by place and repetition: running titles, page numbers."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from index.parsing.page_line import PageLine, is_large, line_step

_PAGE_NUMBER = re.compile(r"\W*(?:page\s+|p\.\s*)?(\d{1,4})(?:\s*(?:/|of)\s*\d{1,4})?\W*", re.IGNORECASE)
_MOST_ROWS = 3
"""Rows at the top and at the bottom of a page among which running titles are looked for."""
_APART = 2.2
"""How far running titles stand from the text at least, in steps from line to line."""
_NEAR_PAGES = 2
"""A running title stands again on the next page or, where left and right pages differ, on the one after it."""
_MOST_IN_PLACE = 0.6
"""The share of the lines in one place that repeat, from which on the others there are running titles, too."""
_COPIED = 0.9
"""The share of its lines that a page has in common with another, from which on it is a copy."""

Place = tuple[bool, int]
"""At the top or not, and the height on the page in tenths of the step."""


def mark_running(lines: Sequence[PageLine], size: float) -> list[PageLine]:
    """The lines with those marked that are page numbers or running titles.

    A running title stands apart from the text or in smaller letters, in the same place with the same words, but for
    numbers, on a page nearby. Large letters (``size`` is the height of the body's) are a title where they stand first.
    """
    pages: dict[int, list[PageLine]] = defaultdict(list)
    for line in lines:
        pages[line.page].append(line)
    step = line_step(lines)
    places = {id(line): place for page in pages.values() for line, place in _margins(page, step, size)}
    originals = _originals(pages, places)
    found: dict[tuple[Place, str], set[int]] = defaultdict(set)
    for line in lines:
        if id(line) in places:
            found[_form(line, places)].add(originals[line.page])
    repeated = {
        id(line)
        for line in lines
        if id(line) in places and _repeats(originals[line.page], found[_form(line, places)], len(pages))
    }
    here = Counter(places.values())
    running_here = Counter(places[id(line)] for line in lines if id(line) in repeated)
    kept = set(_titles(lines, size))
    edges = {id(line) for page in pages.values() for line in _edges(page)}
    numbers = {id(line) for line in _counted([line for line in lines if id(line) in edges | places.keys()], step)}
    marked = []
    for line in lines:
        place = places.get(id(line))
        is_usual = place is not None and here[place] > 2 and running_here[place] >= _MOST_IN_PLACE * here[place]
        is_running = id(line) not in kept and (id(line) in repeated or (is_usual and not is_large(line, size)))
        is_at_edge = id(line) in edges if place is None else here[place] > 2
        is_number = (is_at_edge or (place is not None and not is_large(line, size))) and id(line) in numbers
        marked.append(replace(line, is_running=is_running or is_number))
    return marked


def _originals(pages: Mapping[int, Sequence[PageLine]], places: Mapping[int, Place]) -> dict[int, int]:
    """Each page with the one nearby that it is a copy of, as the second page of a bill in duplicate, or itself."""
    bodies = {page: {line.text for line in lines if id(line) not in places} for page, lines in pages.items()}
    originals: dict[int, int] = {}
    for page, body in bodies.items():
        before = [other for other in range(page - _NEAR_PAGES, page) if other in bodies]
        copied = (other for other in before if len(body & bodies[other]) > _COPIED * max(len(body), len(bodies[other])))
        found = next(copied, None)
        originals[page] = page if found is None else originals[found]
    return originals


def _edges(page: Sequence[PageLine]) -> Iterator[PageLine]:
    """The lines of the highest and the lowest row of a page, unless a number stands next to one, as in a column."""
    for ordered in (sorted(page, key=lambda line: -line.bottom), sorted(page, key=lambda line: line.bottom)):
        row = [line for line in ordered if abs(line.bottom - ordered[0].bottom) < 0.5 * line.size]
        if len(row) == len(ordered) or not is_page_number(ordered[len(row)]):
            yield from row


def _counted(lines: Sequence[PageLine], step: float) -> Iterator[PageLine]:
    """Those of some lines that count pages: as the file does, on two pages alike, or in the place of one that does."""
    rows: dict[tuple[int, int], list[tuple[PageLine, int]]] = defaultdict(list)
    for line in lines:
        if found := _PAGE_NUMBER.fullmatch(line.text):
            rows[line.page, _height(line, step)].append((line, int(found[1])))
    alone = [row[0] for row in rows.values() if len(row) == 1]
    ahead = Counter(number - page for page, number in {(line.page, number) for line, number in alone})
    places = {_height(line, step) for line, number in alone if number == line.page or ahead[number - line.page] > 1}
    return (line for line, _ in alone if _height(line, step) in places)


def _height(line: PageLine, step: float) -> int:
    return round(line.bottom / max(step, 1.0))


def is_page_number(line: PageLine) -> bool:
    """Tell a line that is but a number, or ``Page 3 of 7``."""
    return _PAGE_NUMBER.fullmatch(line.text) is not None


def _margins(page: Sequence[PageLine], step: float, size: float) -> Iterator[tuple[PageLine, Place]]:
    """The lines of a page above or below its text, with their places."""
    heights = sorted({round(line.bottom, 1): None for line in page}, reverse=True)
    for is_top, ordered in ((True, heights), (False, heights[::-1])):
        edge = 0
        for at in range(min(_MOST_ROWS, len(ordered) - 1)):
            if abs(ordered[at] - ordered[at + 1]) >= _APART * step:
                edge = at + 1
        rows = set(ordered[:edge])
        outermost = ordered[0] if ordered else None
        for line in page:
            height = round(line.bottom, 1)
            is_small = height == outermost and line.size < 0.97 * size
            if height in rows or is_small:
                yield line, (is_top, _height(line, step))


def _form(line: PageLine, places: dict[int, Place]) -> tuple[Place, str]:
    return places[id(line)], re.sub(r"\d+", "#", line.text)


def _repeats(page: int, pages: Set[int], count: int) -> bool:
    return len(pages) >= max(2, count / 2) or any(0 < abs(page - other) <= _NEAR_PAGES for other in pages)


def _titles(lines: Sequence[PageLine], size: float) -> Iterator[int]:
    """Lines in large letters that stand for the first time, numbers counted: of the title, of a part."""
    seen: set[str] = set()
    for line in lines:
        if is_large(line, size) and line.text not in seen:
            seen.add(line.text)
            yield id(line)
