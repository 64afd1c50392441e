"""Dates as articles write them."""

import re
from datetime import date

_LABEL = re.compile(
    r"^(?:(?:first |last )?(?:published|updated|posted|modified|date|dated|issued)(?:\s+(?:on|at))?|"
    r"publi[ée]e?\s+le|mis(?:e)? à jour(?:\s+le)?|modifié(?:e)?\s+le|"
    r"veröffentlicht(?:\s+am)?|erschienen(?:\s+am)?|aktualisiert(?:\s+am)?|stand|datum|"
    r"publicad[oa](?:\s+(?:el|em|a))?|actualizado(?:\s+el)?|atualizado(?:\s+em)?|fecha|data|"
    r"pubblicat[oa](?:\s+il)?|aggiornat[oa](?:\s+il)?|gepubliceerd(?:\s+op)?|geplaatst(?:\s+op)?|bijgewerkt(?:\s+op)?|"
    r"publicerad(?:\s+den)?|publisert|udgivet|opublikowano)\s*[:\-]?\s*",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"(?:last )?(?:updated|modified)|mise? à jour|modifié|aktualisiert|stand\b|actualizado|atualizado|aggiornat|"
    r"bijgewerkt",
    re.IGNORECASE,
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_SPELT = re.compile(r"(?=.*(?<!\d)\d{1,2}(?!\d))(?=.*\d{4})(?=.*[^\W\d])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_ENGLISH = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]*\s)?"
    rf"(?:{_DAY}[\s-]{_MONTH}[.,]*|{_MONTH}\.?\s{_DAY},?)[\s-](\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_LANGUAGES = ["en", "fr", "de", "es", "it", "pt", "nl", "ru", "uk", "pl", "ar", "zh", "ja", "ko", "tr"]
_STAMP = re.compile(r"(?:D:)?(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?\d\d:?\d\d(?::?\d\d)?)?")
_NAMED = re.compile(r"(?<![\d.])((?:19|20)\d\d)([-_.]?)([01]\d)\2([0-3]\d)(?=[-_. T]|$)")
_TEMPLATES = {"2013-12-23T23:15:00", "2013-01-27T09:14:16", "D:20000101000000"}
"""What python-docx, python-pptx and ReportLab write into every document."""
EPOCHS = {date(1, 1, 1), date(1601, 1, 1), date(1899, 12, 30), date(1904, 1, 1), date(1970, 1, 1), date(1980, 1, 1)}
"""Days that programs write where no day was set."""
_LONGEST = 60


def parse_date(text: str) -> date | None:
    """Read a text that is a date and nothing else (a label, a weekday, a time and a zone may stand around it).

    The day is the one that is written, whatever the time zone. Without a day, a month and a year of four digits, or
    when the order of day and month can't be told (``03/04/2024``), the answer is ``None``.
    """
    text = _LABEL.sub("", " ".join(text.split())).strip(" |·,;()[]")
    if not 8 <= len(text) <= _LONGEST:
        return None
    if match := _ISO.match(text) or _COMPACT.match(text):
        return _calendar_date(*map(int, match.groups())) if _is_time(text[match.end() :]) else None
    if match := _NUMERIC.match(text):
        return _numeric(match) if _is_time(text[match.end() :]) else None
    if (match := _ENGLISH.match(text)) and _is_time(text[match.end() :]):  # dateparser takes milliseconds
        day, month, month_first, day_second, year = match.groups()
        return _calendar_date(int(year), _MONTHS.index((month or month_first)[:3].lower()) + 1, int(day or day_second))
    return _spelt(text) if _SPELT.match(text) else None


def label_of(text: str) -> str:
    """What a date says it is: ``published``, ``changed``, or nothing."""
    label = _LABEL.match(" ".join(text.split()))
    return "" if not label else "changed" if _CHANGED.match(label[0]) else "published"


def stamped_day(stamp: str | None) -> date | None:
    """The day of a time stamp that a program wrote, as it is written there: ``2024-03-05T23:30:00-08:00``,
    ``D:20240305233000-08'00'``.

    ``None`` for the stamps that programs write where no time was set: a template's, or the beginning of an epoch.
    """
    match = _STAMP.match((stamp or "").strip())
    day = _calendar_date(*map(int, match.groups()[:3])) if match else None
    return None if day in EPOCHS or (match and match[0] in _TEMPLATES) else day


def day_in_name(path: str) -> date | None:
    """The day in the name of a file: ``2024-03-05-harbour-wall.md``, ``minutes_20240305.txt``."""
    match = _NAMED.search(re.split(r"[/\\]", path)[-1])
    return _calendar_date(int(match[1]), int(match[3]), int(match[4])) if match else None


def _calendar_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _is_time(rest: str) -> bool:
    """Tell whether what follows a date can be a time of day with its zone."""
    return re.fullmatch(r"(?:[T ,@|\-–—at]*\d{1,2}[:.h]\d{2}.{0,24})?", rest.strip()) is not None


def _numeric(match: re.Match[str]) -> date | None:
    first, separator, second, year = match.groups()
    day, month = int(first), int(second)
    if separator != "." and day <= 12:
        if month <= 12 and month != day:
            return None
        day, month = month, day
    return _calendar_date(int(year), month, day)


def _spelt(text: str) -> date | None:
    import dateparser  # type: ignore[import-untyped]  # here because it is slow to import and seldom needed

    head = re.split(r"\s[|·•–—]\s", text)[0]
    found = dateparser.parse(head, languages=_LANGUAGES, settings={"REQUIRE_PARTS": ["day", "month", "year"]})
    return found.date() if found else None
