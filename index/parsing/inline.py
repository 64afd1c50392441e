"""What stands inside lines of HTML and is not read as it is written: note marks, exponents, ruby, equations, pages."""

import re
from collections.abc import Iterator

from lxml import etree

from index.parsing.equations import linear
from index.parsing.superscripts import raised

_NOTE_KINDS = {"noteref", "doc-noteref"}
_NOT_READ_KINDS = {"pagebreak", "doc-pagebreak", "doc-backlink", "backlink"}
_NOTE_CLASS = re.compile(r"(?:^|[\s_-])(?:reference|footnote|noteref|fnref|cite|note|endnote)", re.IGNORECASE)
_MARK = re.compile(r"\W*(?:\d{1,4}|[a-z]|[ivxlc]{1,6})?\W*")
_DISSOLVED = "dissolved"
_TELLING = etree.XPath("//*[@role or @*[local-name() = 'type' and namespace-uri()] or @*[name() = 'epub:type']]")
_EDIT_LINKS = etree.XPath("//*[local-name() = 'span'][contains(@class, 'mw-editsection')]")
"""What MediaWiki puts behind each heading."""
_RAISED_STYLE = re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
_RAISED_CLASSES = {"sup", "super", "superscript"}
_TO_NOTES = etree.XPath("//*[local-name() = 'a'][contains(@href, '#')]")
_NOTE_TARGET = re.compile(
    r"#_?(?:fn|ftn|edn|sdfootnote|sdendnote|footnote|endnote|note|cite_note|fnref|cite_ref)", re.I
)
_LINKS = {"a", "{http://www.w3.org/1999/xhtml}a"}
_NEAR = 40
"""Code points around raised characters that tell what they are."""


def simplify(tree: etree._Element) -> None:
    """Write on the line, in place, what HTML sets above it or beside it.

    Note marks, page numbers of the printed book and readings (ruby) are emptied; exponents become ``^6``; an equation
    becomes its text.
    """
    for element in list(tree.iter("{*}rt", "{*}rp", "{*}rtc")):
        _put(element, "")
    for element in _EDIT_LINKS(tree):
        _put(element, "")
    for element in list(tree.iter("{*}math")):
        _put(element, _equation(element))
    for element in list(tree.iter("{*}del", "{*}s", "{*}strike")):
        _put(element, "")
    for element in list(tree.iter("{*}q")):
        element.text = "“" + (element.text or "")
        element.tail = "”" + (element.tail or "")
        element.tag = _DISSOLVED
    for element in tree.iter("{*}span", "{*}small", "{*}font"):
        if _RAISED_STYLE.search(element.get("style") or "") or _RAISED_CLASSES & set(
            (element.get("class") or "").split()
        ):
            element.tag = "sup"
    for element in list(tree.iter("{*}sup")):
        above = element.getparent()
        _put(element, raised(text_before(element), _text(element), _after(element), _is_link(element)))
        if above is not None and above.tag in _LINKS and len(above) == 1 and not _text(above).strip():
            _put(above, "")
    for element in _TELLING(tree):
        kinds = set(_kinds(element))
        if kinds & _NOT_READ_KINDS or (kinds & _NOTE_KINDS and _MARK.fullmatch(_text(element))):
            _put(element, "")
    for element in _TO_NOTES(tree):
        if _MARK.fullmatch(_text(element)) and (_NOTE_TARGET.search(element.get("href")) or _is_note(element)):
            _put(element, "")
    etree.strip_tags(tree, _DISSOLVED, "{*}ruby", "{*}rb")


def _put(element: etree._Element, text: str) -> None:
    """Make an element hold a text and nothing else; it is dissolved in the end."""
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = _DISSOLVED, text, tail


def _text(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext())


def _equation(element: etree._Element) -> str:
    text = (element.get("alttext") or "").strip()
    is_tex = "\\" in text or "{" in text
    return f" {text} " if text and not is_tex else f" {linear(element).strip() or text} "


def _is_link(element: etree._Element) -> bool:
    near = [element, *element.iter("{*}a"), *([above] if (above := element.getparent()) is not None else [])]
    return any(
        ("#" in (node.get("href") or ""))
        or _NOTE_KINDS & set(_kinds(node))
        or _NOTE_CLASS.search(node.get("class") or "")
        for node in near
        if isinstance(node.tag, str) and (node is element or node.tag.rpartition("}")[2] == "a")
    )


def _is_note(link: etree._Element) -> bool:
    return _NOTE_CLASS.search(link.get("class") or "") is not None


def _kinds(element: etree._Element) -> Iterator[str]:
    """What EPUB and ARIA say that an element is."""
    for name, value in element.attrib.items():
        if name == "role" or (name.rpartition("}")[2] == "type" and "}" in name) or name == "epub:type":
            yield from value.split()


def text_before(element: etree._Element) -> str:
    """The end of the text before an element, as far as it stands in one piece."""
    previous = element.getprevious()
    if previous is None:
        above = element.getparent()
        return (above.text or "")[-_NEAR:] if above is not None else ""
    if previous.tail:
        return str(previous.tail)[-_NEAR:]
    while len(previous):
        previous = previous[-1]
        if previous.tail:
            return str(previous.tail)[-_NEAR:]
    return str(previous.text or "")[-_NEAR:]


def _after(element: etree._Element) -> str:
    return (element.tail or "")[:_NEAR]
