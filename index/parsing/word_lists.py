"""The bullets and numbers that a Word document draws before the items of its lists."""

from collections import defaultdict

from lxml import etree

from index.parsing.list_items import BULLET, NumberForm, counted
from index.parsing.office_package import value

_DEEPEST = 8
"""Of the levels of a list, which count from 0."""
_LONGEST_SIGN = 20
_FORMS: dict[str, NumberForm] = {
    "lowerLetter": "a",
    "upperLetter": "A",
    "lowerRoman": "i",
    "upperRoman": "I",
    "none": "",
}


class Lists:
    """The lists of a document, which count their items as they are met in order."""

    def __init__(self, root: etree._Element | None) -> None:
        """:param root: of ``numbering.xml``; None when the document has none."""
        found = root.iterfind("{*}abstractNum") if root is not None else ()
        kinds = {value(kind, "abstractNumId"): kind for kind in found}
        numbers = root.iterfind("{*}num") if root is not None else ()
        self._kinds = {value(num, "numId"): kinds.get(_child(num, "abstractNumId")) for num in numbers}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)

    def sign(self, list_id: str, level: int) -> str:
        """The sign of the next item of a list; a bullet where the document does not tell."""
        kind = self._kinds.get(list_id)
        levels = {value(each, "ilvl"): each for each in kind.iterfind("{*}lvl")} if kind is not None else {}
        own = levels.get(str(level))
        if own is None or _child(own, "numFmt") in {"bullet", ""}:
            return BULLET
        counts = self._counts[list_id]
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        counts[level] = counts[level] + 1 if level in counts else _start(own)
        sign = _child(own, "lvlText")
        for each in range(_DEEPEST + 1):
            if f"%{each + 1}" in sign:
                of = levels.get(str(each), own)
                sign = sign.replace(
                    f"%{each + 1}", counted(counts.get(each, _start(of)), _FORMS.get(_child(of, "numFmt"), "1"))
                )
        return sign.strip()[:_LONGEST_SIGN]


def _child(element: etree._Element, name: str) -> str:
    return next((value(node) for node in element.iterfind(f"{{*}}{name}")), "")


def _start(level: etree._Element) -> int:
    start = _child(level, "start")
    return int(start) if start.isdecimal() and len(start) < 6 else 1
