"""Unusual markup of web pages, made what it stands for: line breaks for paragraphs, tables of ``div``, old elements."""

import re
from collections.abc import Iterator

from lxml import etree

_MEANT = {"xmp": "pre", "listing": "pre", "plaintext": "pre", "menu": "ul", "dir": "ul", "center": "div"}
_ROLES = {
    "table": "table",
    "grid": "table",
    "row": "tr",
    "cell": "td",
    "gridcell": "td",
    "rowheader": "th",
    "columnheader": "th",
}
INLINE = {
    *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "dissolved", "em"),
    *("font", "i", "img", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup"),
    *("time", "tt", "u", "var", "wbr"),
}
_KEEPS_LINES = {"pre", "textarea", "code"}
_BUTTONS = etree.XPath("//p//button[not(*)]")
_ROWS = {"div", "li", "a", "dd"}
_CAPTION = etree.XPath("//figcaption | //*[self::p or self::div or self::span][contains(@class, 'caption')]")
_SEPARATE = re.compile(r"\w\w\W?$")
_BEGINS = re.compile(r"\W?[A-Z\d]")


def regularise(tree: etree._Element) -> None:
    """Change a tree in place: two line breaks end a paragraph, roles and old names become elements of today."""
    for element in tree.iter(*_MEANT):
        element.tag = _MEANT[element.tag]
    for element in tree.iter("div", "span"):
        element.tag = _ROLES.get(element.get("role") or "", element.tag)
    for dialog in tree.iter("dialog"):
        if dialog.get("open") is not None:
            dialog.tag = "div"
    for caption in _CAPTION(tree):
        caption.attrib.pop("class", None)
        caption.tag = "div" if any(child.tag in {"p", "div"} for child in caption) else "p"
    for figure in tree.iter("figure"):
        figure.tag = "div"
    for button in _BUTTONS(tree):
        button.tag = "span"
    for parent in dict.fromkeys(line_break.getparent() for line_break in tree.iter("br") if _is_doubled(line_break)):
        _divide(parent)
    for row in dict.fromkeys(span.getparent() for span in tree.iter("span") if not span.tail):
        if row is not None and row.tag in _ROWS:
            _separate(row)


def _is_doubled(line_break: etree._Element) -> bool:
    following = line_break.getnext()
    return following is not None and following.tag == "br" and _is_blank(line_break.tail)


def _divide(parent: etree._Element | None) -> None:
    """Make a paragraph of each run of text between two line breaks, or blocks."""
    if parent is None or any(above.tag in _KEEPS_LINES for above in [parent, *parent.iterancestors()]):
        return
    if parent.tag in INLINE or parent.tag == "p":
        parent.tag = "div"
    text, children = parent.text, list(parent)
    parent.text = None
    for child in children:
        parent.remove(child)
    for run in _runs(text, children):
        parent.append(run)


def _runs(text: str | None, children: list[etree._Element]) -> Iterator[etree._Element]:
    paragraph = etree.Element("p")
    paragraph.text = text
    for at, child in enumerate(children):
        ends = child.tag == "br" and at + 1 < len(children) and children[at + 1].tag == "br" and _is_blank(child.tail)
        is_block = isinstance(child.tag, str) and child.tag not in INLINE
        if not (ends or is_block):
            paragraph.append(child)
            continue
        if _has_text(paragraph):
            yield paragraph
        paragraph = etree.Element("p")
        if is_block:
            paragraph.text, child.tail = child.tail, None
            yield child
    if _has_text(paragraph):
        yield paragraph


def _has_text(element: etree._Element) -> bool:
    return any(child.tag != "br" for child in element) or not _is_blank("".join(map(str, element.itertext())))


def _is_blank(text: str | None) -> bool:
    return not (text or "").strip()


def _separate(row: etree._Element) -> None:
    """Put spaces between parts of a row that only its style sets apart."""
    parts = list(row)
    if not _is_blank(row.text) or not all(part.tag == "span" and not part.tail for part in parts[:-1]):
        return
    texts = ["".join(part.itertext()) for part in parts]
    for part, text, following in zip(parts, texts, texts[1:], strict=False):
        if _SEPARATE.search(text) and _BEGINS.match(following):
            part.tail = " "
