"""Where a text names quantities: “1,500”, “half a million”, “two hundred and fifty”, “twenty per cent”. English only.

What each of them stands for is told by :mod:`rag.english.quantities`.
"""

import re
from dataclasses import dataclass

from text_to_num import alpha2digit

from rag.english.quantities import Quantity, compared
from rag.english.quantities import quantities as readings_of

_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_LARGE = "hundred|thousand|million|billion|trillion|dozen"
_WORD = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    f"nineteen|{_TENS}|{_LARGE}"
)
_ORDINAL = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
    "sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|fortieth|fiftieth|hundredth"
)
_MAGNITUDE = r"(?:thousand|million|billion|trillion|mln|bln|mn|bn|tn|[kmb])"
_SHARE = r"(?:\s?(?:%|per\s?cent\b|percentage points?\b))"
_RUN = rf"(?:{_WORD})(?:[ -](?:{_WORD}))*"
_SPELT = rf"{_RUN}(?:(?:(?<=hundred)|(?<=thousand)|(?<=million)) and {_RUN})?"
_AND_A_HALF = rf"(?: and a half(?: {_MAGNITUDE}\b)?)?"
_FIGURE = re.compile(
    rf"(?P<ordinal>(?<![\w.,])\d+(?:st|nd|rd|th)\b|\b(?:(?:{_TENS})[ -])?(?:{_ORDINAL})\b)"
    rf"|(?:(?:us\$|[$€£¥₹]|\b(?:eur|usd|gbp|rs)\.?)\s?|(?<![\w.,]))\d+(?:,\d{{3}})*(?:\.\d+)?"
    rf"(?:\s?-?{_MAGNITUDE}(?![a-z]))?{_AND_A_HALF}{_SHARE}?"
    rf"|\b(?:an?|one|two|three)[ -](?:third|quarter|fifth|tenth)s?\b"
    rf"|\bhalf (?:of )?an? (?:million|billion|dozen|hour|century|mile)\b|\bhalf (?:of )?a percentage point\b|\bhalf\b"
    rf"|\bone in (?:every )?(?:{_WORD})\b"
    rf"|\b(?:tens|dozens|scores|hundreds|thousands|millions)\b(?: of (?:thousands|millions|billions))?"
    rf"|\b(?:several|a few) (?:{_LARGE})\b|\ban? (?:{_LARGE}|decade|century)\b"
    rf"|\b{_SPELT}{_AND_A_HALF}{_SHARE}?",
    re.IGNORECASE | re.ASCII,
)
_AROUND = 40
"""Code points on both sides of a number in which hedges and units stand."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number at ``start:end`` of a text and what it may stand for; an ordinal is its number."""

    start: int
    end: int
    readings: tuple[Quantity, ...]
    is_ordinal: bool = False

    def agrees(self, other: "Figure") -> bool:
        """Whether both can be said of the same thing; a number that nothing hedges is meant as it stands."""
        return self.is_ordinal == other.is_ordinal and any(
            compared(mine, yours, rounded=False) in ("same", "compatible")
            for mine in self.readings
            for yours in other.readings
        )


def figures(text: str) -> list[Figure]:
    """The numbers of a text, in order."""
    found = []
    for match in _FIGURE.finditer(text):
        start, end = match.span()
        if match["ordinal"]:
            number = alpha2digit(match["ordinal"].lower(), "en", 0.0).rstrip("stndrh")
            readings = readings_of(number) if number.isdigit() else []
        elif match[0].lower() == "one":
            continue  # a pronoun more often than a number
        else:
            readings = readings_of(match[0], text[max(0, start - _AROUND) : start], text[end : end + _AROUND])
        if readings:
            found.append(Figure(start, end, tuple(readings), match["ordinal"] is not None))
    return found
