"""What stands beside the article of a web page: dialogs, comments, hidden elements, forms and boxes of links."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, product

from lxml import etree

from index.parsing.page_markup import INLINE
from index.parsing.page_shell import LEAST_PROSE, Lengths, prose_lengths

_DIALOGS = etree.XPath("//*[@role='dialog' or @role='alertdialog' or @aria-modal='true']")
_LISTS = etree.XPath("//*[self::div or self::section or self::aside or self::ol or self::ul][@id or @class]")
_COMMENTS = re.compile(r"(?:^|[\s_-])comment(?:s|[_-]?(?:list|thread|section|area))(?:$|[\s_-])", re.IGNORECASE)
_CONTROLS = etree.XPath("boolean(.//input[not(@type='hidden')] | .//textarea | .//select)")
_OPENED = etree.XPath("//@aria-controls | //@data-target | //@data-bs-target | //a/@href[starts-with(., '#')]")
"""What names the panels of accordions and tabs."""
_HIDES = ("hidden", "aria-hidden", "style")
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_MOST_HIDDEN = 0.2
"""The share of the text of its page that is never taken for a box because it is hidden: the rest of an article."""
_LEAST_PANELS = 3
"""Hidden elements of one tag and class with a paragraph each, to be the answers below questions, or the like."""
_MOST_PROSE = 0.5
"""The share of its text outside of links, of a box of links."""
_BOXES = {"aside", "div", "dl", "footer", "header", "nav", "ol", "section", "ul"}
_TEXTS = etree.XPath(".//text()[not(parent::script or parent::style or parent::option)]")
_FLOWING = {"p", "div", "section", "h2"}
_SET_APART = ("aside", "footer", "form", "li", "nav", "table")
_LEAST_LEAD = 80
"""Code points outside of links of a paragraph, which a date line, a name or a label is not."""


def drop_beside(tree: etree._Element, lengths: Lengths) -> int:
    """Take out dialogs and lists of readers' comments, unless they hold half of the page's text outside of links.

    :returns: how many code points outside of links were taken out.
    """
    return _drop(tree, _dialogs_and_comments(tree), lengths, lengths.get(tree, 0) / 2)


def drop_boxes(tree: etree._Element) -> int:
    """Take out what is no text of an article wherever it stands, though it may tell who wrote it and when.

    That is: what is hidden and no reader can open; forms, each with the box that it stands in; and elements beside the
    main text, or around it, whose text is mostly links. What holds half of the page's text outside of links stays, of
    hidden elements what holds a fifth.

    :returns: how many code points outside of links were taken out.
    """
    lengths = prose_lengths(tree)
    whole = lengths.get(tree, 0)
    hidden = list(_hidden(tree))
    left = _drop(tree, _never_seen(tree, hidden, lengths), lengths, whole * _MOST_HIDDEN)
    for element, name in product(hidden, _HIDES):
        element.attrib.pop(name, None)
    lengths = prose_lengths(tree)
    main = _main(lengths)
    around = {main, *main.iterancestors()} if main is not None else set()
    forms = (_box(form, lengths, around) for form in tree.iter("form") if form not in around and _CONTROLS(form))
    left += _drop(tree, forms, lengths, whole / 2)
    return left + _drop(tree, _boxes_of_links(main, lengths), lengths, whole / 2)


def join_lead(tree: etree._Element) -> None:
    """Put the paragraph between the headline and the text into the element that holds the text, where it is not."""
    from trafilatura.xpaths import BODY_XPATH  # here because it is slow to import and only web pages need it

    lengths = prose_lengths(tree)
    main, title = _main(lengths), next(tree.iter("h1"), None)
    place = next((found[0] for path in BODY_XPATH if (found := path(tree))), None)
    if main is None or title is None or place is None or place not in (main, *main.iterancestors()):
        return
    between = _between(tree, title, place)
    leads = [element for element in between if lengths[element] >= _LEAST_LEAD and _is_paragraph(element)]
    if len(leads) == 1:
        lead = leads[0]
        lead.tag, lead.tail = "p", None
        place.insert(0, lead)


def _main(lengths: Lengths) -> etree._Element | None:
    """The element that shows most text by itself and by its children, if that is as much as an article has."""
    shown = {element: _shown(element, lengths) for element in lengths}
    score = {element: shown[element] + sum(shown.get(child, 0) for child in element) for element in shown}
    main = max(score, key=lambda element: score[element], default=None)
    return main if main is not None and score[main] >= LEAST_PROSE else None


def _shown(element: etree._Element, lengths: Lengths) -> int:
    """How many code points outside of links stand in an element and in no block within it."""
    return lengths[element] - sum(lengths.get(child, 0) for child in element if child.tag not in INLINE)


def _drop(tree: etree._Element, elements: Iterable[etree._Element], lengths: Lengths, most: float) -> int:
    """Take elements out that hold less than ``most``, each with what it holds; how much that was."""
    left = 0
    for element in list(elements):
        if lengths.get(element, 0) < most and tree in element.iterancestors():
            left += lengths.get(element, 0)
            element.drop_tree()
    return left


def _dialogs_and_comments(tree: etree._Element) -> Iterator[etree._Element]:
    yield from _DIALOGS(tree)
    for item in _LISTS(tree):
        if any(_COMMENTS.search(item.get(name) or "") for name in ("id", "class")):
            yield item


def _hidden(tree: etree._Element) -> Iterator[etree._Element]:
    """The blocks that are hidden, but for those that the search of a browser finds."""
    body = tree.find("body")
    for element in body.iterdescendants(etree.Element) if body is not None else ():
        is_hidden = (
            element.get("hidden", "until-found") != "until-found"
            or element.get("aria-hidden") == "true"
            or _HIDDEN.search(element.get("style") or "")
        )
        if is_hidden and element.tag not in INLINE:
            yield element


def _never_seen(tree: etree._Element, hidden: Sequence[etree._Element], lengths: Lengths) -> Iterator[etree._Element]:
    """The hidden elements that nothing opens: no other part of the page names them, and they are no row of panels."""
    opened = {name.lstrip("#") for names in _OPENED(tree) for name in str(names).split()}
    alike = Counter(_look(element) for element in hidden if lengths.get(element, 0) >= _LEAST_LEAD)
    for element in hidden:
        if element.get("id") not in opened and alike[_look(element)] < _LEAST_PANELS:
            yield element


def _look(element: etree._Element) -> tuple[str, str]:
    return element.tag, element.get("class") or ""


def _box(form: etree._Element, lengths: Lengths, around: Collection[etree._Element]) -> etree._Element:
    """The largest element around a form that holds little else, and not the main text."""
    choices = sum(lengths.get(choice, 0) for choice in form.iter("select"))
    box, most = form, 2 * lengths.get(form, 0) - choices + LEAST_PROSE
    while (above := box.getparent()) is not None and above not in around and lengths.get(above, 0) <= most:
        box = above
    return box


def _boxes_of_links(main: etree._Element | None, lengths: Lengths) -> Iterator[etree._Element]:
    """The elements beside the main text, and beside what holds it, whose text is mostly links."""
    for level in [main, *main.iterancestors()] if main is not None else ():
        for element in chain(level.itersiblings(preceding=True), level.itersiblings()):
            is_box = element.tag in _BOXES and next(element.iter("table"), None) is None
            if is_box and lengths.get(element, 0) < _MOST_PROSE * _text_length(element):
                yield element


def _text_length(element: etree._Element) -> int:
    return sum(len(str(text).strip()) for text in _TEXTS(element))


def _between(tree: etree._Element, title: etree._Element, place: etree._Element) -> list[etree._Element]:
    """The elements behind the headline and before the text, in their order."""
    order = list(tree.iter(etree.Element))
    return order[order.index(title) + 1 : order.index(place)]


def _is_paragraph(element: etree._Element) -> bool:
    """Tell what may introduce an article: no blocks stand in it, and it in nothing that is set apart."""
    return (
        element.tag in _FLOWING
        and all(inner.tag in INLINE for inner in element.iterdescendants(etree.Element))
        and next(element.iterancestors(*_SET_APART), None) is None
    )
