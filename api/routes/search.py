"""``/v1/search``: a question to ranked passages."""

from functools import partial

from fastapi import APIRouter, Request

from api.http import examples
from api.http.requests import SearchRequest
from api.http.responses import SearchResponse
from api.http.serialise import search_response
from api.routes.common import described
from api.runtime.service import Service
from api.runtime.state import runtime_of

router = APIRouter(tags=["answers"])


@router.post("/v1/search", response_model=SearchResponse, responses=described(examples.PASSAGES, 413, 415, 422, 503))
async def search(request: Request, body: SearchRequest) -> SearchResponse:
    """Find the passages that match a question best, without reading them for an answer."""
    return await runtime_of(request).run(request, partial(_search, body))


def _search(body: SearchRequest, service: Service) -> SearchResponse:
    found = service.find(body.question, body.limit, body.filters.conditions())
    return search_response(body.question, found, service.version)
