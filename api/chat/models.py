"""The one model there is to choose: ``/v1/models``."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request

from api.chat import examples
from api.http.errors import Problem
from api.routes.common import described
from api.runtime.state import runtime_of

MODEL = "pullquote"

router = APIRouter(tags=["chat"])


@router.get("/v1/models", responses=described({"object": "list", "data": [examples.MODEL]}, 503))
def list_models(request: Request) -> dict[str, Any]:
    """What chat frontends offer to choose from. `created` is when the index was built."""
    return {"object": "list", "data": [_model(request)]}


@router.get("/v1/models/{model}", responses=described(examples.MODEL, 404, 422, 503))
def get_model(request: Request, model: str) -> dict[str, Any]:
    """The one model. The chat routes answer whatever model they are asked for."""
    if model != MODEL:
        raise Problem(404, f"there is no model {model[:200]!r}: the only one is {MODEL}", "model_not_found")
    return _model(request)


def _model(request: Request) -> dict[str, Any]:
    with runtime_of(request).index.lease() as service:
        created = datetime.fromisoformat(service.manifest.created)
    return {"id": MODEL, "object": "model", "created": int(created.timestamp()), "owned_by": MODEL}
