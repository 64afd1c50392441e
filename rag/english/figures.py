"""The quantities of a text as numbers, however they are written: “1,500”, “a third”, “twenty percent”. English only."""

import calendar
import re
from dataclasses import dataclass
from typing import Literal

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_LARGE = {
    "hundred": 100.0,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "dozen": 12.0,
    "decade": 10.0,
    "century": 100.0,
}
_SHORT = {"k": 1e3, "m": 1e6, "bn": 1e9}
_PARTS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "sixth": 1 / 6, "tenth": 0.1}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12,
}  # fmt: skip
_SMALL = "|".join([*_TENS, *_UNITS])
_NUMBER = re.compile(
    rf"(?P<digits>(?<![\w.,])\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|(?<![\w.,])\d+(?:\.\d+)?)(?P<short>(?:bn|[km])\b)?(?:st|nd|rd|th)?(?!\d)"
    rf"|\b(?:(?P<share>an?|one|two|three)[\s-](?P<part>{'|'.join(_PARTS)})s?|(?P<half>half))\b"
    rf"|\b(?P<words>(?:{_SMALL})(?:[\s-](?:{_SMALL}))?)\b"
    rf"|\b(?P<bare>(?:an?\s|several\s)?(?:dozen|hundred|thousand|million|decade|century))s?\b(?!\w)"
    rf"|\b(?P<ordinal>{'|'.join(_ORDINALS)})\b",
    re.IGNORECASE,
)
_LARGER = re.compile(rf"[\s-](?P<large>{'|'.join(_LARGE)})(?:s|ies)?\b", re.IGNORECASE)
_AND_A_HALF = re.compile(r"\sand\sa\shalf\b", re.IGNORECASE)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b)", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|some|nearly|almost|approximately|an estimated|close to)\s+(?:an?\s+)?$", re.IGNORECASE
)
_ABOVE = re.compile(r"\b(?:more than|over|at least|above|upwards of)\s+$", re.IGNORECASE)
_BELOW = re.compile(r"\b(?:less than|fewer than|under|at most|below|up to|no more than)\s+$", re.IGNORECASE)
_MONTH = re.compile(rf"\b(?:{'|'.join(filter(None, calendar.month_name))})\b")
_BEFORE = 24
"""Code points before a number in which a word stands that makes it inexact."""

_NEAR = 0.06
"""By how much two inexact numbers may differ, as a share of the larger."""

_FAR = 1.6
"""How many times “more than” a number may be."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at ``start:end`` of a text; ``bound`` tells whether it is meant as it stands, about, or as a limit."""

    value: float
    start: int
    end: int
    bound: Literal["=", "about", "above", "below"] = "="
    is_ordinal: bool = False

    def agrees(self, other: "Quantity") -> bool:
        """Whether both can be said of the same thing."""
        low, high = sorted((abs(self.value), abs(other.value)))
        if low == high:
            return True
        if "about" in (self.bound, other.bound):
            return high - low <= _NEAR * high
        for limit, value in ((self, other.value), (other, self.value)):
            if limit.bound == "above" and limit.value < value <= limit.value * _FAR:
                return True
            if limit.bound == "below" and limit.value / _FAR <= value < limit.value:
                return True
        return False


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text, in order. Percentages are shares of one; an ordinal is its number."""
    found: list[Quantity] = []
    at = 0
    while match := _NUMBER.search(text, at):
        value, end = _value(match), match.end()
        if match[0].lower() == "one" and not _LARGER.match(text, end):
            at = end  # a pronoun more often than a number
            continue
        while larger := _LARGER.match(text, end):
            value, end = value * _LARGE[larger["large"].lower()], larger.end()
        half = _AND_A_HALF.match(text, end)
        if half:
            value, end = value + 0.5, half.end()
        percent = _PERCENT.match(text, end)
        if percent:
            value, end = value / 100, percent.end()
        found.append(Quantity(value, match.start(), end, _bound(text, match.start()), match["ordinal"] is not None))
        at = end
    return found


def months(text: str) -> set[str]:
    """The months that a text names."""
    return set(_MONTH.findall(text))


def _bound(text: str, start: int) -> Literal["=", "about", "above", "below"]:
    before = text[max(0, start - _BEFORE) : start]
    if _ABOUT.search(before):
        return "about"
    if _ABOVE.search(before):
        return "above"
    return "below" if _BELOW.search(before) else "="


def _value(match: re.Match[str]) -> float:
    if match["digits"]:
        return float(match["digits"].replace(",", "")) * _SHORT.get((match["short"] or "").lower(), 1)
    if match["part"]:
        share = match["share"].lower()
        return _PARTS[match["part"].lower()] * (_UNITS.get(share, 1))
    if match["half"]:
        return 0.5
    if match["words"]:
        return float(sum(_TENS.get(word, _UNITS.get(word, 0)) for word in re.split(r"[\s-]", match["words"].lower())))
    if match["ordinal"]:
        return float(_ORDINALS[match["ordinal"].lower()])
    return _LARGE[match["bare"].lower().split()[-1]]
