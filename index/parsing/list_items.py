"""The bullets and numbers of list items, which markup and word processors draw and do not write."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from index.parsing.parts import Part

BULLET = "•"

NumberForm = Literal["1", "a", "A", "i", "I", ""]
"""How a list counts: 3, c, C, iii, III, or not."""

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MOST_LETTERS = 20


def counted(number: int, form: NumberForm) -> str:
    """A number, at least 1, as a list counts."""
    if not form or form == "1":
        return str(number) if form else ""
    text = ""
    if form in "aA":
        text = chr(ord("a") + (number - 1) % 26) * min(1 + (number - 1) // 26, _MOST_LETTERS)
    else:
        for worth, sign in _ROMAN:
            text += sign * (number // worth)
            number %= worth
    return text.upper() if form.isupper() else text


def as_item(parts: Iterable[Part], sign: str) -> Iterator[Part]:
    """The parts of a list item: its first paragraph has the sign, and each stands one level deeper."""
    for part in parts:
        if part.kind != "paragraph":
            yield part
        elif part.level:  # of a list in the item
            yield replace(part, level=part.level + 1)
        else:
            yield replace(part, sign=sign, level=1)
            sign = ""
