"""The bullets and numbers of list items, which markup and word processors draw and do not write."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from index.parsing.parts import Part

BULLET = "•"


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
