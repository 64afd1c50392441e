"""From an article to the passages that are searched: windows of whole sentences within a token budget."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from index.article import Article, Block, Passage, Span, searchable
from index.passage_text import row_text
from index.sentences import sentences

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Counts the tokens of each text, as the embedding model's tokenizer does, without its special tokens."""

_WORD = re.compile(r"\S+")
_LONGEST_GAP = 12
"""Code points between two paragraphs of one window that are not white space: a list marker or a quote sign."""

_LONGEST_HEADING = 300
"""Code points of a heading that its passages carry; each of them holds a copy."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not cut: a sentence or, in a sentence that exceeds the budget, a word."""

    start: int
    end: int
    tokens: int


@dataclass(frozen=True, slots=True)
class _Section:
    """The paragraphs between two headings, page boundaries or stretches of text that is not read; or one row."""

    heading: Block | None
    page: int | None
    sentences: list[Span]
    row: Block | None = None


def chunk(article: Article, count_tokens: CountTokens, budget: int) -> list[Passage]:
    """Cut the paragraphs of an article into passages, in order.

    A passage is a run of whole sentences of one section and one page. Neighbours share a sentence where the budget lets
    them, no passage lies within another, and those of a section are about equally long. A sentence that is longer than
    the budget becomes passages by itself, cut between words or, in a longer word, anywhere. Each row of a table is a
    passage by itself, or several of whole cells where it exceeds the budget.

    ``count_tokens`` is called once an article, and again for each sentence that is too long. ``budget`` is in tokens,
    for the passage and its heading together (a heading takes half of it at most); the caller leaves room for the title
    and the model's special tokens.

    :raises ValueError: if the budget is not positive.
    """
    if budget < 1:
        raise ValueError(f"the token budget is {budget}: it must be 1 or more")
    sections = list(_sections(article))
    headings = [_words_of(s.heading, article.text) for s in sections]
    spans = [span for section in sections for span in section.sentences]
    rows = [row_text(article, s.row, s.row.start, s.row.end).text for s in sections if s.row]
    texts = [article.text[start:end] for start, end in spans]
    counts = iter(count_tokens([*headings, *texts, *rows]) if sections else [])
    rooms = [max(budget - next(counts), (budget + 1) // 2) for _ in sections]
    lengths = [[_Unit(start, end, next(counts)) for start, end in section.sentences] for section in sections]
    passages = []
    for section, heading, room, units in zip(sections, headings, rooms, lengths, strict=True):
        if section.row:
            found = _row_spans(article, section.row, next(counts), count_tokens, room)
        else:
            found = list(_passage_spans(units, article.text, count_tokens, room))
        for start, end in found:
            passages.append(
                Passage(f"{article.id}:{start}-{end}", article.id, start, end, heading or None, section.page)
            )
    return passages


def _words_of(heading: Block | None, text: str) -> str:
    if heading is None:
        return ""
    return searchable(text[heading.start : min(heading.end, heading.start + _LONGEST_HEADING)]).strip()


def _sections(article: Article) -> Iterator[_Section]:
    section, heading, end = _Section(None, None, []), None, 0
    for block in article.blocks:
        if block.kind == "heading":
            heading = block
            continue
        if block.kind == "columns":
            continue
        fresh = heading is not section.heading or block.page != section.page or section.row or block.kind == "row"
        if fresh or not _is_light(article.text[end : block.start]):
            if section.sentences:
                yield section
            section = _Section(heading, block.page, [], block if block.kind == "row" else None)
        end = block.end
        if section.row:
            yield section
            continue
        spans = sentences(article.text[block.start : block.end])
        section.sentences.extend((block.start + start, block.start + stop) for start, stop in spans)
    if section.sentences:
        yield section


def _is_light(gap: str) -> bool:
    """Whether text between two paragraphs can stand inside a passage."""
    marks = "".join(gap.split())
    return len(marks) <= _LONGEST_GAP and not any(mark.isalpha() for mark in marks)


def _passage_spans(units: Sequence[_Unit], text: str, count_tokens: CountTokens, budget: int) -> Iterator[Span]:
    for too_long, group in groupby(units, key=lambda unit: unit.tokens > budget):
        if not too_long:
            yield from _windows(list(group), budget, overlap=True)
            continue
        for unit in group:
            yield from _windows(_words(unit, text, count_tokens, budget), budget, overlap=False)


def _row_spans(article: Article, row: Block, tokens: int, count_tokens: CountTokens, budget: int) -> list[Span]:
    """The row, or where it is too long as many runs of its cells as it takes, each read with the first cell."""
    if tokens <= budget:
        return [(row.start, row.end)]
    cells = [cell for cell in row.cells or ((row.start, row.end),) if cell[0] < cell[1]]
    counts = count_tokens([row_text(article, row, *cell).text for cell in cells])
    found: list[Span] = []
    used = 0
    for (start, end), count in zip(cells, counts, strict=True):
        if count > budget:
            found += _cell_spans(article, row, (start, end), count_tokens, budget)
            used = budget
        elif found and used + count <= budget:
            found[-1] = (found[-1][0], end)
            used += count
        else:
            found.append((start, end))
            used = count
    return found


def _cell_spans(article: Article, row: Block, cell: Span, count_tokens: CountTokens, budget: int) -> list[Span]:
    """A cell that exceeds the budget, cut between words, so that each piece is read with the names it belongs to."""
    [names] = count_tokens([row_text(article, row, cell[0], cell[0] + 1).text])
    [words] = count_tokens([article.text[slice(*cell)]])
    room = max(budget - names, (budget + 1) // 2)
    return list(_passage_spans([_Unit(*cell, max(words, room + 1))], article.text, count_tokens, room))


def _windows(units: Sequence[_Unit], budget: int, overlap: bool) -> list[Span]:
    """As few windows as the budget allows, and the longest of them as short as can be."""
    windows = _pack(units, budget, budget, overlap)
    low, high = 1, budget
    while low < high and len(windows) > 1:
        target = (low + high) // 2
        candidate = _pack(units, budget, target, overlap)
        if len(candidate) <= len(windows):
            windows, high = candidate, target
        else:
            low = target + 1
    return [(units[first].start, units[last].end) for first, last in windows]


def _pack(units: Sequence[_Unit], budget: int, target: int, overlap: bool) -> list[tuple[int, int]]:
    """The first and last unit of windows of ``target`` tokens; one unit with the one it shares may fill ``budget``."""
    windows: list[tuple[int, int]] = []
    fresh = 0
    while fresh < len(units):
        shares = overlap and fresh > 0 and units[fresh - 1].tokens + units[fresh].tokens <= budget
        first, last = fresh - shares, fresh
        tokens = sum(unit.tokens for unit in units[first : fresh + 1])
        while last + 1 < len(units) and tokens + units[last + 1].tokens <= target:
            last += 1
            tokens += units[last].tokens
        windows.append((first, last))
        fresh = last + 1
    return windows


def _words(unit: _Unit, text: str, count_tokens: CountTokens, budget: int) -> list[_Unit]:
    spans = [match.span() for match in _WORD.finditer(text, unit.start, unit.end)]
    counts = count_tokens([text[start:end] for start, end in spans])
    words = [_Unit(start, end, tokens) for (start, end), tokens in zip(spans, counts, strict=True)]
    return [piece for word in words for piece in _halves(word, text, count_tokens, budget)]


def _halves(word: _Unit, text: str, count_tokens: CountTokens, budget: int) -> list[_Unit]:
    """Cut a word until each piece is within the budget or one code point long, before no combining mark if possible."""
    if word.tokens <= budget or word.end - word.start < 2:
        return [word]
    middle = (word.start + word.end) // 2
    cut = next((at for at in range(middle, word.end) if not unicodedata.combining(text[at])), middle)
    left, right = count_tokens([text[word.start : cut], text[cut : word.end]])
    pieces = (_Unit(word.start, cut, left), _Unit(cut, word.end, right))
    return [half for piece in pieces for half in _halves(piece, text, count_tokens, budget)]
