"""The words of the pages in the reader's language: English, or another that ``languages/`` has a file for.

A file has the English words as keys. What it lacks is shown in English; a test holds that it lacks nothing.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from starlette.requests import Request

from api.web.folder import FOLDER

LANGUAGES = ("en", "de", "fr", "es", "ar")
_RIGHT_TO_LEFT = frozenset({"ar"})
_WANTED = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")
_MOST_WANTED = 20

_DAYS = {
    "en": "{0.day} {1} {0.year}",
    "de": "{0.day}. {1} {0.year}",
    "fr": "{0.day} {1} {0.year}",
    "es": "{0.day} de {1} de {0.year}",
    "ar": "{0.day} {1} {0.year}",
}


def language_of(request: Request) -> str:
    """The first language that the browser asks for and the pages have."""
    header = request.headers.get("accept-language", "")
    wanted = []
    for place, each in enumerate(header.split(",")[:_MOST_WANTED]):
        if found := _WANTED.fullmatch(each):
            wanted.append((-float(found[2] or 1), place, found[1].lower()))
    return next((tag for weight, _, tag in sorted(wanted) if weight and tag in LANGUAGES), "en")


def direction_of(language: str) -> str:
    """Which way a language is written, as HTML's ``dir`` names it."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


@cache
def words_of(language: str) -> Mapping[str, Any]:
    """The words of a language by the English ones. What counts has a list: of one, and of more."""
    if language == "en":
        return {}
    words: dict[str, Any] = json.loads((FOLDER / "languages" / f"{language}.json").read_text(encoding="utf-8"))
    return words


def translated(request: Request, text: str) -> str:
    """``text`` in the reader's language."""
    return str(words_of(language_of(request)).get(text, text))


@pass_context
def gettext(context: Context, text: str) -> str:
    """:func:`translated`, as templates call it."""
    return translated(context["request"], text)


@pass_context
def ngettext(context: Context, one: str, many: str, number: int) -> str:
    """The words for ``number`` of a thing."""
    first, others = words_of(language_of(context["request"])).get(one, (one, many))
    return str(first if number == 1 else others)


def day_in(language: str, day: date) -> str:
    """A date as readers of a language write it: 28 November 2026, 28. November 2026, 28 de noviembre de 2026."""
    months = words_of(language).get("months")
    month = months[day.month - 1] if months else day.strftime("%B")
    return _DAYS[language].format(day, month)


def minute_in(language: str, moment: datetime) -> str:
    """A time to the minute."""
    return f"{day_in(language, moment)}, {moment.strftime('%H:%M %Z')}"
