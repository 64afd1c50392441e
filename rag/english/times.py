"""The time that a question speaks of: a stretch of days, or what is newest or oldest. English only.

“last year”, “in October”, “on Tuesday” and the like count from the day on which it is asked, and mean the past.
"""

import calendar
import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from index.article import single_spaced
from rag.english.calendar_names import DAY_NAMES, MONTH_NAMES
from rag.english.content_words import content_words
from rag.english.question_words import AUXILIARIES, PREPOSITIONS, QUESTION_WORDS

Preference = Literal["newest", "oldest"]

MONTHS = {name.lower(): number for number, name in enumerate(MONTH_NAMES, 1)}
MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
DAYS = {name.lower(): number for number, name in enumerate(DAY_NAMES)}
_MONTH = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_NUMBER = r"(?<![\d,.])(?P<number>\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|few|couple of)"
NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
NUMBERS |= {"a": 1, "an": 1, "few": 3, "couple of": 2}
UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}
_UNIT = r"(?P<unit>day|week|month|year)s?"
_WHICH = r"(?P<which>this|last|past|previous)"
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The first month of each."""

THIRDS = {"early": 0, "the beginning of": 0, "mid": 1, "the middle of": 1, "late": 2, "the end of": 2}
"""Which third of a time each of them means, from 0."""

PLAIN = {ord(space): " " for space in "\u00a0\u2009\u202f"} | {0x17F: "s", 0x131: "i", 0x130: "I", 0x212A: "K"}
"""For :meth:`str.translate`: spaces that keep words on a line, and letters that are others where case doesn't count."""

_PATTERNS = [
    r"(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)",
    rf"{_DAY} (?:of )?{_MONTH},? {_YEAR}",
    rf"{_MONTH} {_DAY},? {_YEAR}",
    rf"{_MONTH},? (?:of )?{_YEAR}",
    rf"{_DAY} (?:of )?{_MONTH}",
    rf"{_MONTH} {_DAY}(?! ?%)",
    rf"(?:in|during|since|before|after|until|by|last|this|of|from|between) {_MONTH}"
    r"(?! [a-z]+ (?:a|the)\b|(?-i: [A-Z][a-z]))",
    rf"{_WHICH} (?P<weekend>weekend)\b",
    rf"(?P<season>{'|'.join(SEASONS)})(?: of)? {_YEAR}",
    rf"{_WHICH} (?P<season>{'|'.join(SEASONS)})\b",
    rf"(?:in|over|during|within|for) the (?:last|past) {_NUMBER} {_UNIT}",
    rf"(?:(?:in|over|during|within|for) the last|the past) (?P<running>{_UNIT})\b(?! of\b)",
    rf"{_WHICH} {_UNIT}\b(?! of\b)",
    rf"{_NUMBER} {_UNIT} (?P<ago>ago)",
    rf"(?:on|last|this|since|before|after) (?P<weekday>{'|'.join(DAYS)})\b",
    r"(?P<today>today|tonight|this morning|this afternoon|this evening)\b",
    r"(?P<yesterday>yesterday|last night)\b",
    rf"(?:in|of|during|from|since|before|after|until|till|by|for|between|the|early|late) {_YEAR}\b"
    r"(?! (?:people|dollars))",
    rf"{_YEAR}(?:['’]s)?(?=\s*[?.]?$)",
]
_EXPRESSIONS = [re.compile(rf"\b{pattern}", re.IGNORECASE) for pattern in _PATTERNS]
_TO = re.compile(r"\s*(?:to|until|till|through|and|or|[-–—])\s*", re.IGNORECASE)
_ENDS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (rf"{_DAY} (?:of )?{_MONTH},? {_YEAR}", rf"{_MONTH}(?: {_DAY})?,? {_YEAR}", rf"{_YEAR}\b")
]
"""How a stretch of time ends that began before: “from 2019 to 2021”."""
_DIRECTION = re.compile(r"\b(since|from|after|before|until|till|by)(?: the)?\s*$", re.IGNORECASE)
_LEADING = re.compile(
    r"(?:\b(?:back in|in|on|at|for|of|during|from|since|between|before|after|until|till|by|early|mid|late|the|"
    r"(?:the )?(?:beginning|middle|end) of)[\s-]+){1,5}$",
    re.IGNORECASE,
)
_LONGEST_LEAD = 40
_POSSESSIVE = re.compile(r"['’]s\b")
_WITHIN = re.compile(r"^(since|from|after|before|until|till|by)\b", re.IGNORECASE)
_NEWEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|current(?:ly)?|right now|now|so far|at the moment|at present|these days|"
    r"nowadays|to date|up to date)\b(?! (?:of|when)\b)",
    re.IGNORECASE,
)
_PART = re.compile(rf"\b({'|'.join(THIRDS)})[- ](?:in )?$", re.IGNORECASE)
_PART_WITHIN = re.compile(r"(early|late) ", re.IGNORECASE)
_CONDITION = re.compile(
    r"\b(?:articles?|news|reports|stories|(?:news|press|media) coverage)(?: only)?"
    r"(?:(?: that (?:was|were))? (?:published|printed|written)(?: only)?"
    r"(?: (?:from|in|on|since|before|after|until|by|during|between))?"
    r"| (?:from|in|of|since|before|after|until|during|between))\s*(?:the )?$",
    re.IGNORECASE,
)
"""What stands before a time that articles have to be of; “the novel published in” and “news on” tell of a topic."""


_COMPARED = re.compile(r"\b(?:what|how) about\b", re.IGNORECASE)
_ANY_DAY = date(2000, 1, 1)
"""Which words name a time does not depend on the day."""


@dataclass(frozen=True, slots=True)
class Time:
    """The days from ``first`` to ``last``, None where it is open, or what is ``newest`` or ``oldest``.

    ``is_condition`` says that the question asks for articles of that time, and no others: “in articles from 2019”.
    ``words`` are those of the question that name the days, as they stand in it, with what leads to them: “ in 2022”.
    """

    first: date | None = None
    last: date | None = None
    prefer: Preference | None = None
    is_condition: bool = False
    words: str = field(default="", compare=False)

    def without(self, question: str) -> str:
        """The question without the words that name the days."""
        rest = question.replace(self.words, " ", 1) if self.words else question
        return re.sub(r" (?=[?!.,;])", "", single_spaced(rest)).lstrip(",;: ")


def time_of(question: str, asked_at: date) -> Time | None:
    """The time that a question of that day speaks of, or None when it speaks of none."""
    as_typed, question = question, question.translate(PLAIN)
    for expression in _EXPRESSIONS:
        match = expression.search(question)
        days = _days(match, asked_at) if match else None
        if match and days:
            before = question[: match.start()]
            days, end = _prolonged(days, match, asked_at)
            part = _PART.search(before) or _PART_WITHIN.match(match[0])
            days = third_of(*days, part[1].lower() if part else None)
            direction = _WITHIN.match(match[0]) or _DIRECTION.search(before)
            try:
                time = _directed(Time(*days), direction[1].lower() if direction else "")
            except OverflowError:  # before the first or after the last day that there is
                return None
            stands = before + (f"{direction[1]} " if direction and direction.re is _WITHIN else "")
            lead = _LEADING.search(before[-_LONGEST_LEAD:])
            behind = _POSSESSIVE.match(question, end)
            leads_to = before[: len(before) - len(lead[0] if lead else "")].rstrip()
            words = as_typed[len(leads_to) : behind.end() if behind else end]
            return replace(time, is_condition=_CONDITION.search(stands) is not None, words=words)
    return Time(prefer="newest") if _NEWEST.search(question) else None


def _prolonged(days: tuple[date, date], begun: re.Match[str], asked_at: date) -> tuple[tuple[date, date], int]:
    """The days up to the end of the stretch that begins with a date, and where its words end; these days alone where
    the stretch has no end.
    """
    to = _TO.match(begun.string, begun.end()) if {"year", "month"} & _found(begun).keys() else None
    for each in _ENDS if to else ():
        end = each.match(begun.string, to.end() if to else 0)
        last = _days(end, asked_at) if end else None
        if end and last:
            return (days[0], max(days[1], last[1])), end.end()
    return days, begun.end()


def at_another_time(question: str, before: str) -> str | None:
    """The question ``before`` with the time that a question consists of: “And in 2023?” after “Who won in 2022?”.

    None where the question has other words with a meaning, or names no days.
    """
    time, earlier = (time_of(text, _ANY_DAY) for text in (question, before))
    if time is None or not time.words:
        return None
    other = _COMPARED.sub(" ", time.without(question))
    if content_words(other) or (QUESTION_WORDS | AUXILIARIES).intersection(re.findall(r"[a-z]+", other.lower())):
        return None
    asked, mark, rest = (earlier.without(before) if earlier else before).partition("?")
    first, _, more = single_spaced(time.words).strip().partition(" ")
    named = f"{first.lower() if first.lower() in PREPOSITIONS else first} {more}".strip()
    return f"{asked.rstrip(' .')} {'in ' if named.isdigit() else ''}{named}{mark or '?'}{rest}"


def _directed(time: Time, direction: str) -> Time:
    if direction in {"since", "from"}:
        return Time(time.first, None) if direction == "since" else time
    if direction == "after" and time.last:
        return Time(time.last + timedelta(days=1), None)
    if direction == "before" and time.first:
        return Time(None, time.first - timedelta(days=1))
    if direction in {"until", "till", "by"}:
        return Time(None, time.last)
    return time


def _days(match: re.Match[str], asked_at: date) -> tuple[date, date] | None:
    """The first and the last day of what was matched, or None when there is no such day."""
    found = _found(match)
    try:
        if "season" in found:
            return _season(found, asked_at)
        if "year" in found or "month" in found:
            return _calendar_days(found, asked_at)
        if "weekend" in found:
            is_running = asked_at.weekday() >= calendar.SATURDAY
            back = (asked_at.weekday() - calendar.SATURDAY) % 7 + 7 * (is_running and found["which"] != "this")
            return asked_at - timedelta(days=back), asked_at - timedelta(days=back - 1)
        if "weekday" in found:
            back = (asked_at.weekday() - DAYS[found["weekday"]]) % 7
            day = asked_at - timedelta(days=back or (7 if match[0].lower().startswith("last") else 0))
            return day, day
        if "number" in found or "running" in found:
            return counted({"number": "one", **found}, asked_at)
        if "unit" in found:
            return named(found["unit"], found["which"] == "this", asked_at)
        day = asked_at - timedelta(days="yesterday" in found)
    except (ValueError, OverflowError):
        return None
    return day, day


def _found(match: re.Match[str]) -> dict[str, str]:
    return {name: value.lower() for name, value in match.groupdict().items() if value}


def _calendar_days(found: dict[str, str], asked_at: date) -> tuple[date, date]:
    """:raises ValueError: when there is no such day."""
    if "month" not in found:
        year = int(found["year"])
        return date(year, 1, 1), date(year, 12, 31)
    month = int(found["month"]) if found["month"].isdigit() else MONTHS[found["month"]]
    day = int(found["day"]) if "day" in found else None
    year = int(found["year"]) if "year" in found else asked_at.year
    if "year" not in found and (month, day or 1) > (asked_at.month, asked_at.day):
        year -= 1
    if day:
        return date(year, month, day), date(year, month, day)
    return days_of_month(year, month)


def _season(found: dict[str, str], asked_at: date) -> tuple[date, date]:
    """That season of the year that is named, or else the last one that has begun; “last summer” is over."""
    if "year" in found:
        return days_of_season(found["season"], int(found["year"]))
    spans = [days_of_season(found["season"], year) for year in (asked_at.year, asked_at.year - 1, asked_at.year - 2)]
    is_over = found.get("which", "this") != "this"
    return next(span for span in spans if (span[1] if is_over else span[0]) <= asked_at)


def counted(found: dict[str, str], asked_at: date) -> tuple[date, date]:
    """The days of “two weeks ago” or “the last two weeks”, by the ``number``, the ``unit``, and ``ago``.

    :raises ValueError: when there are no such days.
    """
    number = NUMBERS.get(found["number"]) or int(found["number"])
    size = UNITS[found["unit"]]
    if "ago" in found and found["unit"] == "year":
        return date(asked_at.year - number, 1, 1), date(asked_at.year - number, 12, 31)
    back = asked_at - timedelta(days=number * size)
    if "ago" not in found:
        return back, asked_at
    return back - timedelta(days=size // 2), back + timedelta(days=size // 2)


def named(unit: str, is_this: bool, asked_at: date) -> tuple[date, date]:
    """The days of this or the last year, month, week or day."""
    if unit == "year":
        year = asked_at.year - (not is_this)
        return date(year, 1, 1), asked_at if is_this else date(year, 12, 31)
    if unit == "month":
        last = asked_at if is_this else asked_at.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    if unit == "week":
        monday = asked_at - timedelta(days=asked_at.weekday())
        return (monday, asked_at) if is_this else (monday - timedelta(days=7), monday - timedelta(days=1))
    day = asked_at - timedelta(days=not is_this)
    return day, day


def days_of_month(year: int, month: int) -> tuple[date, date]:
    """The first and the last day of a month."""
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def days_of_season(season: str, year: int) -> tuple[date, date]:
    """The three months of a season that begins in a year."""
    first = date(year, SEASONS[season], 1)
    return first, days_of_month(year + (first.month == 12), (first.month + 1) % 12 + 1)[1]


def third_of(first: date, last: date, part: str | None) -> tuple[date, date]:
    """That one of the :data:`THIRDS` of the days, a little more to either side; all of them when None."""
    if part is None:
        return first, last
    length = (last - first).days
    at = THIRDS[part]
    low, high = (0, 0.4) if at == 0 else (0.25, 0.75) if at == 1 else (0.6, 1)
    return first + timedelta(days=int(low * length)), first + timedelta(days=int(high * length))
