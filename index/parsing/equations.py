"""Equations of Word (OMML) and of web pages (MathML) on one line: ``(a+b)/c``, ``10^6``, ``√(x)``, ``∑_(i=1)^n x``."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from lxml import etree

_NOT_READ = {"annotation", "annotation-xml", "del", "moveFrom", "instrText"}
_SIMPLE = re.compile(r"[\w.,′'∞]*|[(\[{].*[)\]}]|√\(.*\)")
_UNIT = re.compile(r"(?<=\d)\x00(?=[^\W\d_]{2})")
"""Between a number and the unit or word behind it."""
_SEAM = "\x01"
_SEAMS = re.compile(r"(?<=\w)\x01+(?=\w)")
"""What stands around words such as ``sin``, and where it parts them from others."""
_STRETCHED = re.compile(r"[^\w\s]?")
"""An arrow, a bar or a brace over or under a term."""
_LARGE = frozenset("∑∏∐∫∬∭∮⋀⋁⋂⋃")
_DEEPEST = 60
"""Levels of nesting; below them only the bare text is read."""


def linear(element: etree._Element) -> str:
    """The equation in one line of text, with brackets where its two dimensions showed what belongs together."""
    return _SEAMS.sub(" ", _line(element, 0)).replace(_SEAM, "")


def _line(element: etree._Element, depth: int) -> str:
    tag = _name(element)
    if tag in _NOT_READ or not tag or tag.endswith("Pr"):
        return ""
    if depth > _DEEPEST:
        return "".join(str(text) for text in element.itertext())
    children = [child for child in element if _name(child)]
    if tag == "semantics":
        return _line(children[0], depth + 1) if children else ""
    inner = [text for child in children if (text := _line(child, depth + 1)) or _name(child) in _MAY_BE_EMPTY]
    if tag in _WAYS and len(inner) >= _WAYS[tag][0]:
        return _WAYS[tag][1](element, inner)
    if not children:
        return " " if tag == "mspace" else _leaf(tag, element)
    return _UNIT.sub(" ", "\x00".join(inner)).replace("\x00", "")


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _leaf(tag: str, element: etree._Element) -> str:
    """The text around comments in it; of MathML without the line breaks that the source has, and what is not seen."""
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    if tag == "t":
        return text
    text = " ".join(text.translate(_INVISIBLE).split())
    if tag == "mtext":
        return f" {text} "
    return f"{_SEAM}{text}{_SEAM}" if len(text) > 1 and text.isalpha() else text


def _grouped(text: str) -> str:
    text = text.strip(_SEAM + " ")
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def _fraction(_: etree._Element, inner: Sequence[str]) -> str:
    return f"{_grouped(inner[0])}/{_grouped(inner[1])}"


def _power(_: etree._Element, inner: Sequence[str]) -> str:
    return _scripted(inner[0], "", inner[1])


def _index(_: etree._Element, inner: Sequence[str]) -> str:
    return _scripted(inner[0], inner[1], "")


def _index_and_power(_: etree._Element, inner: Sequence[str]) -> str:
    return _scripted(inner[0], inner[1], inner[2])


def _scripted(base: str, below: str, above: str) -> str:
    """A term with its scripts; what a sum or an integral is of stands apart from them."""
    base = base.strip(_SEAM + " ")
    scripts = (f"_{_grouped(below)}" if below else "") + (f"^{_grouped(above)}" if above else "")
    return f"{base}{scripts}{' ' if scripts and base in _LARGE else ''}"


def _over(_: etree._Element, inner: Sequence[str]) -> str:
    """A term with what stands above it: a sign that is stretched over it is left out."""
    return inner[0] if _STRETCHED.fullmatch(inner[1]) else _scripted(inner[0], "", inner[1])


def _under(_: etree._Element, inner: Sequence[str]) -> str:
    return inner[0] if _STRETCHED.fullmatch(inner[1]) else _scripted(inner[0], inner[1], "")


def _large_operator(element: etree._Element, inner: Sequence[str]) -> str:
    """A sum or an integral of Word: its sign stands in its properties."""
    sign = _properties(element).get("chr", "∫")
    return f"{_scripted(sign, inner[0], inner[1]).strip()} {inner[2]}"


def _function(_: etree._Element, inner: Sequence[str]) -> str:
    return f"{inner[0]}{'' if inner[1].startswith('(') else ' '}{inner[1]}"


def _accent(element: etree._Element, inner: Sequence[str]) -> str:
    sign = _properties(element).get("chr", "\u0302")
    return inner[0] + (sign if len(inner[0]) == 1 and unicodedata.combining(sign[:1]) else "")


def _matrix(_: etree._Element, inner: Sequence[str]) -> str:
    return "; ".join(inner)


def _row(_: etree._Element, inner: Sequence[str]) -> str:
    return " ".join(inner)


def _root(element: etree._Element, inner: Sequence[str]) -> str:
    if _name(element) == "msqrt":
        return f"√({''.join(inner)})"
    radicand, degree = (inner[0], inner[1]) if _name(element) == "mroot" else (inner[-1], "".join(inner[:-1]))
    return f"{degree if degree not in {'', '2'} else ''}√({radicand})"


def _brackets(element: etree._Element, inner: Sequence[str]) -> str:
    values = _properties(element)
    opening = element.get("open") or values.get("begChr", "(")
    closing = element.get("close") or values.get("endChr", ")")
    return f"{opening}{', '.join(inner)}{closing}"


def _properties(element: etree._Element) -> dict[str, str]:
    """What the properties of an element of Word say, by their names."""
    properties = next((child for child in element if _name(child).endswith("Pr")), ())
    return {_name(node): value for node in properties for key, value in node.attrib.items() if key.endswith("}val")}


_INVISIBLE = dict.fromkeys(range(0x2061, 0x2065))
"""Signs that only tell programs of a product or the use of a function."""
_MAY_BE_EMPTY = {"e", "mrow", "sub", "sup", "none"}
_Write = Callable[[etree._Element, Sequence[str]], str]
_WAYS: Mapping[str, tuple[int, _Write]] = {
    **dict.fromkeys(("f", "mfrac"), (2, _fraction)),
    **dict.fromkeys(("sSup", "msup"), (2, _power)),
    **dict.fromkeys(("sSub", "msub"), (2, _index)),
    **dict.fromkeys(("sSubSup", "msubsup", "munderover"), (3, _index_and_power)),
    **dict.fromkeys(("limUpp", "groupChr", "mover"), (2, _over)),
    **dict.fromkeys(("limLow", "munder"), (2, _under)),
    **dict.fromkeys(("rad", "msqrt", "mroot"), (1, _root)),
    **dict.fromkeys(("d", "mfenced"), (1, _brackets)),
    **dict.fromkeys(("m", "eqArr", "mtable", "mstack", "mlongdiv", "msgroup"), (1, _matrix)),
    **dict.fromkeys(("mr", "mtr"), (1, _row)),
    "nary": (3, _large_operator),
    "func": (2, _function),
    "acc": (1, _accent),
}
"""For each kind of element how many parts it must have, and how it is written."""
