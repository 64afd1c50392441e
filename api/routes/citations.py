"""``/v1/citations/verify``: whether a citation still holds."""

from fastapi import APIRouter, Request

from api import examples
from api.requests import VerifyRequest
from api.routes.common import described, service_of
from api.schemas import VerifyResponse
from rag.citation import verify

router = APIRouter(tags=["citations"])


@router.post(
    "/v1/citations/verify",
    response_model=VerifyResponse,
    responses=described(examples.VERIFICATION, 413, 415, 422, 503),
)
def verify_citation(request: Request, body: VerifyRequest) -> VerifyResponse:
    """Look up whether the quote of a citation still stands in its article, and where."""
    citation = body.citation
    verification = verify(
        service_of(request).answerer.snapshot.store,
        article_id=citation.article_id,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        quote_start=citation.quote_start,
        prefix=citation.prefix,
        suffix=citation.suffix,
    )
    return VerifyResponse.model_validate(verification)
