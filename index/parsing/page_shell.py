"""Where the article of a web page stands: in elements for what surrounds articles, or in none that says so."""

from lxml import etree

_AROUND = {"aside", "button", "fieldset", "footer", "form", "header", "label", "nav", "noscript", "select"}
_NO_TEXT = {"script", "style", "template", "head", "svg", "textarea", "title"}
LEAST_PROSE = 150
"""Code points of text outside of links that an article has at least."""
_LEAST_IN_HEADER = 60
"""Code points outside of links of a header from which on it is the beginning of the article, not that of the site."""
_MOST_PROSE = 0.8
"""The share of its text outside of links that an element has from one of its own, which is looked into then."""
_MOST_LINKS = 0.35
"""The share of text in links of an element that holds an article."""
_FLOWING = {"article", "body", "center", "div", "main", "section", "td"}
Lengths = dict[etree._Element, int]
"""How many code points of text outside of links each element holds."""


def open_shell(tree: etree._Element) -> bool:
    """Make plain elements of those around articles that hold more than half of the page's text outside of links.

    :returns: whether there were any.
    """
    lengths = prose_lengths(tree)
    whole = lengths.get(tree, 0)
    misused = [
        element
        for element, length in lengths.items()
        if element.tag in _AROUND and length > max(LEAST_PROSE, whole / 2)
    ]
    for element in misused:
        element.tag = "div"
    return bool(misused)


def frame_article(tree: etree._Element) -> int:
    """Put the text of a page in which nothing says where its article stands into an element that does.

    :returns: how many code points outside of links stand beside it.
    """
    from trafilatura.xpaths import BODY_XPATH  # here because it is slow to import and only web pages need it

    body = tree.find("body")
    if body is None or any(place(tree) for place in BODY_XPATH):
        return 0
    lengths = prose_lengths(body)
    whole = lengths[body]
    found = body
    while (inner := next((child for child in found if _holds(child, lengths, lengths[found])), None)) is not None:
        found = inner
    words = sum(len(str(text).strip()) for text in found.itertext())
    if whole < LEAST_PROSE or words - lengths[found] > _MOST_LINKS * words:
        return 0
    frame = etree.Element("div", {"role": "article"})
    frame.text, found.text = found.text, None
    found.tag = "div" if found.tag == "form" else found.tag
    for header in found.iterchildren("header"):
        if lengths.get(header, 0) >= _LEAST_IN_HEADER:
            header.tag = "div"
    frame.extend([child for child in found if child.tag not in _AROUND])
    found.insert(0, frame)
    return whole - lengths[found]


def _holds(child: etree._Element, lengths: Lengths, whole: int) -> bool:
    return child.tag in _FLOWING | {"form", "table", "tbody", "tr"} and lengths.get(child, 0) > _MOST_PROSE * whole


def prose_lengths(tree: etree._Element) -> Lengths:
    """How many code points of text outside of links each element holds."""
    lengths: Lengths = {}
    for _, element in etree.iterwalk(tree, events=("end",), tag=etree.Element):
        own = len((element.text or "").strip()) + sum(len((child.tail or "").strip()) for child in element)
        inner = sum(lengths.get(child, 0) for child in element)
        is_text = element.tag not in _NO_TEXT and not (element.tag == "a" and element.get("href"))
        lengths[element] = own + inner if is_text else 0
    return lengths
