"""``/admin/questions``: what was asked and not answered, or disputed; and ``/feedback``, where thumbs go."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api.http.errors import Problem, explained
from api.http.requests import FeedbackRequest
from api.questions.alike import AlikeQuestions
from api.questions.book import REASONS, Asked, Opinion, Pin, QuestionBook, QuestionBookError, Shown, key_of
from api.questions.export import gold_lines
from api.questions.groups import Group, grouped
from api.routes.common import audited, may_administer
from api.routes.feedback import keep
from api.runtime.service import Service
from api.runtime.state import runtime_of
from api.web.admin import entrance
from api.web.rendering import page
from api.web.visitor import may, see, with_origin
from index.article import storable
from index.storage.filters import EVERYTHING
from rag.citing.excerpt import Excerpt

_MOST = 300
"""Open questions that are shown, the latest."""

_TO_CHOOSE_FROM = 8
_MOST_ALIKE = 5
"""Questions like one with a chosen answer that are shown with it."""
_MOST_PINS = 50
"""Chosen answers that are shown with the questions that have them, too."""
_LONGEST_CHOICE = 2_000

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/admin/questions")
async def questions_page(request: Request) -> Response:
    """Open questions in groups, and the answers that were chosen."""
    if not await may(request, "admin"):
        return await entrance(request)
    return await _shown(request)


@router.get("/admin/questions.jsonl", dependencies=[Depends(may_administer)])
async def export_questions(request: Request) -> Response:
    """What users said, as `pullquote eval` and `pullquote calibrate` read it."""
    found = await _with_book(request, lambda book: list(gold_lines(book)))
    name = {"content-disposition": 'attachment; filename="questions.jsonl"', "cache-control": "no-store"}
    return StreamingResponse(_lines(found), headers=name, media_type="application/x-ndjson")


def _lines(found: list[str]) -> Iterator[str]:
    return (f"{line}\n" for line in found)


@router.post("/admin/questions/switch", dependencies=[Depends(may_administer)])
async def switch_questions(request: Request) -> Response:
    """Keep questions from now on, or no more."""
    on = (await _form(request)).get("on") == "true"
    if runtime_of(request).book.is_fixed:
        return await _shown(request, Problem(409, "PULLQUOTE_QUESTION_LOG says it: change the setting"))
    await _change(request, "questions.switch", lambda book: book.switch(on), on=on)
    return see(request, "questions_page")


@router.post("/admin/questions/forget", dependencies=[Depends(may_administer)])
async def forget_questions(request: Request) -> Response:
    """Erase a question, or all of them."""
    form = await _form(request)
    keys = [key for key in form.get("keys", "").split("\n") if key]
    if not keys and form.get("all") != "true":
        return await _shown(request, Problem(422, "no question is named"))

    def forget(book: QuestionBook) -> None:
        for key in keys:
            book.forget(key)
        if not keys:
            book.forget()

    await _change(request, "questions.erase", forget, number=len(keys) or None)
    return see(request, "questions_page")


@router.get("/admin/choose")
async def choose_page(request: Request, q: str = "") -> Response:
    """Passages to choose an answer from."""
    if not await may(request, "admin"):
        return await entrance(request)
    return await _choosing(request, q.strip()[:_LONGEST_CHOICE])


@router.post("/admin/questions/pin", dependencies=[Depends(may_administer)])
async def pin_answer(request: Request) -> Response:
    """Let words of an article answer a question."""
    async with request.form(max_files=0, max_fields=20 + _MOST_ALIKE) as sent:
        form = {name: value for name, value in sent.items() if isinstance(value, str)}
        also = [each for each in sent.getlist("also") if isinstance(each, str) and each.strip()]
    question, words = form.get("question", "").strip(), form.get("words", "").strip()
    if not question or not words or len(words) > _LONGEST_CHOICE:
        problem = Problem(
            422, f"write the question, and the words that answer it: {_LONGEST_CHOICE} characters at most"
        )
        return await _choosing(request, question, problem)
    near = _number(form.get("near", ""))
    pin = await runtime_of(request).read(partial(_pin, question, form.get("article_id", ""), storable(words), near))
    if pin is None:
        problem = Problem(422, "these words don't stand in that article as they are written: copy them from it")
        return await _choosing(request, question, problem)
    await _change(request, "answer.pin", partial(_pin_all, pin, also), articles=[pin.article_id])
    return see(request, "questions_page")


def _pin_all(pin: Pin, also: list[str], book: QuestionBook) -> None:
    for question in [pin.question, *also]:
        book.pin(replace(pin, question=question))


@router.post("/admin/questions/unpin", dependencies=[Depends(may_administer)])
async def unpin_answer(request: Request) -> Response:
    """Let a question be answered as any other again."""
    question = (await _form(request)).get("question", "")
    await _change(request, "answer.unpin", lambda book: book.unpin(question))
    return see(request, "questions_page")


@router.post("/feedback")
async def take_feedback(request: Request) -> Response:
    """Keep what the form below an answer says, and lead back to the answer."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Problem(403, "this form belongs to a page of this service")
    form = await _form(request)
    place = {
        "text": form.get("text"),
        "article_id": form.get("article_id"),
        "start": _number(form.get("start", "")),
        "end": _number(form.get("end", "")),
    }
    given = {
        "question": form.get("question", ""),
        "helpful": form.get("helpful") == "true",
        "reason": form.get("reason") or None,
        "comment": form.get("comment") or None,
        "answer": place if form.get("text") else None,
    }
    try:
        body = FeedbackRequest.model_validate(given)
    except ValidationError as error:
        raise explained(error.errors()) from None
    shown = body.answer
    words = Shown(shown.text, None, shown.article_id, shown.start, shown.end) if shown else None
    await keep(request, Opinion(body.question, body.helpful, body.reason, body.comment, words))
    back = urlsplit(form.get("back", ""))
    address = f"{request.url_for('home').path}?{back.query}" if back.query else request.url_for("home").path
    return RedirectResponse(f"{address}#thanks", 303)


async def _form(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=20) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 else 0


async def _with_book(request: Request, work: Callable[[QuestionBook], Any]) -> Any:
    try:
        return await asyncio.to_thread(work, runtime_of(request).book)
    except QuestionBookError:
        raise Problem(503, "the questions can't be read or written: the log tells why", "questions_unusable") from None


async def _change(request: Request, action: str, work: Callable[[QuestionBook], None], **details: Any) -> None:
    def change(book: QuestionBook) -> None:
        audited(request, action, **details)
        work(book)

    await _with_book(request, change)


def _pin(question: str, article_id: str, words: str, near: int, service: Service) -> Pin | None:
    article = service.article(article_id)
    if article is None:
        return None
    at = article.text.find(words, max(0, near - len(words)))
    at = at if at >= 0 else article.text.find(words)
    return Pin(question, article_id, at, at + len(words), words, article.sha256) if at >= 0 else None


async def _shown(request: Request, trouble: Problem | None = None) -> Response:
    book = runtime_of(request).book
    found = await _with_book(
        request, lambda book: (book.is_on, book.asked(_MOST, only_open=True), book.asked(_MOST), book.pins())
    )
    is_on, still_open, asked, pins = found
    groups = [Group((each,)) for each in still_open]
    also: dict[str, list[str]] = {}
    if still_open or pins:
        with suppress(Problem):
            groups, also = await runtime_of(request).run(request, partial(_sorted, still_open, asked, pins))
    context = {"is_on": is_on, "is_fixed": book.is_fixed, "groups": groups, "pins": pins, "reasons": REASONS}
    context["also"] = also
    context |= {"trouble": trouble.detail if trouble else None}
    context["days"] = runtime_of(request).settings.question_log_days
    return with_origin(page(request, "questions.html", trouble.status_code if trouble else 200, **context))


def _sorted(
    still_open: list[Asked], asked: list[Asked], pins: list[Pin], service: Service
) -> tuple[list[Group], dict[str, list[str]]]:
    """The open questions in groups, and for each question with a chosen answer those that have it, too."""
    groups = grouped(still_open, service.vectors([each.question for each in still_open]))
    others = [each.question for each in asked if each.key not in {key_of(pin.question) for pin in pins}]
    also: dict[str, list[str]] = {}
    alike = AlikeQuestions()
    for pin in pins[:_MOST_PINS]:
        found = [others[at] for at in alike.ranked(pin.question, others, service.embedder.embed_question)]
        also[pin.question] = [each for each in found[:_MOST_ALIKE] if service.is_answered_by(pin, each)]
    return groups, also


def _to_choose_from(question: str, asked: list[Asked], service: Service) -> tuple[list[Excerpt], list[str]]:
    """The nearest passages, and what was asked that is like the question."""
    others = [each.question for each in asked if each.key != key_of(question)]
    alike = AlikeQuestions().ranked(question, others, service.embedder.embed_question)
    return service.excerpts(question, EVERYTHING, _TO_CHOOSE_FROM), [others[at] for at in alike[:_MOST_ALIKE]]


async def _choosing(request: Request, question: str, trouble: Problem | None = None) -> Response:
    found: list[Excerpt] = []
    alike: list[str] = []
    if question:
        asked = await _with_book(request, lambda book: book.asked(_MOST))
        found, alike = await runtime_of(request).run(request, partial(_to_choose_from, question, asked))
    context: dict[str, Any] = {"question": question, "found": found, "alike": alike}
    context["trouble"] = trouble.detail if trouble else None
    return with_origin(page(request, "choose.html", trouble.status_code if trouble else 200, **context))
