"""The front page, where questions are asked with a form, and the chat, which shows the widget."""

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from api.http.errors import Problem, invalid
from api.http.requests import MAX_QUESTION, AskQuery
from api.routes.common import links_of, service_of, workers_of
from api.web.rendering import given_twice, page

_LISTS = ("sources", "authors", "tags", "article_ids")
_ONES = ("q", "published_from", "published_to", "limit", "min_confidence")
_SHOWN = 5
"""Articles that are named when only they are asked."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
async def home(request: Request) -> HTMLResponse:
    """The front page; with ``q``, the answers to that question. The parameters are those of ``GET /v1/ask``.

    Blank ones count as not given, as a form sends what was left empty; others are left alone.
    """
    given = _given(request)
    context: dict[str, Any] = {"given": given, "question": given.get("q", ""), "most": MAX_QUESTION}
    reason = request.app.state.door.reason
    if reason:
        return page(request, "home.html", 503, **context, reason=reason)
    service = service_of(request)
    store = service.answerer.snapshot.store
    context["manifest"] = service.manifest
    context["facets"] = await asyncio.to_thread(store.facets)
    chosen = [await asyncio.to_thread(store.article, each) for each in given.get("article_ids", [])[:_SHOWN]]
    context["within"] = list(filter(None, chosen))
    if trouble := given_twice(request, _ONES):
        return page(request, "home.html", 422, **context, trouble=trouble)
    if not context["question"]:
        return page(request, "home.html", **context, examples=service.answerer.snapshot.example_questions)
    try:
        asked = _query(request, given).asked()
        result = await workers_of(request).run(request, partial(service.ask, asked))
    except Problem as problem:
        answer = page(request, "home.html", problem.status_code, **context, trouble=_told(problem))
        answer.headers.update(problem.headers or {})
        return answer
    return page(request, "home.html", **context, result=result, links=links_of(request))


@router.get("/chat")
async def chat_page(request: Request) -> HTMLResponse:
    """The widget as another site shows it, and the two lines that put it there."""
    reason = request.app.state.door.reason
    context: dict[str, Any] = {"reason": reason, "base": links_of(request).base}
    if reason is None:
        service = service_of(request)
        context["manifest"] = service.manifest
        context["examples"] = service.answerer.snapshot.example_questions
    return page(request, "chat.html", 503 if reason else 200, **context)


def _given(request: Request) -> dict[str, Any]:
    """The parameters that the page knows and that are not blank."""
    lists = {name: [value for value in request.query_params.getlist(name) if value.strip()] for name in _LISTS}
    ones = {name: request.query_params.get(name, "").strip() for name in _ONES}
    return {name: value for name, value in {**lists, **ones}.items() if value}


def _query(request: Request, given: dict[str, Any]) -> AskQuery:
    try:
        return AskQuery.model_validate(given)
    except ValidationError as error:
        found = [{**each, "loc": ("query", *each["loc"])} for each in error.errors()]
        raise invalid(request, found) from None


def _told(problem: Problem) -> str:
    """A problem in words for people."""
    if problem.errors and problem.errors[0]["field"] == "q":
        return f"The question can't be asked: {problem.errors[0]['message']}."
    return f"{problem.detail[:1].upper()}{problem.detail[1:]}."
