"""HTML between the paragraphs of Markdown: where its words stand, and what hides its tags as long as they are."""

import html
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from index.parsing.markdown_marks import UNSEEN, Edits

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
    """Words between two tags that end a paragraph."""

    start: int
    end: int
    kind: Literal["heading", "paragraph"]


def html_block(source: str, start: int, end: int) -> tuple[list[Stretch], Edits]:
    """The paragraphs in a block of HTML, and its tags and entities with what stands for them."""
    edits: Edits = {}
    found: list[Stretch] = []
    first, kind = start, "paragraph"
    for match in _TAG.finditer(source, start, end):
        name = (match[2] or "").lower()
        is_cell = name in {"td", "th"}
        if match[1] or (match[2] and name not in _INLINE):
            found += _stretch(source, first, match.start(), kind)
            first = match.end()
            kind = "heading" if name in _HEADINGS and not match[0].startswith("</") else "paragraph"
        between = " | " if is_cell and match[0].startswith("</") else " " if name == "br" else ""
        edits[match.start()] = between + UNSEEN * (len(match[0]) - len(between))
    found += _stretch(source, first, end, kind)
    for match in _ENTITY.finditer(source, start, end):
        shown = html.unescape(match[0])
        if len(shown) == 1:
            edits.setdefault(match.start(), shown.replace("\u00a0", " ") + UNSEEN * (len(match[0]) - 1))
    return found, edits


def _stretch(source: str, start: int, end: int, kind: str) -> Iterator[Stretch]:
    if start < end and re.search(r"\w", _TAG.sub("", source[start:end])):
        yield Stretch(start, end, "heading" if kind == "heading" else "paragraph")
