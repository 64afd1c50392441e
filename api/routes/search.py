"""``/v1/search``: a question to ranked passages."""

from functools import partial

from fastapi import APIRouter, Request

from api.http import examples
from api.http.requests import SearchRequest
from api.http.responses import SearchResponse
from api.http.serialise import search_response
from api.routes.common import described, service_of, workers_of

router = APIRouter(tags=["answers"])


@router.post("/v1/search", response_model=SearchResponse, responses=described(examples.PASSAGES, 413, 415, 422, 503))
async def search(request: Request, body: SearchRequest) -> SearchResponse:
    """Find the passages that match a question best, without reading them for an answer."""
    service = service_of(request)
    work = partial(service.answerer.search, body.question, limit=body.limit, filters=body.filters.conditions())
    found = await workers_of(request).run(request, work)
    return search_response(body.question, found, service.manifest.version)
