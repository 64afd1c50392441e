"""What the pages share: their templates, and how they answer an address that can't be used."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import pass_context
from jinja2.runtime import Context

from api.runtime.state import service_settings
from api.web.folder import FOLDER
from api.web.language import day_in, direction_of, gettext, language_of, minute_in, ngettext, translated
from index.article import searchable

_LONGEST_TITLE = 160
"""Code points."""


@cache
def _templates() -> Jinja2Templates:
    templates = Jinja2Templates(directory=FOLDER / "templates")
    templates.env.trim_blocks = templates.env.lstrip_blocks = True
    templates.env.add_extension("jinja2.ext.i18n")
    templates.env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    templates.env.filters["day"] = _day
    templates.env.filters["minute"] = _minute
    templates.env.filters["seen"] = searchable
    templates.env.filters["plain"] = _plain
    templates.env.filters["shortened"] = _shortened
    templates.env.filters["spoken"] = _spoken
    templates.env.filters["percent"] = percent
    templates.env.tests["a_day"] = _is_a_day
    return templates


def page(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template ``name`` filled in, in the reader's language."""
    language = language_of(request)
    spoken = {"request_language": language, "direction": direction_of(language), **_look(request)}
    headers = {"vary": "accept-language, cookie", "content-language": language}
    return _templates().TemplateResponse(request, name, {**spoken, **context}, status, headers)


def _look(request: Request) -> dict[str, Any]:
    settings = service_settings(request)
    return {name: getattr(settings, name) for name in ("site_name", "site_logo", "site_colour", "site_footer")}


def given_twice(request: Request, names: Iterable[str]) -> str | None:
    """What to tell when one of ``names``, parameters of one value, is given several times."""
    for name in names:
        times = len(request.query_params.getlist(name))
        if times > 1:
            return f"The address gives {name} {times} times, and it takes one value: leave one of them."
    return None


def percent(confidence: float) -> str:
    """A probability (0 to 1) as the pages write it: whole per cent, and never 0 or 100, which none of them is."""
    whole = min(99, round(confidence * 100))
    return f"{whole}%" if whole else "under 1%"


def _is_a_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _plain(text: str) -> str:
    """Without the control characters that XML does not allow."""
    return "".join(each for each in text if each >= " " or each in "\t\n\r")


def _shortened(title: str) -> str:
    """A title where it is one of several; the page of its article has all of it."""
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1].rstrip()}…"


@pass_context
def _spoken(context: Context, text: str) -> str:
    """Words that a module wrote, in the reader's language."""
    return translated(context["request"], text)


@pass_context
def _day(context: Context, day: date) -> str:
    return day_in(context["request_language"], day)


@pass_context
def _minute(context: Context, moment: str | float) -> str:
    time = datetime.fromisoformat(moment) if isinstance(moment, str) else datetime.fromtimestamp(moment, UTC)
    return minute_in(context["request_language"], time)
