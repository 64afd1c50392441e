"""What the words of an answer stand for, a number, a date, a time of day, a name, and how two of them relate.

“40m” and “40 million” are the same, “October 2024” and “22 October 2024” compatible, “Ola Fenn” and “Arne Fenn”
contradicting. English only.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from rapidfuzz.fuzz import ratio

from rag.english.clauses import lacks_a_verb
from rag.english.content_words import content_words
from rag.english.event_dates import EventDate, event_dates
from rag.english.quantities import Quantity, Relation, compared, quantities
from rag.english.question_words import words_of

Kind = Literal["quantity", "date", "time", "code", "name", "words"]

_WHEN = re.compile(r"\bwhen\b|\b(?:what|which) (?:year|date|day|month)\b|\bsince what\b", re.IGNORECASE)
_CLOCK = re.compile(r"\b(?:at )?what time\b|\bwhen\b", re.IGNORECASE)
_AMOUNT = re.compile(
    r"\bhow\b|\b(?:age|share|number|percentage|rate|cost|price|fee|fine|wage|budget|score|result)\b", re.I
)
_OPEN = re.compile(r"\bwhat (?:else )?(?:do|does|did|can|could|should|would|will|may|might)\b", re.IGNORECASE)
_SCORE = re.compile(r"\b(?:score|result|phone|number of the|code)\b", re.IGNORECASE)
_YEAR = re.compile(
    r"(?:(?:in|around|about|since|by|circa|c\.|the year) )*(?P<year>\d{3,4})(?: (?:AD|CE))?", re.IGNORECASE
)
_CODE = re.compile(r"(?<!\d)\d++(?:[-–: ./]\d+)+")
_TIME = re.compile(
    r"\b(?P<hour>[0-2]?\d)(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b|\b(?P<hour24>[0-2]?\d)[:.](?P<minute24>[0-5]\d)\b|"
    r"(?P<past>half past |quarter past |quarter to )?(?P<named>noon|midnight)|"
    r"(?P<past_hour>half past|quarter past|quarter to) (?P<spelt>\w+)",
    re.IGNORECASE,
)
_HOURS = dict(
    zip(
        ("twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
        range(12),
        strict=True,
    )
)
_PAST = {"half past": 30, "quarter past": 15, "quarter to": -15}
_DAY_MINUTES = 24 * 60
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+")
_TITLES = words_of(
    "mr mrs ms miss dr prof professor sir dame lord lady king queen prince princess president minister captain general "
    "judge mayor senator pope saint st reverend colonel sergeant officer chancellor director"
)
_LINKS = words_of("the a an of in on at de du van von der den la le and his her their its our")
_ALIKE = 88.0
"""Likeness of two spellings of one name, of 100."""
LONGEST = 7
"""Words of an answer that can be compared: what is longer tells, and names nothing."""


@dataclass(frozen=True)
class Value:
    """What ``text`` stands for in an answer to a question: every reading of it as a number, date, time or name.

    ``begins`` says that it begins a sentence, ``is_open`` that other things may be right, too: “What do visitors see?”.
    """

    text: str
    amounts: tuple[Quantity, ...] = ()
    dates: tuple[EventDate, ...] = ()
    minutes: tuple[int, ...] = ()
    code: tuple[str, ...] = ()
    begins: bool = False
    is_open: bool = False

    @property
    def kind(self) -> Kind:
        """What it is in the first place."""
        if self.dates:
            return "date"
        if self.minutes:
            return "time"
        if self.code:
            return "code"
        if self.amounts:
            return "quantity"
        return "name" if self.is_name else "words"

    @cached_property
    def is_name(self) -> bool:
        """Whether a word has a capital that is not there because a sentence begins."""
        words = _NAME_WORD.findall(self.text)
        counted = words[1:] if self.begins else words
        return any(word[:1].isupper() and len(word) > 1 for word in counted)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its words without titles, small words and accents, in lower case."""
        decomposed = unicodedata.normalize("NFKD", re.sub(r"['’]s\b", "", self.text))
        plain = "".join(each for each in decomposed if not unicodedata.combining(each))
        words = [word.lower() for word in _NAME_WORD.findall(plain)]
        return tuple([word for word in words if word not in _LINKS | _TITLES] or words)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Its words with a meaning, without their endings."""
        return frozenset(content_words(self.text))


def value_of(question: str, text: str, before: str = "", after: str = "", told_on: date | None = None) -> Value:
    """What ``text`` stands for.

    :param before: what stands before it in its sentence, ``after`` what stands behind it.
    :param told_on: the day of the article, from which “on Tuesday” counts.
    """
    begins = not before.strip(" “\"'‘(")
    if _WHEN.search(question):
        dates = _dates(text, before, after, told_on)
        if dates:
            return Value(text, dates=dates, begins=begins)
    if _CLOCK.search(question) and (minutes := _minutes(text)):
        return Value(text, minutes=minutes, begins=begins)
    code = _CODE.search(text)
    if code and (_SCORE.search(question) or not _AMOUNT.search(question)) and not _DECIMAL.fullmatch(code[0]):
        return Value(text, code=tuple(re.findall(r"\d+", code[0])), begins=begins)
    if not re.match(r"\W*(?:who|whom|whose|where|which|why)\b", question, re.I) or re.search(
        r"\bhow (?:many|much)\b", question, re.I
    ):
        amounts = tuple(quantities(text, before, after))
        if amounts and (_AMOUNT.search(question) or text.strip()[:1].isdigit()):
            return Value(text, amounts, begins=begins)
    return Value(_head(text), begins=begins, is_open=bool(_OPEN.search(question)))


def _head(text: str) -> str:
    """The words before what describes them: “Hallen, in what used to be a department store”."""
    return _ASIDE.split(text, maxsplit=1)[0] or text


_ASIDE = re.compile(r",\s++(?=[a-z])|(?<!\s)\s++(?:who|which|whose|that)\s")
_DECIMAL = re.compile(r"\d+\.\d+|\d{1,3}(?: \d{3})+")


def _dates(text: str, before: str, after: str, told_on: date | None) -> tuple[EventDate, ...]:
    lead = re.search(
        r"(?:\b(?:in|since|by|until|from|of|on|during|this|last|next|early|mid|late)[ -](?:the )?)$", before
    )
    words = (lead[0] if lead else "") + text
    low = len(before) - (len(lead[0]) if lead else 0)
    sentence = before + text + after
    found = [each for each in event_dates(sentence, told_on) if each.start < len(before) + len(text) and each.end > low]
    if not found:
        year = _YEAR.fullmatch(words.strip())
        if year and int(year["year"]) < 2200:
            number = int(year["year"])
            found = [EventDate(0, len(text), date(number, 1, 1), date(number, 12, 31), True)]
    return tuple(found[:1])


def _minutes(text: str) -> tuple[int, ...]:
    """The minutes since midnight that a time of day may be: two where it may be before noon or after it."""
    match = _TIME.search(text)
    if not match:
        return ()
    if match["hour"]:
        hour = int(match["hour"]) % 12 + (12 if match["half"].lower() == "p" else 0)
        return (hour * 60 + int(match["minute"] or 0),)
    if match["hour24"]:
        return (int(match["hour24"]) % 24 * 60 + int(match["minute24"]),)
    if match["named"]:
        named = 720 if match["named"].lower() == "noon" else 0
        return ((named + _PAST.get((match["past"] or "").strip().lower(), 0)) % _DAY_MINUTES,)
    hour_of = _HOURS.get(match["spelt"].lower())
    if hour_of is None:
        return ()
    minute = hour_of * 60 + _PAST[match["past_hour"].lower()]
    return minute % _DAY_MINUTES, (minute + 720) % _DAY_MINUTES


def relation(one: Value, other: Value) -> Relation | None:
    """What two answers to one question are to each other; None when that can't be told.

    “2 June” in articles of two years may be two days, or one that the later article tells of with the words of the
    earlier one: that can't be told.
    """
    is_alike = one.text.casefold() == other.text.casefold()
    if one.dates and other.dates:
        of_days = _of_dates(one.dates[0], other.dates[0])
        return None if is_alike and of_days == "contradicting" else of_days
    if is_alike:
        return "same"
    if one.minutes and other.minutes:
        return "same" if set(one.minutes) & set(other.minutes) else "contradicting"
    if one.code and other.code:
        return "same" if one.code == other.code else "contradicting"
    if one.amounts and other.amounts:
        found = [compared(mine, yours) for mine in one.amounts for yours in other.amounts]
        return next((each for each in ("same", "compatible", "contradicting") if each in found), None)
    if {one.kind, other.kind} <= {"name", "words"}:
        return _of_words(one, other)
    return None


def _of_dates(one: EventDate, other: EventDate) -> Relation:
    if (one.first, one.last) == (other.first, other.last):
        return "same"
    return "compatible" if one.overlaps(other) else "contradicting"


def _of_words(one: Value, other: Value) -> Relation | None:
    if _is_same_name(one, other):
        return "same"
    if {compared(mine, yours) for mine in quantities(one.text) for yours in quantities(other.text)} == {"same"}:
        return "compatible"
    if len(one.text.split()) > LONGEST or len(other.text.split()) > LONGEST:
        return None
    shorter, longer = sorted((one, other), key=lambda value: len(value.names))
    if set(shorter.names) <= set(longer.names):
        return "same" if one.is_name and other.is_name and len(longer.names) <= len(shorter.names) + 1 else "compatible"
    if one.is_open or other.is_open:
        return None
    shared, least = len(one.stems & other.stems), min(len(one.stems), len(other.stems))
    if not least or (not (lacks_a_verb(one.text) and lacks_a_verb(other.text)) and not (one.is_name and other.is_name)):
        return None
    if not (one.is_name and other.is_name) and 2 * shared >= least:
        return "compatible"
    if one.is_name and other.is_name and least > 2 and 3 * shared >= 2 * least:
        return "compatible"
    return "contradicting"


def _is_spelt_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names are spellings of one: word by word, where they have as many; “Highway 88” is not 89."""
    if len(one) == len(other):
        return all(
            mine == yours or (mine.isalpha() and yours.isalpha() and ratio(mine, yours) >= _ALIKE)
            for mine, yours in zip(one, other, strict=True)
        )
    whole, others = "".join(one), "".join(other)
    return whole.isalpha() and others.isalpha() and ratio(whole, others) >= _ALIKE


def _is_same_name(one: Value, other: Value) -> bool:
    """“L. Austin” and “Lloyd Austin”, “WHO” and “World Health Organization”, “Zelensky” and “Zelenskyy”."""
    if _is_spelt_alike(one.names, other.names):
        return True
    for short, long in ((one, other), (other, one)):
        letters = short.text.replace(".", "").strip()
        if letters.isupper() and len(long.names) > 1 and letters.lower() == "".join(word[0] for word in long.names):
            return True
        if len(short.names) == len(long.names) > 1 and short.names[-1] == long.names[-1]:
            pairs = list(zip(short.names[:-1], long.names[:-1], strict=True))
            if all(mine == yours or (len(mine) == 1 and yours.startswith(mine)) for mine, yours in pairs):
                return True
    return False
