"""Equations of Word (OMML) and of web pages (MathML) on one line: ``(a+b)/c``, ``10^6``, ``√(x)``."""

import re
from collections.abc import Callable, Mapping

from lxml import etree

_NOT_READ = {"annotation", "annotation-xml", "ctrlPr", "del", "moveFrom", "instrText"}
_SIMPLE = re.compile(r"[\w.,′']*|[(\[{].*[)\]}]|√\(.*\)")
_UNIT = re.compile(r"(?<=\d)\x00(?=[^\W\d_]{2})")
"""Between a number and the unit or word behind it."""
_DEEPEST = 60
"""Levels of nesting; below them only the bare text is read."""


def linear(element: etree._Element, depth: int = 0) -> str:
    """The equation in one line of text, with brackets where its two dimensions showed what belongs together."""
    tag = _name(element)
    if tag in _NOT_READ or not tag or tag.endswith("Pr"):
        return ""
    if depth > _DEEPEST:
        return "".join(str(text) for text in element.itertext())
    if tag == "semantics":
        return linear(element[0], depth + 1) if len(element) else ""
    inner = [text for child in element if (text := linear(child, depth + 1)) or _name(child) in {"e", "mrow"}]
    if tag in _WAYS and len(inner) >= _WAYS[tag][0]:
        return _WAYS[tag][1](element, inner)
    if len(element) == 0:
        return " " if tag == "mspace" else _spaced(tag, element.text or "")
    return _UNIT.sub(" ", "\x00".join(inner)).replace("\x00", "")


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _spaced(tag: str, text: str) -> str:
    """The text of a leaf; of MathML without the line breaks that the source has around it."""
    return text if tag == "t" else " ".join(text.split())


def _grouped(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def _fraction(_: etree._Element, inner: list[str]) -> str:
    return f"{_grouped(inner[0])}/{_grouped(inner[1])}"


def _power(_: etree._Element, inner: list[str]) -> str:
    return f"{_grouped(inner[0])}^{_grouped(inner[1])}"


def _index(_: etree._Element, inner: list[str]) -> str:
    return f"{inner[0]}_{_grouped(inner[1])}"


def _index_and_power(_: etree._Element, inner: list[str]) -> str:
    return f"{inner[0]}_{_grouped(inner[1])}^{_grouped(inner[2])}"


def _root(element: etree._Element, inner: list[str]) -> str:
    if _name(element) == "msqrt":
        return f"√({''.join(inner)})"
    radicand, degree = (inner[0], inner[1]) if _name(element) == "mroot" else (inner[-1], "".join(inner[:-1]))
    return f"{degree if degree not in {'', '2'} else ''}√({radicand})"


def _brackets(element: etree._Element, inner: list[str]) -> str:
    properties = next(element.iterchildren("{*}dPr"), ())
    values = {_name(node): value for node in properties for key, value in node.attrib.items() if key.endswith("}val")}
    opening = element.get("open") or values.get("begChr", "(")
    closing = element.get("close") or values.get("endChr", ")")
    return f"{opening}{', '.join(inner)}{closing}"


_Write = Callable[[etree._Element, list[str]], str]
_WAYS: Mapping[str, tuple[int, _Write]] = {
    **dict.fromkeys(("f", "mfrac"), (2, _fraction)),
    **dict.fromkeys(("sSup", "msup"), (2, _power)),
    **dict.fromkeys(("sSub", "msub"), (2, _index)),
    **dict.fromkeys(("sSubSup", "msubsup"), (3, _index_and_power)),
    **dict.fromkeys(("rad", "msqrt", "mroot"), (1, _root)),
    **dict.fromkeys(("d", "mfenced"), (1, _brackets)),
}
"""For each kind of element how many parts it must have, and how it is written."""
