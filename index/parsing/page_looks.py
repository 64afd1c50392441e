"""How the words of a web page look: bold, emphasis, code and links, kept beside the text that is extracted from it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from index.article import Block, Look, Style, canonical

Looks = Mapping[str, tuple[Style, ...]]
"""The styles of each paragraph, heading, item or cell that has some, by its text; counted from its beginning."""

_LOOKS: Mapping[str, Look] = {
    "a": "link",
    "b": "strong",
    "code": "code",
    "em": "emphasis",
    "i": "emphasis",
    "kbd": "code",
    "samp": "code",
    "strong": "strong",
    "tt": "code",
}
_INLINE = re.compile(
    "a|abbr|b|bdi|bdo|big|br|cite|code|data|dfn|dissolved|em|font|i|img|ins|kbd|label|mark|samp|small|span|strong|sub|sup|"
    "time|tt|u|var|wbr"
)


def looks_of(tree: etree._Element) -> Looks:
    """What the elements of a page that hold text on a line say of its looks."""
    holders = dict.fromkeys(map(_holder, tree.iter(*_LOOKS)))
    lines = (line for holder in holders if holder is not None for line in _lines(holder))
    return {line.text: line.sorted() for line in lines if line.styles and canonical(line.text) == line.text}


def placed(looks: Looks, text: str, blocks: Iterable[Block]) -> Iterator[Style]:
    """The styles of an article whose blocks, or their cells, have the very texts that ``looks`` knows."""
    for block in blocks:
        for start, end in block.cells or [(block.start, block.end)]:
            yield from (style.moved(start) for style in looks.get(text[start:end], ()))


def _holder(element: etree._Element) -> etree._Element | None:
    """The nearest element around one that is not a part of a line."""
    return next((above for above in element.iterancestors() if not _is_inline(above)), None)


def _is_inline(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and _INLINE.fullmatch(element.tag) is not None


@dataclass(frozen=True, slots=True)
class _Begun:
    """An element that has a look, and how much of the line stands before it."""

    look: Look
    value: str
    length: int
    words: int


@dataclass(slots=True)
class _Line:
    """A text with a space for each run of white space, as it grows."""

    words: list[str] = field(default_factory=list)
    length: int = 0
    is_gap: bool = False
    styles: list[Style] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.words)

    def sorted(self) -> tuple[Style, ...]:
        return tuple(sorted(self.styles, key=lambda style: (style.start, -style.end)))

    def add(self, text: str | None) -> None:
        if not text:
            return
        written = " ".join(text.split())
        self.is_gap |= text[0].isspace()
        if written:
            if self.is_gap and self.length:
                written = f" {written}"
            self.words.append(written)
            self.length += len(written)
            self.is_gap = text[-1].isspace()

    def end(self, begun: _Begun) -> None:
        """Note how the words since ``begun`` look; the space before them is none of them."""
        is_spaced = any(words.startswith(" ") for words in self.words[begun.words : begun.words + 1])
        start = begun.length + is_spaced
        if start < self.length and (begun.look != "link" or begun.value):
            self.styles.append(Style(start, self.length, begun.look, begun.value))


def _lines(holder: etree._Element) -> Iterator[_Line]:
    """The text before, between and behind the blocks in an element; what is in those is left out."""
    line = _Line()
    begun: list[_Begun] = []
    walk = etree.iterwalk(holder, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        is_words = element is holder or _is_inline(element)
        look = _LOOKS.get(element.tag) if is_words and element is not holder else None
        if event == "start" and is_words:
            line.is_gap |= element.tag == "br"
            if look:
                value = element.get("href") or "" if look == "link" else ""
                begun.append(_Begun(look, value, line.length, len(line.words)))
            line.add(element.text)
        elif event == "start":
            yield line
            line, begun = _Line(), [replace(each, length=0, words=0) for each in begun]
            walk.skip_subtree()
        elif element is not holder:
            if look:
                line.end(begun.pop())
            line.add(element.tail)
    yield line
