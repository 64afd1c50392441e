"""``/v1/ask``: a question to cited answers."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.http import examples
from api.http.requests import AskQuery, AskRequest
from api.http.responses import AskResponse
from api.http.serialise import ask_response
from api.routes.ask_stream import MEDIA_TYPE, answer_stream, is_wanted
from api.routes.common import described, each_once, links_of, takes_feedback
from api.runtime.service import Service
from api.runtime.state import runtime_of
from rag.answerer import Result

router = APIRouter(tags=["answers"])

_RESPONSES = described(examples.ANSWERS, 413, 415, 422, 503)
_RESPONSES[200]["content"][MEDIA_TYPE] = {"example": examples.ANSWER_STREAM}


@router.post("/v1/ask", response_model=AskResponse, responses=_RESPONSES)
async def ask(request: Request, body: AskRequest) -> AskResponse | Response:
    """Answer a question with the exact words of an article, or say that none answers.

    With the header `accept: text/event-stream` the answer comes as events: `found` (the articles that are about to be
    read), then `answered` (the same body) or `failed` (a problem).
    """
    if is_wanted(request):
        takes = await takes_feedback(request)
        return answer_stream(request, body, takes)
    return await _answer(request, body)


@router.get(
    "/v1/ask",
    response_model=AskResponse,
    dependencies=[Depends(each_once)],
    responses=described(examples.ANSWERS, 422, 503),
)
async def ask_by_query(request: Request, query: Annotated[AskQuery, Query()]) -> AskResponse:
    """The same as `POST /v1/ask`, for a browser's address bar. Repeat a filter to give it several values."""
    return await _answer(request, query)


def _ask(asked: AskRequest | AskQuery, service: Service) -> Result:
    return service.at_least(asked.min_index_version).ask(asked.asked(), require_complete=asked.require_complete)


async def _answer(request: Request, asked: AskRequest | AskQuery) -> AskResponse:
    result = await runtime_of(request).run(request, partial(_ask, asked))
    return ask_response(result, links_of(request), asked.include_passages, await takes_feedback(request))
