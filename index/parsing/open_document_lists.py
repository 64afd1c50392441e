"""The numbers that an OpenDocument text draws before the items of its lists, by content.xml and styles.xml."""

from collections.abc import Mapping

from lxml import etree

from index.parsing.list_items import NumberForm, counted
from index.parsing.office_package import value

SIGN = "sign"
"""The attribute with the number of an item. No document has it: OpenDocument's own are in namespaces."""

_FORMS: tuple[NumberForm, ...] = ("a", "A", "i", "I")
_LONGEST_SIGN = 20
_DEEPEST_STYLE = 20


def number_items(content: etree._Element, styles: etree._Element | None) -> None:
    """Write the number of each item into it as :data:`SIGN`, where the style of its list has numbers."""
    roots = [root for root in (styles, content) if root is not None]
    levels = {
        (value(style, "name"), value(level, "level")): level
        for root in roots
        for style in root.iter("{*}list-style")
        for level in style.iterfind("{*}list-level-style-number")
        if value(level, "num-format")
    }
    named = {value(style, "name"): style for root in roots for style in root.iter("{*}style")}
    last: dict[tuple[str, str], int] = {}
    counts: dict[etree._Element, tuple[str, ...]] = {}
    for found in content.iter("{*}list") if levels else ():
        around = [found, *found.iterancestors("{*}list")]
        name = next(filter(None, (value(each, "style-name") or _style_of(each, named) for each in around)), "")
        key = name, str(len(around))
        if key not in levels:
            continue
        goes_on = value(found, "continue-numbering") == "true" or value(found, "continue-list")
        number = last[key] if goes_on and key in last else _number(levels[key], 1) - 1
        above = counts.get(next(found.iterancestors("{*}list-item"), found), ())
        for item in found.iterfind("{*}list-item"):
            number = _number(item, number + 1)
            counts[item] = (*above, counted(number, _form(levels[key])))
            item.set(SIGN, _sign(levels[key], counts[item]))
        last[key] = number


def _style_of(found: etree._Element, named: Mapping[str, etree._Element]) -> str:
    """The style of a list that names none: that which the style of its first paragraph names."""
    paragraph = next(found.iterfind("{*}list-item/{*}p"), None)
    name = value(paragraph, "style-name") if paragraph is not None else ""
    for _ in range(_DEEPEST_STYLE):
        if name not in named:
            break
        if of := value(named[name], "list-style-name"):
            return of
        name = value(named[name], "parent-style-name")
    return ""


def _number(element: etree._Element, otherwise: int) -> int:
    """What an item or a level begins with."""
    given = value(element, "start-value")
    return int(given) if given.isdecimal() and len(given) < 6 and int(given) else otherwise


def _form(level: etree._Element) -> NumberForm:
    return next((form for form in _FORMS if form == value(level, "num-format")), "1")


def _sign(level: etree._Element, counts: tuple[str, ...]) -> str:
    """A number as its level writes it: “2.”, “(b)”, or with those above it, “2.1.”."""
    shown = value(level, "display-levels")
    words = ".".join(counts[-(int(shown) if shown.isdecimal() and len(shown) < 3 and int(shown) else 1) :])
    return f"{value(level, 'num-prefix')}{words}{value(level, 'num-suffix')}".strip()[:_LONGEST_SIGN]
