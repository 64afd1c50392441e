"""The routes of the pages: the front page with a question form, and a page for each article."""

import re
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.responses import Response
from starlette.types import Scope

from api.errors import Problem
from api.requests import MAX_QUESTION
from api.routes.common import link_base, service_of, workers_of
from api.web.layout import Span, lines
from index.article import Article, storable
from rag.verification import find

_FOLDER = Path(__file__).parent
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_NOT_A_PLACE = "The address names no stretch of this article, so nothing is marked: start and end count its characters."
_CHANGED = "This article has changed since it was cited. The cited words may have moved, so nothing is marked."
_GONE = "This article has changed since it was cited, and the cited words are not in it any more."
_MOVED = "This article has changed since it was cited. The cited words are still in it, where they are marked."
_REWORDED = "This article has changed since it was cited, and so have the cited words: what stands there now is marked."
_LONGEST_QUOTE = 2000

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def install(app: FastAPI) -> None:
    """Add the pages and what they are made of to ``app``."""
    app.include_router(router)
    app.mount("/static", _Static(directory=_FOLDER / "static"), name="static")


class _Static(StaticFiles):
    """Static files that browsers may keep for an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in {"GET", "HEAD"}:
            detail = f"{scope['path']} does not take {scope['method']}: use GET, HEAD"
            raise Problem(405, detail, headers={"Allow": "GET, HEAD"})
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=3600"
        return response


@cache
def _templates() -> Jinja2Templates:
    return Jinja2Templates(directory=_FOLDER / "templates")


def _page(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    return _templates().TemplateResponse(request, name, context, status)


@router.get("/")
async def home(request: Request, q: str = Query("", max_length=100_000)) -> HTMLResponse:
    """The front page; with ``q``, the answers to that question."""
    reason = request.app.state.door.reason
    question = q.strip()
    context: dict[str, Any] = {"question": question, "reason": reason, "most": MAX_QUESTION}
    if reason is None:
        context["manifest"] = service_of(request).manifest
    if reason or not question:
        return _page(request, "home.html", 503 if reason else 200, **context)
    if len(question) > MAX_QUESTION:
        trouble = f"This question has {len(question)} characters; {MAX_QUESTION} is the most that is taken."
        return _page(request, "home.html", 422, **context, trouble=trouble)
    ask = partial(service_of(request).answerer.ask, question, link_base=link_base(request))
    try:
        result = await workers_of(request).run(request, ask)
    except Problem as problem:
        answer = _page(request, "home.html", problem.status_code, **context, trouble=f"Too busy: {problem.detail}.")
        answer.headers.update(problem.headers or {})
        return answer
    return _page(request, "home.html", **context, result=result)


@router.get("/articles/{article_id}")
def article_page(
    request: Request, article_id: str, start: str = "", end: str = "", sha256: str = "", quote: str = ""
) -> HTMLResponse:
    """An article for reading; ``start`` and ``end`` (code points) mark a quote.

    When the article is not the one with the hash ``sha256`` any more, ``quote`` is looked for and marked.
    """
    door = request.app.state.door
    if door.reason:
        return _page(request, "missing.html", 503, heading="Not ready yet", message=door.reason)
    article = service_of(request).answerer.snapshot.store.article(article_id)
    if article is None:
        message = "There is no such article here. It may have been removed since it was cited, or the address is cut."
        return _page(request, "missing.html", 404, heading="Article not found", message=message)
    mark, note = _mark(article, start, end, sha256, quote)
    shown = lines(article, mark)
    return _page(
        request,
        "article.html",
        article=article,
        lines=shown,
        language=article.language if article.language and _LANGUAGE.fullmatch(article.language) else None,
        has_title=any(line.kind == "title" for line in shown),
        is_marked=any(piece.marked for line in shown for piece in line.pieces),
        note=note,
    )


def _mark(article: Article, start: str, end: str, sha256: str, quote: str) -> tuple[Span | None, str | None]:
    """What to mark, and what to tell when it is not what was cited."""
    if sha256 and sha256.lower() != article.sha256:
        near = int(start) if re.fullmatch(r"[0-9]{1,12}", start) else 0
        place = find(article.text, storable(quote[:_LONGEST_QUOTE]), near)
        if place is None:
            return None, _GONE if quote else _CHANGED
        return (place.start, place.end), _MOVED if place.similarity == 1 else _REWORDED
    if not start and not end:
        return None, None
    if not (re.fullmatch(r"[0-9]{1,12}", start) and re.fullmatch(r"[0-9]{1,12}", end)):
        return None, _NOT_A_PLACE
    low, high = int(start), int(end)
    if not low < high <= len(article.text):
        return None, _NOT_A_PLACE
    return (low, high), None
