"""The front page, where questions are asked with a form, and the chat, which shows the widget."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from api.http.errors import Problem, invalid
from api.http.requests import MAX_QUESTION, AskQuery
from api.routes.common import links_of
from api.runtime.service import Service
from api.runtime.state import runtime_of
from api.web.rendering import given_twice, page
from rag.answerer import Result
from rag.question import Question

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
    runtime = runtime_of(request)
    if runtime.index.reason:
        return page(request, "home.html", 503, **context, reason=runtime.index.reason)
    surroundings = partial(_surroundings, given)
    if trouble := given_twice(request, _ONES):
        return page(request, "home.html", 422, **context, **await runtime.read(surroundings), trouble=trouble)
    if not context["question"]:
        return page(request, "home.html", **context, **await runtime.read(surroundings))
    try:
        answered = partial(_answered, _query(request, given).asked(), surroundings)
        around, result = await runtime.run(request, answered)
    except Problem as problem:
        around = await runtime.read(surroundings)
        answer = page(request, "home.html", problem.status_code, **context, **around, trouble=_in_words(problem))
        answer.headers.update(problem.headers or {})
        return answer
    return page(request, "home.html", **context, **around, result=result, links=links_of(request))


def _surroundings(given: dict[str, Any], service: Service) -> dict[str, Any]:
    """What the page shows of the index, whatever is asked."""
    chosen = [service.article(each) for each in given.get("article_ids", [])[:_SHOWN]]
    return {
        "manifest": service.manifest,
        "facets": service.facets(),
        "within": list(filter(None, chosen)),
        "example_questions": service.example_questions,
    }


def _answered(
    question: Question, surroundings: Callable[[Service], dict[str, Any]], service: Service
) -> tuple[dict[str, Any], Result]:
    return surroundings(service), service.ask(question)


@router.get("/chat")
async def chat_page(request: Request) -> HTMLResponse:
    """The widget as another site shows it, and the two lines that put it there."""
    context: dict[str, Any] = {"base": links_of(request).base, "reason": None}
    try:
        with runtime_of(request).index.lease() as service:
            context |= {"manifest": service.manifest, "example_questions": service.example_questions}
    except Problem as problem:
        return page(request, "chat.html", problem.status_code, **{**context, "reason": problem.detail})
    return page(request, "chat.html", **context)


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


def _in_words(problem: Problem) -> str:
    """A problem in words for people."""
    if problem.errors and problem.errors[0]["field"] == "q":
        return f"The question can't be asked: {problem.errors[0]['message']}."
    return f"{problem.detail[:1].upper()}{problem.detail[1:]}."
