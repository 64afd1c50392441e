"""What the pages share: their templates, and how they answer an address that can't be used."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from index.article import searchable

FOLDER = Path(__file__).parent


@cache
def _templates() -> Jinja2Templates:
    templates = Jinja2Templates(directory=FOLDER / "templates")
    templates.env.trim_blocks = templates.env.lstrip_blocks = True
    templates.env.filters["day"] = day
    templates.env.filters["minute"] = _minute
    templates.env.filters["seen"] = searchable
    templates.env.filters["percent"] = percent
    templates.env.tests["a_day"] = _is_a_day
    return templates


def page(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template ``name`` filled in."""
    return _templates().TemplateResponse(request, name, context, status)


def given_twice(request: Request, names: Iterable[str]) -> str | None:
    """What to tell when one of ``names``, parameters of one value, is given several times."""
    for name in names:
        times = len(request.query_params.getlist(name))
        if times > 1:
            return f"The address gives {name} {times} times, and it takes one value: leave one of them."
    return None


def day(day: date) -> str:
    """A date as the pages write it: 28 November 2026."""
    return f"{day.day} {day.strftime('%B %Y')}"


def percent(confidence: float) -> str:
    """A probability (0 to 1) as the pages write it: whole per cent, and never 0 or 100, which none of them is."""
    whole = min(99, round(confidence * 100))
    return f"{whole}%" if whole else "under 1%"


def _is_a_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _minute(moment: str) -> str:
    time = datetime.fromisoformat(moment)
    return f"{day(time)}, {time.strftime('%H:%M %Z')}"
