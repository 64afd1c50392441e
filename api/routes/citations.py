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
def verify_citation(request: Request, body: VerifyRequest) -> VerifyResponse:
    """Look up whether the quote of a citation still stands in its article, and where."""
    with runtime_of(request).index.lease() as service:
        return VerifyResponse.model_validate(service.verify(body.citation))
