"""What the styles of a Word document make of a paragraph: its title, a heading, or text."""

import re
from typing import Literal

from lxml import etree

from index.parsing.office_package import value

Role = Literal["title", "heading", "text"]

_HEADING = re.compile(r"heading ?[1-9]|subtitle", re.IGNORECASE)
_LOWEST_LEVEL = 8
"""Of outline levels, which count from 0; the next one is body text."""


def style_of(element: etree._Element, name: str) -> str:
    """A property that a paragraph or run has directly."""
    return next((value(node) for kind in ("rPr", "pPr") for node in element.iterfind(f"{{*}}{kind}/{{*}}{name}")), "")


class Styles:
    """The paragraph styles of a document, each with what it inherits."""

    def __init__(self, root: etree._Element | None) -> None:
        self._styles = (
            {value(style, "styleId"): style for style in root.iterfind("{*}style")} if root is not None else {}
        )
        self._roles: dict[str, Role] = {}

    def role(self, paragraph: etree._Element) -> Role:
        """What a paragraph is, by its own outline level, its style, and the styles that one is based on."""
        level = style_of(paragraph, "outlineLvl")
        if level.isdecimal():
            return "heading" if int(level) <= _LOWEST_LEVEL else "text"
        return self._of_style(style_of(paragraph, "pStyle"))

    def list_of(self, paragraph: etree._Element) -> tuple[str, int] | None:
        """The id of the list that a paragraph is an item of, and its level from 0 on, as it or its style says."""
        place: dict[str, str] = {}
        seen: set[str] = set()
        holder, key = paragraph, style_of(paragraph, "pStyle")
        while True:
            for node in holder.iterfind("{*}pPr/{*}numPr/*"):
                place.setdefault(etree.QName(node).localname, value(node))
            if "numId" in place or key in seen or key not in self._styles:
                break
            seen.add(key)
            holder = self._styles[key]
            key = next((value(node) for node in holder.iterfind("{*}basedOn")), "")
        level = place.get("ilvl", "0")
        is_item = place.get("numId", "0") not in {"0", ""} and level.isdecimal() and len(level) == 1
        return (place["numId"], int(level)) if is_item else None

    def _of_style(self, key: str) -> Role:
        if key not in self._roles:
            self._roles[key] = self._inherited(key)
        return self._roles[key]

    def _inherited(self, key: str) -> Role:
        seen: set[str] = set()
        while key in self._styles and key not in seen:
            seen.add(key)
            style = self._styles[key]
            name = next((value(node) for node in style.iterfind("{*}name")), "")
            level = style_of(style, "outlineLvl")
            if name.casefold() == "title":
                return "title"
            if _HEADING.fullmatch(name):
                return "heading"
            if level.isdecimal():
                return "heading" if int(level) <= _LOWEST_LEVEL else "text"
            key = next((value(node) for node in style.iterfind("{*}basedOn")), "")
        return "title" if key.casefold() == "title" else "heading" if _UNNAMED.fullmatch(key) else "text"


_UNNAMED = re.compile(r"heading ?[1-9]", re.IGNORECASE)
"""The id of a style that the document uses and does not define."""
