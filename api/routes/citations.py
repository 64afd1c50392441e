"""``/v1/citations/verify``: whether a citation still holds."""

from fastapi import APIRouter, Request

from api.http import examples
from api.http.requests import VerifyRequest
from api.http.responses import VerifyResponse
from api.routes.common import described
from api.runtime.state import runtime_of

router = APIRouter(tags=["citations"])


@router.post(
    "/v1/citations/verify",
    response_model=VerifyResponse,
    responses=described(examples.VERIFICATION, 413, 415, 422, 503),
)
async def verify_citation(request: Request, body: VerifyRequest) -> VerifyResponse:
    """Look up whether the quote of a citation still stands in its article, and where."""
    found = await runtime_of(request).run(request, lambda service: service.verify(body.citation))
    return VerifyResponse.model_validate(found)
