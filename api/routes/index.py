"""``/v1/index``: which index answers."""

from fastapi import APIRouter, Request

from api.http import examples
from api.http.responses import IndexResponse
from api.routes.common import described, refusal_of
from api.runtime.state import runtime_of

router = APIRouter(tags=["index"])


@router.get("/v1/index", response_model=IndexResponse, responses=described(examples.INDEX, 503))
def get_index(request: Request) -> IndexResponse:
    """The version of the index, what is in it, and what it was made with."""
    with runtime_of(request).index.lease() as service:
        manifest = service.manifest
        return IndexResponse(
            version=manifest.version,
            created=manifest.created,
            articles=manifest.articles,
            passages=manifest.passages,
            size_bytes=service.size_bytes(),
            models=service.models(),
            settings=manifest.settings,
            refused=refusal_of(request),
            facets=service.facets(),
        )
