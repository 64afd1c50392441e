"""What others want of a site: a description of its search, a feed of new articles, and its look."""

import re
from datetime import UTC, datetime, time
from email.utils import format_datetime
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import FileResponse, RedirectResponse, Response

from api.http.errors import Problem
from api.questions.book import QuestionBookError
from api.routes.common import links_of
from api.runtime.service import Service
from api.runtime.state import runtime_of
from api.web.rendering import page
from index.storage.catalogue import Entry, Listing
from index.storage.filters import EVERYTHING

_IN_THE_FEED = 30
_SUGGESTED = 6
_LOOKED_THROUGH = 60
"""Articles with the typed words among whose titles is looked for them."""
_LONGEST_BEGINNING = 200
_LEAST_BEGINNING = 2
_KEPT_AN_HOUR = {"cache-control": "public, max-age=3600"}

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/opensearch.xml")
def search_description(request: Request) -> Response:
    """How a browser searches here (OpenSearch 1.1)."""
    answer = page(request, "opensearch.xml", base=links_of(request).base)
    return Response(answer.body, headers=_KEPT_AN_HOUR, media_type="application/opensearchdescription+xml")


@router.get("/feed.xml")
async def feed(request: Request) -> Response:
    """The newest articles (RSS 2.0), by the day they were published."""
    found: Listing = await runtime_of(request).read(partial(_newest))
    entries = [(entry, _moment(entry)) for entry in found.entries]
    answer = page(request, "feed.xml", entries=entries, links=links_of(request))
    return Response(answer.body, headers={"cache-control": "public, max-age=300"}, media_type="application/rss+xml")


def _newest(service: Service) -> Listing:
    return service.listing(EVERYTHING, "", "newest", 0, _IN_THE_FEED)


def _moment(entry: Entry) -> str | None:
    day = entry.published
    return format_datetime(datetime.combine(day, time(), UTC)) if day else None


@router.get("/favicon.ico")
def favicon(request: Request) -> Response:
    """The icon, for what looks for it here."""
    return RedirectResponse(request.url_for("static", path="icon.svg").path, 301)


@router.get("/theme.css")
def theme(request: Request) -> Response:
    """The colour of the settings, as a style sheet; empty without one."""
    colour = runtime_of(request).settings.site_colour
    light = f":root {{ --link: {colour}; }}\n" if colour else ""
    dark = f"color-mix(in oklab, {colour} 45%, white)"
    darker = f"@media (prefers-color-scheme: dark) {{ :root {{ --link: {dark}; }} }}\n" if colour else ""
    return Response(light + darker, headers=_KEPT_AN_HOUR, media_type="text/css")


@router.get("/logo")
def logo(request: Request) -> Response:
    """The picture of the settings."""
    file = runtime_of(request).settings.site_logo
    if file is None or not file.is_file():
        raise Problem(404, "this service has no logo of its own")
    return FileResponse(file, headers=_KEPT_AN_HOUR)


@router.get("/suggest", response_class=JSONResponse)
async def suggestions(request: Request, q: str = "") -> list[str]:
    """What somebody who has typed ``q`` may want to ask: questions that were answered, examples, titles."""
    beginning = q.strip()[:_LONGEST_BEGINNING]
    if len(beginning) < _LEAST_BEGINNING:
        return []
    found: list[str] = await runtime_of(request).read(partial(_suggested, beginning))
    return found


def _suggested(beginning: str, service: Service) -> list[str]:
    words = re.compile(rf"\b{re.escape(beginning)}", re.IGNORECASE)
    examples = [each for each in service.example_questions if words.search(each)]
    entries = service.listing(EVERYTHING, beginning, "title", 0, _LOOKED_THROUGH).entries
    titles = [entry.title for entry in entries if _begin_words(beginning, entry.title)]
    found = dict.fromkeys([*_asked_before(beginning, service), *examples, *titles])
    return list(found)[:_SUGGESTED]


def _begin_words(beginning: str, title: str) -> bool:
    """Whether each word that was typed begins one of the title, not only one of the text."""
    words = re.findall(r"\w+", title.casefold())
    return all(any(word.startswith(typed) for word in words) for typed in re.findall(r"\w+", beginning.casefold()))


def _asked_before(beginning: str, service: Service) -> list[str]:
    """Questions that were answered; what others asked is not for whoever sees only some articles."""
    try:
        return [] if service.scope or not service.book.is_on else service.book.answered_like(beginning, _SUGGESTED)
    except QuestionBookError:
        return []
