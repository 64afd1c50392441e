"""``/v1/ask``: a question to cited answers."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api import examples
from api.requests import AskQuery, AskRequest
from api.routes.common import described, each_once, link_base, service_of, workers_of
from api.schemas import AskResponse
from api.views import ask_response
from index.filters import Filters
from rag.followup import Turn

router = APIRouter(tags=["answers"])


@router.post("/v1/ask", response_model=AskResponse, responses=described(examples.ANSWERS, 413, 415, 422, 503))
async def ask(request: Request, body: AskRequest) -> AskResponse:
    """Answer a question with the exact words of an article, or say that none answers."""
    return await _ask(
        request,
        body.question,
        body.limit,
        body.filters.conditions(),
        body.min_confidence,
        body.include_passages,
        [message.turn() for message in body.history],
    )


@router.get(
    "/v1/ask",
    response_model=AskResponse,
    dependencies=[Depends(each_once)],
    responses=described(examples.ANSWERS, 422, 503),
)
async def ask_by_query(request: Request, query: Annotated[AskQuery, Query()]) -> AskResponse:
    """The same as `POST /v1/ask`, for a browser's address bar. Repeat a filter to give it several values."""
    return await _ask(request, query.q, query.limit, query.conditions(), query.min_confidence, query.include_passages)


async def _ask(
    request: Request,
    question: str,
    limit: int,
    filters: Filters,
    min_confidence: float | None,
    include_passages: bool,
    history: Sequence[Turn] = (),
) -> AskResponse:
    work = partial(
        service_of(request).answerer.ask,
        question,
        history=history,
        limit=limit,
        filters=filters,
        min_confidence=min_confidence,
        link_base=link_base(request),
    )
    return ask_response(await workers_of(request).run(request, work), include_passages)
