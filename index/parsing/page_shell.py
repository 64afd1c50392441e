"""Web pages that put their article into an element for what surrounds articles: a form, a header, an unclosed menu."""

from lxml import etree

_AROUND = {"form", "header", "nav"}
_NO_TEXT = {"script", "style", "template", "noscript", "select", "button", "head", "svg", "textarea", "title"}
_LEAST = 150
"""Code points of text outside of links that an article has at least."""


def open_shell(tree: etree._Element) -> bool:
    """Make plain elements of those around articles that hold more than half of the page's text outside of links.

    :returns: whether there were any.
    """
    lengths: dict[etree._Element, int] = {}
    for _, element in etree.iterwalk(tree, events=("end",), tag=etree.Element):
        own = len((element.text or "").strip()) + sum(len((child.tail or "").strip()) for child in element)
        inner = sum(lengths.get(child, 0) for child in element)
        is_text = element.tag not in _NO_TEXT and not (element.tag == "a" and element.get("href"))
        lengths[element] = own + inner if is_text else 0
    whole = lengths.get(tree, 0)
    misused = [
        element for element, length in lengths.items() if element.tag in _AROUND and length > max(_LEAST, whole / 2)
    ]
    for element in misused:
        element.tag = "div"
    return bool(misused)
