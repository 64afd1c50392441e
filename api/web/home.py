"""The front page, where questions are asked with a form, and the chat, which shows the widget."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import ValidationError

from api.http.errors import Problem, invalid
from api.http.requests import MAX_QUESTION, AskQuery
from api.questions.book import REASONS
from api.routes.common import links_of, takes_feedback
from api.runtime.service import Service
from api.runtime.state import runtime_of
from api.web.cards import cards, says_otherwise
from api.web.earlier import Exchange, earlier, guess_of, history_of
from api.web.language import language_of
from api.web.layout import Piece, pieces, quoted
from api.web.rendering import given_twice, page
from api.web.visitor import with_origin, without_blanks
from api.web.words import as_markdown, as_sentence, as_text, newest, told_apart, told_sides
from rag.answerer import Answer, Result
from rag.example_questions import follow_ups
from rag.question import Question

_LISTS = ("sources", "authors", "tags", "article_ids", "after")
_ONES = ("q", "version", "published_from", "published_to", "limit", "min_confidence", "prefer", "asked_at")
_LABELS = {
    "published_from": "Published from",
    "published_to": "Published until",
    "article_ids": "The article asked",
    "min_confidence": "The least confidence",
    "prefer": "Preferred",
    "asked_at": "The day of the question",
    "q": "The question",
}
_SHOWN = 5
"""Articles that are named when only they are asked."""

_NEAREST = 6
"""Passages that are shown beside the answers."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
async def home(request: Request) -> Response:
    """The front page; with ``q``, the answers to that question. The parameters are those of ``GET /v1/ask``.

    Blank ones, which a form sends for what was left empty, are taken out of the address; others are left alone.
    ``after``, repeated, are the questions asked before this one, the oldest first: it may be a follow-up to them.
    """
    if any(name in {*_LISTS, *_ONES} and not value.strip() for name, value in request.query_params.multi_items()):
        return RedirectResponse(without_blanks(request), 303)
    given = _given(request)
    context: dict[str, Any] = {"given": given, "question": given.get("q", ""), "most": MAX_QUESTION}
    runtime = runtime_of(request)
    if runtime.index.reason:
        return page(request, "home.html", 503, **context, waiting=runtime.index.reason, is_empty=runtime.index.is_empty)
    surroundings = partial(_surroundings, given)
    if trouble := given_twice(request, _ONES):
        return page(request, "home.html", 422, **context, **await runtime.read(surroundings), trouble=trouble)
    if not context["question"]:
        return page(request, "home.html", **context, **await runtime.read(surroundings))
    try:
        answered = partial(_answered, _query(request, given).asked(), given.get("after", []), surroundings)
        shown = await runtime.run(request, answered)
    except Problem as problem:
        around = await runtime.read(surroundings)
        answer = page(request, "home.html", problem.status_code, **context, **around, trouble=_in_words(problem))
        answer.headers.update(problem.headers or {})
        return answer
    context |= {"newest": newest}
    context |= {"takes_feedback": await takes_feedback(request), "reasons": REASONS, "links": links_of(request)}
    for of in (told_apart, told_sides, as_text, as_markdown):
        context[of.__name__] = partial(of, language=language_of(request))
    context["shared"] = urlencode({**given, "version": shown["manifest"].version}, doseq=True)
    return with_origin(page(request, "home.html", **context, **shown))


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
    question: Question,
    before: list[str],
    surroundings: Callable[[Service], dict[str, Any]],
    service: Service,
) -> dict[str, Any]:
    exchanges: list[Exchange] = earlier(before, question, service)
    result: Result = service.ask(replace(question, history=history_of(exchanges)))
    guess = guess_of(result)
    shown = [*result.answers, *filter(None, [guess])]
    nearest = list(cards(service.nearest(result, shown, question.filters, _NEAREST), result, service))
    quoted = {answer.citations[0]: _quoted(answer, service) for answer in shown}
    shown_beside = {"nearest": nearest, "quoted": quoted, "otherwise": says_otherwise(result)}
    return {**surroundings(service), **shown_beside, "earlier": exchanges, "result": result, "guess": guess}


def _quoted(answer: Answer, service: Service) -> list[tuple[Piece, ...]]:
    """The sentences around an answer in their order, as they look in the article, the answer marked."""
    best = answer.citations[0]
    article = service.article(best.article_id)
    if article is None:
        return []
    spans = sorted((quote.start, quote.end) for quote in answer.quotes) or [(best.quote_start, best.quote_end)]
    cut = partial(pieces, article, mark=(best.start, best.end), is_first=False)
    return [tuple(quoted(article, *span, cut)) for span in spans]


@router.get("/follow-ups", response_class=JSONResponse)
async def follow_up_questions(request: Request) -> list[str]:
    """Questions that may come next after that of the front page with the same address; none when it has no answer."""
    given = _given(request)
    asked = partial(_follow_ups, _query(request, given).asked(), given.get("after", []))
    found: list[str] = await runtime_of(request).run(request, asked)
    return found


def _follow_ups(question: Question, before: list[str], service: Service) -> list[str]:
    result = service.answer(replace(question, history=history_of(earlier(before, question, service))))
    asked_before = {each.casefold() for each in before}
    found = follow_ups(service.answer, result) if result.answers else []
    return [each for each in found if each.casefold() not in asked_before]


@router.get("/chat")
async def chat_page(request: Request) -> HTMLResponse:
    """The widget as another site shows it, and the two lines that put it there."""
    context: dict[str, Any] = {"base": links_of(request).base}
    try:
        with runtime_of(request).index.lease() as service:
            context |= {"manifest": service.manifest, "example_questions": service.example_questions}
    except Problem as problem:
        is_empty = runtime_of(request).index.is_empty
        return page(request, "chat.html", problem.status_code, **context, waiting=problem.detail, is_empty=is_empty)
    return page(request, "chat.html", **context)


def _given(request: Request) -> dict[str, Any]:
    """The parameters that the page knows and that are not blank."""
    lists = {name: [value for value in request.query_params.getlist(name) if value.strip()] for name in _LISTS}
    ones = {name: request.query_params.get(name, "").strip() for name in _ONES}
    return {name: value for name, value in {**lists, **ones}.items() if value}


def _query(request: Request, given: dict[str, Any]) -> AskQuery:
    try:
        return AskQuery.model_validate({name: given[name] for name in given.keys() - {"after", "version"}})
    except ValidationError as error:
        found = [{**each, "loc": ("query", *each["loc"])} for each in error.errors()]
        raise invalid(request, found) from None


def _in_words(problem: Problem) -> str:
    """A problem in words for people."""
    if problem.errors and problem.errors[0]["field"] == "q":
        return f"The question can't be asked: {problem.errors[0]['message']}."
    detail = problem.detail
    for name, label in _LABELS.items():
        detail = re.sub(rf"\b{name}\b", label, detail)
    return as_sentence(detail)
