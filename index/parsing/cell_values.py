"""Numbers in the cells of Excel workbooks as they are shown: days, times, and numbers by the code of their format.

Formats of numbers: ISO/IEC 29500-1, 18.8.30 and 18.8.31. A day is written as in ISO 8601, whatever its format is.
"""

import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

GENERAL = "General"
"""The code of what has no format."""

_BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    **dict.fromkeys((5, 6, 37, 38), "#,##0;(#,##0)"),
    **dict.fromkeys((7, 8, 39, 40), "#,##0.00;(#,##0.00)"),
    9: "0%",
    10: "0.00%",
    **dict.fromkeys((41, 42), '#,##0;(#,##0);"-"'),
    **dict.fromkeys((43, 44), '#,##0.00;(#,##0.00);"-"'),
    **dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), "yyyy-mm-dd"),
    46: "[h]:mm:ss",
}
"""The codes of the formats that every workbook has; the sign of currency is that of the reader's system, so none."""
_DATE_SIGNS = frozenset("ymdhsYMDHS")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_LAST_DAY = 2_958_465
"""The last of December 9999, in days."""
_DAY_THAT_NEVER_WAS = 60
"""The 29th of February 1900, which Excel took over from Lotus 1-2-3."""
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|'
    r"\[(?P<compare><=|>=|<>|[<>=])(?P<limit>-?\d{1,15}(?:\.\d{1,15})?)\]|\[[^\]]*\]|(?P<space>_.)|\*.|"
    r"(?P<number>General|[0#?][0#?,]*(?:\.[0#?]*)?,*|\.[0#?]+)|(?P<text>.)",
    re.DOTALL | re.IGNORECASE,
)
"""What a code is made of; brackets hold colours and languages, too, and a star fills the width of the column."""
_COMPARES = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}
_LONGEST_CODE = 255
_EXACT = Context(prec=4 * _LONGEST_CODE)
"""Holds every digit that a code has a place for, and two more for each sign of per cent."""
_MOST = Decimal(10) ** 15
"""What is larger is shown with 15 digits, whatever its format is."""


@dataclass(slots=True)
class _Section:
    """A part of a code, for some of the numbers: its signs, and the placeholders of digits among them."""

    tokens: list[tuple[str, str]] = field(default_factory=list)
    compare: str = ""
    limit: Decimal = Decimal(0)

    def applies(self, number: Decimal) -> bool:
        return not self.compare or bool(_COMPARES[self.compare](number, self.limit))

    def numbers(self) -> list[str]:
        return [text for kind, text in self.tokens if kind == "number"]

    def is_day(self) -> bool:
        return any(kind == "text" and text in _DATE_SIGNS for kind, text in self.tokens)


def code_of(number: int, codes: Mapping[int, str]) -> str:
    """The code of a format by its number and the codes that the workbook has for its own."""
    return codes.get(number) or _BUILT_IN.get(number, GENERAL)


def shown(number: float, code: str, counts_from_1904: bool = False) -> str:
    """A number as it is shown: a day, a time, or its digits with the signs around them.

    Fractions, powers of ten, and digits that signs divide, are shown as a plain number: with 15 digits at most.
    """
    if _ELAPSED.search(code) and 0 <= number <= _LAST_DAY:
        minutes, seconds = divmod(round(number * 86_400), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    plain = f"{number:.15g}"
    value = Decimal(plain)
    if not value.is_finite() or abs(value) >= _MOST:
        return plain
    section, is_signed = _section(_sections(code[:_LONGEST_CODE]), value)
    if section.is_day() and 0 <= number <= _LAST_DAY:
        return _moment(number, counts_from_1904)
    digits = section.numbers()
    if len(digits) > 1 or section.is_day() or ("text", "@") in section.tokens:
        return plain
    percent = sum(token == ("text", "%") for token in section.tokens)
    written = _digits(abs(value) * 100**percent, digits[0]) if digits else ""
    text = "".join(written if kind == "number" else text for kind, text in section.tokens)
    is_negative = is_signed and value < 0 and bool(written.strip("0.,"))
    return ("-" if is_negative else "") + " ".join(text.split())


@lru_cache(1000)
def _sections(code: str) -> Sequence[_Section]:
    sections = [_Section()]
    for token in _TOKEN.finditer(code):
        if token["text"] == ";":
            sections.append(_Section())
        elif token["compare"]:
            sections[-1].compare, sections[-1].limit = token["compare"], Decimal(token["limit"])
        elif token.lastgroup in {"number", "text"}:
            sections[-1].tokens.append((token.lastgroup, token[0]))
        elif token.lastgroup:
            literal = token["quoted"] or token["escaped"] or token["currency"] or (" " if token["space"] else "")
            sections[-1].tokens.append(("literal", literal))
    return sections


def _section(sections: Sequence[_Section], value: Decimal) -> tuple[_Section, bool]:
    """The section that is for a number, and whether the sign of the number is shown beside it."""
    if any(section.compare for section in sections):
        return next((section for section in sections if section.applies(value)), sections[0]), True
    at = 1 if value < 0 else 2 if value == 0 and len(sections) > 2 else 0
    return (sections[at], at == 0) if at < len(sections) else (sections[0], True)


def _digits(value: Decimal, pattern: str) -> str:
    """The digits of a number that is not negative: ``#,##0.0#``, and a thousandth of it for each comma at the end."""
    if pattern.casefold() == GENERAL.casefold():
        return f"{float(value):.15g}"
    if not value and "0" not in pattern:
        return ""
    whole, _, decimals = pattern.rstrip(",").partition(".")
    scaled = value / 1000 ** (len(pattern) - len(pattern.rstrip(",")))
    rounded = scaled.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, _EXACT)
    before, _, behind = f"{rounded:{',' if ',' in whole else ''}f}".partition(".")
    behind = behind[: decimals.count("0")] + behind[decimals.count("0") :].rstrip("0")
    return before.zfill(whole.count("0")) + (f".{behind}" if behind else "")


def _moment(number: float, counts_from_1904: bool) -> str:
    first = datetime(1904, 1, 1) if counts_from_1904 else datetime(1899, 12, 30)
    if not counts_from_1904 and number < _DAY_THAT_NEVER_WAS:
        first += timedelta(days=1)
    moment = (first + timedelta(days=number, milliseconds=500)).replace(microsecond=0)
    if number < 1:
        return moment.strftime("%H:%M")
    return moment.date().isoformat() if number == int(number) else moment.strftime("%Y-%m-%d %H:%M")
