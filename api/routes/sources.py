"""``/v1/sources``: the sources that lie elsewhere, and when each is looked at."""

from fastapi import APIRouter, Depends, Request

from api.access.caller import sees_everything
from api.http import examples
from api.http.responses import SourcesResponse
from api.http.serialise import source_model
from api.routes.common import collection_of, described
from index.collection.looks import Looks

router = APIRouter(tags=["index"], dependencies=[Depends(sees_everything)])


@router.get("/v1/sources", response_model=SourcesResponse, responses=described(examples.SOURCES, 503))
def list_sources(request: Request) -> SourcesResponse:
    """The sources that lie elsewhere: when each was looked at, what came of it, and when it is looked at again."""
    return SourcesResponse(sources=[source_model(looked) for looked in Looks(collection_of(request)).all()])
