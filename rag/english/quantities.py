"""Quantities as articles write them: “40m”, “about forty million”, “an hour and a half”, “a third”. English only.

Number words are read by text2num. What it leaves, magnitudes behind figures, units and what hedges a number, is here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from text_to_num import alpha2digit

Relation = Literal["same", "compatible", "contradicting"]

_MAGNITUDES = {"hundred": 1e2, "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6}
_MAGNITUDES |= {"b": 1e9, "bn": 1e9, "billion": 1e9, "tn": 1e12, "trillion": 1e12, "dozen": 12.0}
_MAGNITUDES |= {"mln": 1e6, "bln": 1e9, "lakh": 1e5, "crore": 1e7}
_MEASURES: Mapping[str, Mapping[str, float]] = {
    "share": {"%": 0.01, "percent": 0.01, "per cent": 0.01, "percentage point": 0.01},
    "euro": {"€": 1, "euro": 1, "eur": 1},
    "dollar": {"$": 1, "us$": 1, "dollar": 1, "usd": 1},
    "pound": {"£": 1, "pound": 1, "gbp": 1},
    "crown": {"crown": 1, "kroner": 1, "krone": 1, "kronor": 1},
    "yen": {"¥": 1, "yen": 1},
    "rupee": {"₹": 1, "rupee": 1, "rs": 1},
    "yuan": {"yuan": 1, "renminbi": 1},
    "rouble": {"rouble": 1, "ruble": 1},
    "franc": {"franc": 1, "chf": 1},
    "peso": {"peso": 1},
    "zloty": {"zloty": 1, "zlotys": 1},
    "coin": {"cent": 1, "penny": 1, "pence": 1},
    "length": {
        "mm": 0.001,
        "millimetre": 0.001,
        "millimeter": 0.001,
        "cm": 0.01,
        "centimetre": 0.01,
        "centimeter": 0.01,
    }
    | {"m": 1, "metre": 1, "meter": 1, "km": 1000, "kilometre": 1000, "kilometer": 1000, "mile": 1609.344}
    | {"yard": 0.9144, "foot": 0.3048, "feet": 0.3048, "ft": 0.3048, "inch": 0.0254, "inches": 0.0254},
    "mass": {"g": 0.001, "gram": 0.001, "gramme": 0.001, "kg": 1, "kilo": 1, "kilogram": 1, "tonne": 1000, "ton": 1000}
    | {"metric ton": 1000, "metric tonne": 1000},
    "time": {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2629746, "year": 31556952}
    | {"sec": 1, "min": 60, "hr": 3600, "decade": 315569520, "century": 3155695200, "centuries": 3155695200},
    "area": {"hectare": 1e4, "acre": 4046.86, "square metre": 1, "square kilometre": 1e6, "square mile": 2589988}
    | {"square meter": 1, "square kilometer": 1e6},
    "volume": {"litre": 1, "liter": 1, "gallon": 3.785, "barrel": 158.987, "cubic metre": 1000, "cubic meter": 1000},
    "speed": {"km/h": 1, "kmh": 1, "kph": 1, "kilometres per hour": 1, "kilometres an hour": 1}
    | {"kilometers per hour": 1, "kilometers an hour": 1, "mph": 1.609344, "miles per hour": 1.609344}
    | {"miles an hour": 1.609344, "knot": 1.852},
    "temperature": {"degree": 1, "°c": 1, "°": 1, "degrees celsius": 1, "degrees centigrade": 1},
    "fahrenheit": {"°f": 1, "degrees fahrenheit": 1},
    "power": {"kw": 1, "kilowatt": 1, "mw": 1e3, "megawatt": 1e3, "gw": 1e6, "gigawatt": 1e6},
}
_UNITS = {
    name: (measures, size)
    for measures, sizes in _MEASURES.items()
    for unit, size in sizes.items()
    for name in (unit, f"{unit}s")
}
"""A unit by each of its names: what it measures, and how many of the base unit it is."""

_SIGN = r"(?:us\$|[$€£¥₹]|(?<![a-z])(?:eur|usd|gbp|rs)(?=\.?\s?\d))"
_MINUS = r"(?:(?<![\w.,)])[-−](?=[$€£¥₹]?\d))"
_FIGURE = r"(?:\d{1,3}(?:[,  ’']\d{3})+(?![\d])(?:\.\d+)?|\d+(?:\.\d+)?)"
_MAGNITUDE = rf"(?:{'|'.join(sorted(map(re.escape, _MAGNITUDES), key=len, reverse=True))})"
_WORD_UNITS = sorted((re.escape(name) for name in _UNITS if name not in {"m", "g"}), key=len, reverse=True)
_UNIT = rf"(?:{'|'.join(_WORD_UNITS)}|m|g)"
_QUANTITY = re.compile(
    rf"(?P<minus>{_MINUS})?(?P<sign>{_SIGN})?\.?\s?(?P<figure>{_FIGURE})(?P<half>-and-a-half)?"
    rf"(?:\s?-?(?P<magnitude>{_MAGNITUDE})s?(?![a-z]))?"
    rf"(?:\s?-?(?P<unit>{_UNIT})(?![a-z]))?(?P<after>-and-a-half)?"
)
_ONE = re.compile(
    r"(^|\b(?:about|around|over|under|nearly|almost|than|least|to|of|for|some|in) )an? "
    r"(?=(?:hundred|thousand|million|billion|dozen|hour|day|week|month|year|decade|century|mile)\b)"
)
_ZEROS = {"1000000000": "billion", "1000000": "million", "1000": "thousand", "100": "hundred"}
"""What text2num makes of a magnitude behind figures, “1.2 1000000”, and what it was."""
_FRACTIONS = [
    (
        re.compile(
            r"(?<!and )(?<!and a )\b(?:a |one[ -])?half(?: of)?(?: an?)? "
            r"(?=million|billion|hour|dozen|mile|year|per ?cent|percentage point)"
        ),
        "0.5 ",
    ),
    (re.compile(r"\b(?:a |one[ -])?quarter of a (?=million|billion|mile|century)"), "0.25 "),
    (re.compile(r"\bthree[ -]quarters of an? (?=million|billion|mile|hour|century)"), "0.75 "),
    (re.compile(r"\bthree[ -]quarters\b"), "75 %"),
    (re.compile(r"\btwo[ -]thirds\b"), "66.67 %"),
    (re.compile(r"\b(?:a|one)[ -]third\b"), "33.33 %"),
    (re.compile(r"\b(?:a|one)[ -]quarter\b"), "25 %"),
    (re.compile(r"\b(?:a|one)[ -]fifth\b"), "20 %"),
    (re.compile(r"\b(?:a|one)[ -]tenth\b"), "10 %"),
    (re.compile(r"(?<!and a )\b(?:one[ -])?half\b(?! past)"), "50 %"),
]
_IN_FIGURES = re.compile(r"\d|%|\bper")
_IN_N = re.compile(r"\b(\d{1,2}) (?:in|out of)(?: every)? (\d{1,3})\b(?! ?%)")
"""“one in five”, figures in place of its words."""
_VAGUE = {
    "tens": (15, 200),
    "dozens": (20, 200),
    "scores": (30, 200),
    "hundreds": (150, 2000),
    "thousands": (1500, 2e4),
    "millions": (1.5e6, 2e7),
    "several": (3, 12),
    "a few": (2, 8),
    "a couple": (2, 3),
}
_VAGUELY = re.compile(rf"\b({'|'.join(_VAGUE)})\b(?: of)?(?: (hundred|thousand|million|billion)s?\b)?")
_HEDGES = {
    "about around some roughly approximately circa almost nearly estimated perhaps maybe": (0.87, 1.13),
    "close to|just under|just over|a little over|a little under|slightly more than|slightly less than": (0.87, 1.13),
    "up to|at most|(?:no|not) more than|(?<!no )(?:less|fewer) than|under|below|as many as|a maximum of|not quite": (
        0.67,
        1.0,
    ),
    "more than|over|at least|upwards of|exceeding|a minimum of|no fewer than|no less than|above": (1.0, 1.5),
}
_HEDGE = [
    (re.compile(rf"\b(?:{names if '|' in names else names.replace(' ', '|')})\W*$"), bounds)
    for names, bounds in _HEDGES.items()
]
_HEDGED_AFTER = re.compile(r"\s*(?:(?P<about>or so)|or more|and (?:more|over|above)|plus\b|\+)")
_TO = re.compile(r"\s?(?:to|or|[-–])\s?")
_AND = re.compile(r"\s?(?:to|and|[-–])\s?")
_BETWEEN = re.compile(r"\bbetween\s*$")
_ROUNDED = 0.035
"""How far from the exact number a rounded one may lie that nothing hedges, as a share of it."""

_ROUNDED_PLACE = 0.05
"""The same for a number that is given to fewer places than the other: “£1.2bn”, “£1.25bn”."""

_FRACTION = 0.02
"""How far from a fraction in words the true share may lie, in parts of the whole."""

_MOST_ZEROS = 15
"""Zeros at the end of a number that tell how far it is rounded."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the base unit of what it ``measures``, empty for a count.

    ``low`` to ``high`` is where the true number may lie. ``step`` is half a unit of the last place that was given,
    ``rounding`` half of that of the last figure that is not zero: 0.5 and 500 for “12,000”.
    """

    number: float
    low: float
    high: float
    measures: str
    unit: str
    step: float
    rounding: float


def quantities(text: str, before: str = "", after: str = "") -> list[Quantity]:
    """What the quantity that ``text`` names may be: none or one, or two where “m” may be metres or millions.

    :param before: what stands before it in its sentence, where a hedge or a sign of a currency may be.
    :param after: what stands behind it, where a magnitude or a unit may be.
    """
    vague = _VAGUELY.search(text.lower())
    if vague:
        low, high = (bound * _MAGNITUDES.get(vague[2] or "", 1.0) for bound in _VAGUE[vague[1]])
        return [Quantity((low + high) / 2, low, high, "", "", 0.5, 0.5)]
    plain = _plain(text)
    whole = _plain(text + re.split(r"[.;:()](?:\s|$)", after, maxsplit=1)[0].rstrip())
    sign = re.search(rf"{_SIGN}\s?$", before.lower())
    matches = list(_QUANTITY.finditer(plain))
    if not matches:
        return []
    first = _QUANTITY.search((sign[0] if sign else "") + whole[matches[0].start() :])
    if not first:
        return []
    amount = _sum([first, *_joined(plain, matches)])
    stands_before = _plain(before) + " " + plain[: matches[0].start()]
    if spread := _range(first, _AND if _BETWEEN.search(stands_before) else _TO):
        return [spread]
    if amount.measures == "share" and not _IN_FIGURES.search(text.lower()):
        low, high = amount.number - _FRACTION, amount.number + _FRACTION
        return [replace(amount, low=low, high=high)]
    behind = _HEDGED_AFTER.match(first.string, first.end())
    if behind:
        stands_before = "about " if behind["about"] else "at least "
    found = [_hedged(amount, stands_before)]
    if first["magnitude"] == "m" and not first["sign"]:
        number, step, rounding = (part / 1e6 for part in (amount.number, amount.step, amount.rounding))
        found.append(_hedged(Quantity(number, number, number, "length", "m", step, rounding), stands_before))
    return found


def compared(one: Quantity, other: Quantity, *, rounded: bool = True) -> Relation | None:
    """What two quantities are to each other; None when they measure different things.

    :param rounded: whether a number that nothing hedges may be a rounded one.
    """
    if one.measures != other.measures:
        if "share" in (one.measures, other.measures) or (one.measures and other.measures):
            return None
        one, other = _bare(one), _bare(other)
    apart = abs(one.number - other.number)
    slack = 1e-6 * max(abs(one.number), abs(other.number))
    if one.unit != other.unit and one.measures == other.measures and one.measures:
        slack += min(one.step, other.step)
    if apart <= slack:
        return "same"
    if _reaches(one, other, rounded) or _reaches(other, one, rounded):
        return "compatible"
    return "contradicting"


def _reaches(one: Quantity, other: Quantity, rounded: bool) -> bool:
    """Whether ``one`` may be a rounded or hedged way to say ``other``."""
    rounding = min(one.rounding, _ROUNDED * abs(one.number)) if rounded and one.rounding > one.step else 0.0
    if rounded and one.step > other.step:
        rounding = max(rounding, min(one.step, _ROUNDED_PLACE * abs(one.number)))
    slack = 1e-9 * abs(one.number)
    return other.high >= one.low - rounding - slack and other.low <= one.high + rounding + slack


def _bare(quantity: Quantity) -> Quantity:
    """As a count: the number that was written, when only one of two says what it measures."""
    size = _UNITS[quantity.unit][1] if quantity.unit else 1.0
    low, high, step, rounding = (
        part / size for part in (quantity.low, quantity.high, quantity.step, quantity.rounding)
    )
    return Quantity(quantity.number / size, low, high, "", "", step, rounding)


def _plain(text: str) -> str:
    """In lower case, with figures in place of number words."""
    text = text.lower().replace("½", ".5").replace("\u00a0", " ")
    for fraction, figures in _FRACTIONS:
        text = fraction.sub(figures, text)
    text = alpha2digit(_ONE.sub(r"\1one ", text), "en", 0.0)
    text = _IN_N.sub(_share_of, text)
    for zeros, magnitude in _ZEROS.items():
        text = re.sub(rf"(?<=\d )(?:a )?{zeros}\b|(?<=and a half ){zeros}\b", magnitude, text)
    return re.sub(r"\ba (?=\d)", "", text).replace(" and a half", "-and-a-half")


def _share_of(match: re.Match[str]) -> str:
    part, whole = int(match[1]), int(match[2])
    return f"{100 * part / whole:.4g} %" if part < whole else match[0]


def _joined(text: str, matches: list[re.Match[str]]) -> list[re.Match[str]]:
    """The quantities that go on with the first one: “5 hours and 20 minutes”."""
    going_on = []
    for last, match in pairwise(matches):
        if not (last["unit"] and match["unit"]) or not re.fullmatch(
            r"[\s,]*(?:and)?\s*", text[last.end() : match.start()]
        ):
            break
        going_on.append(match)
    return going_on


def _sum(matches: list[re.Match[str]]) -> Quantity:
    amounts = [_amount(match) for match in matches]
    total = sum(each.number for each in amounts if each.measures == amounts[0].measures)
    last = amounts[-1]
    return replace(amounts[0], number=total, low=total, high=total, step=last.step, rounding=last.rounding)


def _range(first: re.Match[str], joint: re.Pattern[str]) -> Quantity | None:
    """What lies between two numbers, the first of which may lack what stands behind the second: “60 to 70 million”."""
    to = joint.match(first.string, first.end())
    second = _QUANTITY.match(first.string, to.end()) if to else None
    if (
        not second
        or (second["sign"] and second["sign"] != first["sign"])
        or (first["unit"] and first["unit"].rstrip("s") != (second["unit"] or "").rstrip("s"))
    ):
        return None
    unit = first["sign"] or second["sign"] or second["unit"]
    high = _amount(second, unit)
    for magnitude in (first["magnitude"] or second["magnitude"], first["magnitude"]):
        low = _amount(first, unit, magnitude)
        if low.number < high.number:
            return replace(high, number=(low.number + high.number) / 2, low=low.number, high=high.number)
    return None


def _amount(match: re.Match[str], unit: str | None = None, magnitude: str | None = None) -> Quantity:
    """:param unit: that of the match when None; ``magnitude`` likewise."""
    figure, unit = match["figure"], unit or match["sign"] or match["unit"] or ""
    measures, size = _UNITS.get(unit, ("", 1.0))
    scale = size * _MAGNITUDES.get(magnitude or match["magnitude"] or "", 1.0)
    half = 0.5 if match["half"] or match["after"] else 0.0
    number = (_number(figure) + half) * scale * (-1 if match["minus"] else 1)
    decimals = len(figure.partition(".")[2])
    step = 0.5 * scale / 10**decimals
    digits = re.sub(r"\D", "", figure)
    zeros = 0 if decimals else len(digits) - len(digits.rstrip("0"))
    return Quantity(number, number, number, measures, unit, step, step * 10.0 ** min(zeros, _MOST_ZEROS))


def _number(figure: str) -> float:
    return float(re.sub(r"[^\d.]", "", figure))


def _hedged(amount: Quantity, before: str) -> Quantity:
    for hedge, (low, high) in _HEDGE:
        if hedge.search(before):
            low, high = sorted((amount.number * low, amount.number * high))
            return replace(amount, low=low, high=high)
    return amount
