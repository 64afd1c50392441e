"""The models there are to choose, one for each collection: ``/v1/models``."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette._utils import get_route_path

from api.chat import examples
from api.http.addressed import collection_in, enter
from api.http.errors import Problem
from api.routes.common import described
from api.runtime.state import runtime_of, runtimes_of
from index.article import storable
from index.collection.folders import DEFAULT

MODEL = "pullquote"
"""The model that answers from the default collection; ``pullquote/news`` does from the collection ``news``."""

router = APIRouter(tags=["chat"])


@router.get("/v1/models", responses=described({"object": "list", "data": [examples.MODEL]}, 503))
def list_models(request: Request) -> dict[str, Any]:
    """What chat frontends offer to choose from: a model for each collection. `created` is when its index was built."""
    return {"object": "list", "data": models_of(request)}


@router.get("/v1/models/{model:path}", responses=described(examples.MODEL, 404, 422, 503))
def get_model(request: Request, model: str) -> dict[str, Any]:
    """One model. The chat routes answer whatever model they are asked for, but for a collection that is not there."""
    for each in models_of(request):
        if each["id"] == model:
            return each
    raise _no_model(model)


def models_of(request: Request) -> list[dict[str, Any]]:
    """A model for each collection that can be asked; where an address names one, that of this alone.

    :raises Problem: 503 when none can be asked.
    """
    here = runtime_of(request) if collection_in(request.scope) != DEFAULT else None
    found, trouble = [], None
    for each in [here] if here else runtimes_of(request):
        try:
            with each.index.lease() as service:
                created = datetime.fromisoformat(service.manifest.created)
        except Problem as problem:
            trouble = trouble or problem
        else:
            name = named(each.settings.collection)
            found.append({"id": name, "object": "model", "created": int(created.timestamp()), "owned_by": MODEL})
    if trouble and not found:
        raise trouble
    return found


def choose(request: Request, model: object) -> str:
    """Let a request be about the collection that its model names; the name of the model that answers.

    A model of another kind is answered from the collection of the address.

    :raises Problem: 404 when the model names a collection that is not there, or another one than the address.
    """
    wanted = storable(model) if isinstance(model, str) else ""
    kind, _, collection = wanted.partition("/")
    here = collection_in(request.scope)
    if kind == MODEL and collection and collection != here:
        if here != DEFAULT:
            raise _no_model(wanted)
        enter(request.scope, collection, get_route_path(request.scope))
        try:
            runtime_of(request)
        except Problem as problem:
            raise _no_model(wanted) if problem.status_code == 404 else problem from None
    return named(collection_in(request.scope))


def named(collection: str) -> str:
    """The model that answers from a collection."""
    return MODEL if collection == DEFAULT else f"{MODEL}/{collection}"


def _no_model(model: str) -> Problem:
    return Problem(404, f"there is no model {model[:200]!r}: GET /v1/models lists them", "model_not_found")
