"""``/healthz`` and ``/readyz``: for those who watch over the process."""

from fastapi import APIRouter, Request

from api.http.responses import HealthResponse
from api.routes.common import described, refusal_of, service_of

router = APIRouter(tags=["health"])


@router.get(
    "/healthz", response_model=HealthResponse, response_model_exclude_none=True, responses=described({"status": "ok"})
)
async def healthz() -> HealthResponse:
    """The process lives."""
    return HealthResponse(status="ok")


@router.get(
    "/readyz",
    response_model=HealthResponse,
    response_model_exclude_none=True,
    responses=described({"status": "ready", "index_version": "000001-5f2a90c1"}, 503),
)
async def readyz(request: Request) -> HealthResponse:
    """An index is open and the models are warm."""
    return HealthResponse(
        status="ready",
        index_version=service_of(request).manifest.version,
        refused=refusal_of(request),
    )
