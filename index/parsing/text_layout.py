"""Lines, paragraphs and headings of plain text, without moving a single code point.

Hard-wrapped text, one paragraph a line, and mixtures of both are told apart by how lines end: in wrapped text most
lines stop in the middle of a sentence, and a line that stops early after the end of a sentence ends a paragraph.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.article import Block

_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_RULE = re.compile(r"[-=*_~#.•·\s]{3,}")
_SENTENCE_END = re.compile(r"[.!?…。！？｡؟۔।॥][\"'”’»›)\]」』]*$")
_BULLET = re.compile(r"(?:[-*+•‣▪◦·–]|\(?(?:\d{1,3}|[a-z])[.)])\s+\S")
_NUMBERING = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*[.)]?|[IVX]{1,5}[.)])\s+")
UNSPACED = re.compile(r"[\u2e80-\u2fdf\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Signs of scripts that put no space between words: of Chinese and Japanese."""
_LINE_BREAK = re.compile(r"[\r\n]+")

_WIDEST_WRAP = 160
"""Code points. Nobody wraps wider than this, so a longer line is a paragraph."""

_LONGEST_HEADING = 80
"""Code points."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: ``start`` and ``end`` exclude the white space around it."""

    start: int
    end: int
    indent: int
    text: str

    @property
    def ends_sentence(self) -> bool:
        """Whether the line stops where a sentence may stop."""
        return _SENTENCE_END.search(self.text) is not None

    @property
    def is_item(self) -> bool:
        """Whether the line begins as an item of a list does."""
        return _BULLET.match(self.text) is not None


Stanza = Sequence[Line]
"""Lines with no blank line between them."""


def stanzas(text: str) -> list[list[Line]]:
    """Split text at blank lines and at rules such as ``-----``."""
    found: list[list[Line]] = [[]]
    for match in _LINE.finditer(text):
        line, stripped = match[1], match[1].strip()
        if not stripped or _RULE.fullmatch(stripped):
            found.append([])
            continue
        indent = len(line) - len(line.lstrip())
        start = match.start() + indent
        found[-1].append(Line(start, start + len(stripped), indent, stripped))
    return [stanza for stanza in found if stanza]


def body_blocks(body: Sequence[Stanza]) -> list[Block]:
    """The paragraphs and headings of running text, in order."""
    groups = _paragraphs(body)
    return [_block(group, _is_heading(groups, at)) for at, group in enumerate(groups)]


def unwrap(text: str, blocks: Iterable[Block], wrap: re.Pattern[str] = _LINE_BREAK) -> str:
    """Replace each code point of a line break, or of what ``wrap`` matches, inside a block by a space (CRLF by two).

    Between signs of scripts that put no space between words, it is a zero-width one.
    """

    def space(match: re.Match[str]) -> str:
        before, behind = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
        is_unspaced = UNSPACED.match(before) and UNSPACED.match(behind)
        return ("\u200b" if is_unspaced else " ") * len(match[0])

    parts, end = [], 0
    for block in blocks:
        unwrapped = wrap.sub(space, text[block.start : block.end])
        parts += [text[end : block.start], unwrapped]
        end = block.end
    return "".join([*parts, text[end:]])


def _block(group: Stanza, heading: bool) -> Block:
    return Block(group[0].start, group[-1].end, "heading" if heading else "paragraph")


def _paragraphs(body: Sequence[Stanza]) -> list[list[Line]]:
    wrap = _wrap_width(body)
    groups: list[list[Line]] = []
    for stanza in body:
        groups.append([stanza[0]])
        margin = min(line.indent for line in stanza)
        for line, following in pairwise(stanza):
            if _breaks(line, following, wrap, margin, first=line is stanza[0]):
                groups.append([])
            groups[-1].append(following)
    return groups


def _wrap_width(body: Iterable[Stanza]) -> int | None:
    """The width in code points at which the text is wrapped, or ``None`` if a line break ends a paragraph."""
    broken = [line for stanza in body for line in stanza[:-1]]
    widths = sorted(len(line.text) for line in broken)
    within_sentence = sum(not line.ends_sentence for line in broken)
    if not broken or 2 * within_sentence < len(broken) or widths[len(widths) // 2] > _WIDEST_WRAP:
        return None
    return widths[(9 * len(widths)) // 10]


def _breaks(line: Line, following: Line, wrap: int | None, margin: int, first: bool) -> bool:
    """Tell whether a paragraph ends between two lines of a stanza."""
    if following.is_item and (line.ends_sentence or line.is_item or line.text[-1] in ":;"):
        return True
    if wrap is None or len(line.text) > _WIDEST_WRAP:
        return line.ends_sentence or not following.text[0].islower()
    next_word = following.text.split(maxsplit=1)[0]
    has_room = len(line.text) + 1 + len(next_word) < 0.8 * wrap
    if line.ends_sentence:
        return has_room or following.indent > margin
    return first and has_room and len(line.text) < 0.6 * wrap and _looks_like_heading(line, strict=True)


def _is_heading(groups: Sequence[Stanza], at: int) -> bool:
    """Only a short line between whole sentences, before a longer paragraph: what is in doubt is a paragraph."""
    group = groups[at]
    if len(group) != 1 or at + 1 == len(groups) or (at and not groups[at - 1][-1].ends_sentence):
        return False
    prose = groups[at + 1]
    longer = prose[-1].end - prose[0].start > len(group[0].text)
    return longer and prose[-1].ends_sentence and not prose[0].is_item and _looks_like_heading(group[0])


def _looks_like_heading(line: Line, strict: bool = False) -> bool:
    """Tell a heading by its form; ``strict`` asks for capitals, for places where a wrapped sentence could stand."""
    text = _NUMBERING.sub("", line.text)
    words = text.split()
    if not words or len(text) > _LONGEST_HEADING or len(words) > 12 or re.search(r"[.!?…,;:。！？，、：；]\W*$", text):
        return False
    if re.search(r"\w{2}[.!?]\s+\w", text):
        return False
    if text == text.upper() and text != text.lower():
        return True
    if not text[0].isupper() or re.search(r"\d|[\"“”«»]", text):
        return False
    return not strict or all(word[0].isupper() for word in words if len(word) > 3)
