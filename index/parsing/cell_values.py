"""Numbers in the cells of Excel workbooks as they are shown: days, times, shares, and plain ones.

Formats of numbers: ISO/IEC 29500-1, 18.8.30 and 18.8.31.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["", "date", "elapsed", "percent"]

_DATE_FORMATS = {*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)}
"""Numbers of the formats of dates and times that every workbook has."""
_ELAPSED_FORMAT = 46
_PERCENT_FORMATS = {9, 10}
_DATE_SIGNS = re.compile(r"[ymdhs]", re.IGNORECASE)
_NOT_SIGNS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_LAST_DAY = 2_958_465
"""The last of December 9999, in days."""
_DAY_THAT_NEVER_WAS = 60
"""The 29th of February 1900, which Excel took over from Lotus 1-2-3."""


def kind(number: int, codes: Mapping[int, str]) -> Kind:
    """What a format shows, by its number and the codes that the workbook has for its own."""
    if number not in codes:
        if number == _ELAPSED_FORMAT:
            return "elapsed"
        return "percent" if number in _PERCENT_FORMATS else "date" if number in _DATE_FORMATS else ""
    if _ELAPSED.search(codes[number]):
        return "elapsed"
    signs = _NOT_SIGNS.sub("", codes[number])
    if "%" in signs:
        return "percent"
    return "date" if _DATE_SIGNS.search(signs) and "0" not in signs[:1] else ""


def shown(number: float, what: Kind, counts_from_1904: bool = False) -> str:
    """A number as it is shown: a day, a time, a share, or rid of what floating point adds."""
    if what == "percent":
        return f"{number * 100:.12g}%"
    if what == "elapsed" and 0 <= number <= _LAST_DAY:
        minutes, seconds = divmod(round(number * 86_400), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    if what == "date" and 0 <= number <= _LAST_DAY:
        return _moment(number, counts_from_1904)
    return f"{number:.15g}"


def _moment(number: float, counts_from_1904: bool) -> str:
    first = datetime(1904, 1, 1) if counts_from_1904 else datetime(1899, 12, 30)
    if not counts_from_1904 and number < _DAY_THAT_NEVER_WAS:
        first += timedelta(days=1)
    moment = (first + timedelta(days=number, milliseconds=500)).replace(microsecond=0)
    if number < 1:
        return moment.strftime("%H:%M")
    return moment.date().isoformat() if number == int(number) else moment.strftime("%Y-%m-%d %H:%M")
