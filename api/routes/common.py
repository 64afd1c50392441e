"""What the routes share: how they reach the service, and how they describe their errors and examples."""

from typing import Any

from fastapi import Request

from api import examples
from api.errors import MEDIA_TYPE, Problem
from api.requests import FilterSet
from api.schemas import ProblemModel
from api.service import Service
from api.settings import Settings
from api.workers import Workers

_MEANINGS = {
    400: "The request asks for what this service does not do.",
    404: "There is no such thing.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The request can't be used; `detail` names the field and how to mend it.",
    503: "No index is open, or the queue is full; `Retry-After` says when to come again.",
}

_REPEATABLE = {name for name, field in FilterSet.model_fields.items() if isinstance(field.default, list)}
"""The query parameters that may have several values."""


def service_of(request: Request) -> Service:
    """The open service.

    :raises Problem: 503 when there is none.
    """
    service: Service = request.app.state.door.service()
    return service


def workers_of(request: Request) -> Workers:
    """The threads for model work."""
    workers: Workers = request.app.state.workers
    return workers


def link_base(request: Request) -> str:
    """The address that links begin with: the public one if set, or the one that was asked."""
    settings: Settings = request.app.state.settings
    return settings.public_url or str(request.base_url).rstrip("/")


def each_once(request: Request) -> None:
    """Refuse a query parameter that takes one value and was given several.

    :raises Problem: 422 naming it.
    """
    for name in request.query_params:
        given = len(request.query_params.getlist(name))
        if given > 1 and name not in _REPEATABLE:
            message = f"it is given {given} times and takes one value: give it once"
            raise Problem(422, f"{name}: {message}", errors=[{"field": name, "message": message}])


def described(example: Any, *statuses: int, media_type: str = "application/json") -> dict[int | str, dict[str, Any]]:
    """The OpenAPI ``responses`` of a route: an example of success, and its errors."""
    problem = {MEDIA_TYPE: {"schema": ProblemModel.model_json_schema(), "example": examples.PROBLEM}}
    errors: dict[int | str, dict[str, Any]] = {
        status: {"description": _MEANINGS[status], "content": problem} for status in statuses
    }
    return {200: {"content": {media_type: {"example": example}}}, **errors}
