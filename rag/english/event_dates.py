"""Dates in articles: the days that “on Tuesday” or “last spring” mean in an article of a day. English only.

Words such as “will” before it, or behind it where no verb of the past stands before it, mean the future, and all else
the past; a date without a year is the nearest one there. A day of the next weeks needs no such word: nobody leaves out
the year of one that is almost a year ago. What counts from another event (“the following day”) is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rag.english.times import (
    DAYS,
    MONTHS,
    NUMBERS,
    PLAIN,
    SEASONS,
    THIRDS,
    UNITS,
    counted,
    days_of_month,
    days_of_season,
    named,
    third_of,
)

_MONTH = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b(?:\.(?=,? \d))?"
_YEAR = r"(?P<year>1\d\d\d|20\d\d)(?!\d|,\d)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?!\d|[.:]\d)"
_PART = rf"(?P<part>{'|'.join(THIRDS)})[- ]"
_NUMBER = rf"(?P<number>\d{{1,3}}|{'|'.join(NUMBERS)})"
_UNIT = rf"(?P<unit>{'|'.join(UNITS)})s?\b"
_WHICH = r"(?P<which>this|last|past|previous|next|coming|following)"
_OF_NOW = r"(?P<which>this|last|past|next|coming)"

_EXPRESSIONS = [
    re.compile(rf"(?<![\w,.-]){pattern}", re.IGNORECASE)
    for pattern in (
        r"(?P<year>1\d\d\d|20\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)\b",
        rf"{_DAY}(?: of)? {_MONTH},? {_YEAR}",
        rf"{_MONTH} {_DAY}, ?{_YEAR}",
        rf"(?:{_PART})?{_MONTH},?(?: of)? {_YEAR}",
        rf"{_DAY}(?: of)? {_MONTH}",
        rf"{_MONTH} {_DAY}(?! ?%| per ?cent| [a-z]+s\b)",
        rf"(?:{_PART})?(?:(?:the )?{_WHICH} )?(?P<season>{'|'.join(SEASONS)})(?: of)? {_YEAR}",
        r"(?:the )?(?P<decade>(?:1\d|20)\d0)s\b",
        rf"{_PART}{_YEAR}",
        rf"(?:in|since|by|during|until|from|of|before|after|around|about|circa|for) {_YEAR}(?! [a-z]+s\b)",
        rf"{_PART}{_MONTH}",
        rf"(?:in|since|by|until|from|during|of|{_WHICH}) {_MONTH}",
        rf"(?:{_WHICH} )?(?P<weekday>{'|'.join(DAYS)})\b",
        r"(?P<near>the day before yesterday|the day after tomorrow|yesterday|last night|today|tonight|"
        r"this (?:morning|afternoon|evening)|tomorrow)\b",
        rf"(?P<later>later )?(?:the )?{_OF_NOW} (?:{_UNIT}(?! of\b)|(?P<weekend>weekend)\b)",
        rf"(?:the )?{_WHICH} (?P<season>{'|'.join(SEASONS)})\b",
        rf"{_NUMBER} {_UNIT} (?P<ago>ago)\b",
        rf"in {_NUMBER} {_UNIT}(?P<ahead>[’']? time\b|(?=[.,;]|$))",
    )
]
_SOON = timedelta(days=30)
_AROUND = 60
"""Code points on both sides of a date in which words tell whether it is to come."""
_FUTURE = re.compile(
    r"\b(?:[Ww]ill|shall|won['’]t|(?:is|are|was|were|be|been) (?:on|to|going to|due|set)|planned|scheduled|expected|"
    r"plans to|hopes? to|would|may|next|coming|starts|opens|begins|reopens|closes|ends|resumes?|leaves)\b"
    r"|\bfrom\s+$"
)
_PAST = re.compile(
    r"\b(?<!\bbe )(?<!\bto )(?<!\bto have )(?!(?:planned|scheduled|expected|need|indeed|hundred|speed)\b)"
    r"(?:[a-z]{2,}ed|said|told|was|were|had|did|began|came|went|took|made|gave|held|left|won|lost|met|saw|fell|rose|hit|got|"
    r"ran|sent|led|became|found|spoke|wrote|brought|grew)\b"
)
_JUST_DONE = re.compile(rf"(?:{_PAST.pattern})(?: [a-z]+)?,?(?: on| late| early| in| last)*\s*$")
"""A verb of the past that a date follows: “said on”, “told reporters on”."""
_SENTENCE_END = re.compile(r"[.!?;]\s|\n")


@dataclass(frozen=True, slots=True)
class EventDate:
    """The days from ``first`` to ``last`` that ``text[start:end]`` names.

    ``is_written`` says that the text itself names them whole; else they follow from the day of the article.
    """

    start: int
    end: int
    first: date
    last: date
    is_written: bool

    def overlaps(self, other: "EventDate") -> bool:
        """Whether both may be the same day: a vaguer date and a more exact one may."""
        return self.first <= other.last and other.first <= self.last


def event_dates(text: str, told_on: date | None) -> list[EventDate]:
    """The dates in a text, in order. Those that need the day of the article are left out when that is None."""
    found: list[EventDate] = []
    text = text.translate(PLAIN)
    for expression in _EXPRESSIONS:
        for match in expression.finditer(text):
            if all(match.end() <= other.start or other.end <= match.start() for other in found):
                found.extend(_event(match, told_on))
    return sorted(found, key=lambda each: each.start)


def _event(match: re.Match[str], told_on: date | None) -> Iterator[EventDate]:
    said = {name: value.lower() for name, value in match.groupdict().items() if value is not None}
    is_written = "year" in said or "decade" in said
    if not is_written and told_on is None:
        return
    if said.get("month") in {"may", "march"} and match[0].split()[-1][:1].islower():
        return
    is_future = not is_written and _is_to_come(match)
    if "ahead" in said and not (said["ahead"] or is_future):
        return
    try:
        first, last = _written(said) if is_written else _counted(said, told_on or date.max, is_future)
    except (ValueError, OverflowError):
        return
    start = match.start() + len(_LEAD.match(match[0])[0])  # type: ignore[index]
    yield EventDate(start, match.end(), first, last, is_written)


def _is_to_come(match: re.Match[str]) -> bool:
    """Whether the words of its sentence mean a date of the future."""
    before = _SENTENCE_END.split(match.string[max(0, match.start() - _AROUND) : match.start()])[-1]
    if _JUST_DONE.search(before):
        return False
    if _FUTURE.search(before) or match[0].lower().startswith("from "):
        return True
    after = _SENTENCE_END.split(match.string[match.end() : match.end() + _AROUND])[0]
    ahead = _FUTURE.search(after)
    return ahead is not None and not _PAST.search(before) and not _PAST.search(after[: ahead.start()])


_LEAD = re.compile(r"(?:(?:in|since|by|during|until|from|of|before|after|around|about|circa|for) )?", re.IGNORECASE)


def _written(said: dict[str, str]) -> tuple[date, date]:
    """:raises ValueError: when there is no such day."""
    if "decade" in said:
        year = int(said["decade"])
        return date(year, 1, 1), date(year + 9, 12, 31)
    year = int(said["year"])
    if "season" in said:
        return days_of_season(said["season"], year)
    if "month" not in said:
        return third_of(date(year, 1, 1), date(year, 12, 31), said.get("part"))
    month = int(said["month"]) if said["month"].isdigit() else MONTHS[said["month"]]
    if "day" in said:
        return date(year, month, int(said["day"])), date(year, month, int(said["day"]))
    return third_of(*days_of_month(year, month), said.get("part"))


def _counted(said: dict[str, str], told_on: date, is_future: bool) -> tuple[date, date]:
    """:raises ValueError: when there is no such day."""
    which = said.get("which")
    is_next = which in {"next", "coming", "following"}
    if "month" in said:
        month, day = MONTHS[said["month"]], int(said["day"]) if "day" in said else None
        spans = [_days_of(year, month, day) for year in _years(told_on, which)]
        is_soon = day is not None and any(told_on < first <= told_on + _SOON for first, _ in spans)
        return third_of(*_nearest(spans, told_on, is_future or is_next or is_soon), said.get("part"))
    if "season" in said:
        spans = [days_of_season(said["season"], year) for year in _years(told_on, which)]
        if which in {"last", "past", "previous"}:
            return next(span for span in reversed(spans) if span[1] < told_on)
        return (
            next(span for span in spans if span[0] > told_on) if is_next else _nearest(spans, told_on, is_future=False)
        )
    if "weekday" in said:
        back = (told_on.weekday() - DAYS[said["weekday"]]) % 7
        if which == "this":
            day_of = told_on + timedelta(days=DAYS[said["weekday"]] - told_on.weekday())
        elif is_next or (is_future and which is None):
            day_of = told_on + timedelta(days=(7 - back) or 7)
        else:
            day_of = told_on - timedelta(days=back or (7 if which == "last" else 0))
        return day_of, day_of
    if "near" in said:
        away = {"yesterday": -1, "last night": -1, "tomorrow": 1, "the day before yesterday": -2}
        away["the day after tomorrow"] = 2
        day_of = told_on + timedelta(days=away.get(said["near"], 0))
        return day_of, day_of
    if "weekend" in said:
        saturday = told_on - timedelta(days=(told_on.weekday() - 5) % 7) + timedelta(days=7 * (is_next or is_future))
        return saturday, saturday + timedelta(days=1)
    if "number" in said and "ago" not in said:
        number = NUMBERS.get(said["number"]) or int(said["number"])
        ahead = told_on + timedelta(days=number * UNITS[said["unit"]])
        slack = timedelta(days=UNITS[said["unit"]] // 2)
        return ahead - slack, ahead + slack
    if "number" in said:
        return counted(said, told_on)
    if is_next:
        return _coming(said["unit"], told_on)
    if which == "past":
        return counted({"number": "one", "unit": said["unit"]}, told_on)
    first, last = named(said["unit"], which == "this", told_on)
    if which == "this" and ("later" in said or is_future):
        return told_on, _coming(said["unit"], told_on)[0] - timedelta(days=1)
    return first, last


def _years(told_on: date, which: str | None) -> list[int]:
    """The years that a date without one may be of; “this autumn” is that of the article's year."""
    return [told_on.year + away for away in ((0,) if which == "this" else (-1, 0, 1))]


def _days_of(year: int, month: int, day: int | None) -> tuple[date, date]:
    return (date(year, month, day), date(year, month, day)) if day else days_of_month(year, month)


def _nearest(spans: list[tuple[date, date]], told_on: date, is_future: bool) -> tuple[date, date]:
    """Of those in order the first that is not over, for the future; else the last that has begun."""
    if len(spans) == 1:
        return spans[0]
    if is_future:
        return next(span for span in spans if span[1] >= told_on)
    return next(span for span in reversed(spans) if span[0] <= told_on)


def _coming(unit: str, told_on: date) -> tuple[date, date]:
    if unit == "year":
        return date(told_on.year + 1, 1, 1), date(told_on.year + 1, 12, 31)
    if unit == "month":
        return days_of_month(told_on.year + told_on.month // 12, told_on.month % 12 + 1)
    if unit == "week":
        monday = told_on - timedelta(days=told_on.weekday() - 7)
        return monday, monday + timedelta(days=6)
    return told_on + timedelta(days=1), told_on + timedelta(days=1)
