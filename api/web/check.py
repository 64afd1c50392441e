"""``/check``: a text, and what the articles say to each of its sentences."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.responses import Response

from api.http.errors import Problem, explained
from api.http.requests import MAX_CHECKED, CheckRequest
from api.routes.common import links_of
from api.runtime.service import Service
from api.runtime.state import runtime_of
from api.web.layout import Piece, pieces, quoted
from api.web.rendering import page
from index.storage.filters import EVERYTHING
from rag.checking.checker import STATUSES, CheckedText
from rag.citing.citation import Citation

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/check")
async def check_page(request: Request) -> Response:
    """The form that a text is put into."""
    return await _shown(request, "")


@router.post("/check")
async def check_text(request: Request) -> Response:
    """The same, with what the articles say to the text that the form sends. Nothing of it is kept."""
    given = (await request.form()).get("text")
    text = given.replace("\r\n", "\n") if isinstance(given, str) else ""
    try:
        asked = CheckRequest(text=text)
        checked, quotes = await runtime_of(request).run(request, partial(_checked, asked.text))
    except ValidationError as error:
        trouble = explained(error.errors()[:1]).detail.partition(": ")[2]
        return await _shown(request, text, 422, trouble=f"The text can’t be checked: {trouble}.")
    except Problem as problem:
        return await _shown(request, text, problem.status_code, trouble=problem.detail)
    counts = {status: checked.count(status) for status in STATUSES}
    return await _shown(request, text, checked=checked, quotes=quotes, counts=counts, links=links_of(request))


def _checked(text: str, service: Service) -> tuple[CheckedText, dict[Citation, tuple[Piece, ...]]]:
    """What is found of a text, and the quotes as they look."""
    checked = service.check(text, EVERYTHING)
    best = [sentence.citations[0] for sentence in checked.sentences if sentence.citations]
    return checked, {citation: _quote(citation, service) for citation in best}


def _quote(citation: Citation, service: Service) -> tuple[Piece, ...]:
    article = service.article(citation.article_id)
    if article is None:
        return ()
    return tuple(quoted(article, citation.quote_start, citation.quote_end, partial(pieces, article)))


async def _shown(request: Request, text: str, status: int = 200, **context: Any) -> HTMLResponse:
    index = runtime_of(request).index
    if index.reason:
        status, context = 503, {"waiting": index.reason, "is_empty": index.is_empty}
    return page(request, "check.html", status, text=text, most=MAX_CHECKED, **context)
