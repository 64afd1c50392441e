"""What the routes share: how they reach the service, and how they describe their errors and examples."""

import asyncio
import errno
from typing import Any

from fastapi import Request

from api.access.caller import knows_every_collection
from api.access.keys import Role
from api.access.writing import check_writer
from api.http import examples
from api.http.addressed import collection_in
from api.http.errors import MEDIA_TYPE, Problem, request_id_of
from api.http.links import Links
from api.http.requests import FilterSet
from api.http.responses import ProblemModel, RefusalModel
from api.questions.book import QuestionBookError
from api.runtime.replication import builder_of
from api.runtime.state import runtime_of, service_settings
from api.settings import Settings
from api.telemetry import audit
from index.collection.folders import DEFAULT
from index.collection.store import Collection

_MEANINGS = {
    400: "The request asks for what this service does not do.",
    401: "A key is missing, wrong, revoked or expired.",
    403: "This is not allowed; `detail` says why and what to do.",
    404: "There is no such thing.",
    412: "The article is not in the state that `If-Match` names.",
    409: "There is one already, or another process is in the way; `detail` says what to do.",
    413: "The body is too large.",
    415: "The body is in a form that is not taken here.",
    422: "The request can't be used; `detail` names the field and how to mend it.",
    507: "The disk is full.",
    503: "No index is open, or the queue is full; `Retry-After` says when to come again.",
}

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

_REPEATABLE = {name for name, field in FilterSet.model_fields.items() if isinstance(field.default, list)}
"""The query parameters that may have several values."""


def collection_of(request: Request) -> Collection:
    """What this service was given, and its jobs.

    :raises Problem: 503 when it can't be opened.
    """
    runtime = runtime_of(request)
    collection = runtime.collection
    if runtime.settings.follow:
        raise is_replica(runtime.settings)
    if collection is None:
        raise Problem(503, "what is written can't be kept: the log of this service tells why", "no_collection")
    return collection


def refusal_of(request: Request) -> RefusalModel | None:
    """The current version, when it could not be taken."""
    refusal = runtime_of(request).index.refusal
    return RefusalModel.model_validate(refusal) if refusal else None


def is_replica(settings: Settings) -> Problem:
    """What is said to whoever wants of a replica what only its builder does."""
    return Problem(
        403, f"this service is a replica and takes no changes: send them to {builder_of(settings)}", "replica"
    )


async def may_write(request: Request) -> None:
    """Let a change pass; a dependency of every route that changes something.

    :raises Problem: 401 without the right token; 403 when there can't be one, it is not known who asks, or this is a
        replica.
    """
    await _check(request, "write")


async def _check(request: Request, role: Role) -> None:
    settings = runtime_of(request).settings
    if settings.follow:
        raise is_replica(settings)
    await check_writer(request, settings, role)


async def may_administer(request: Request) -> None:
    """Let a change pass that concerns all of the index; a dependency of its route.

    :raises Problem: as :func:`may_write`.
    """
    await _check(request, "admin")


async def may_manage_collections(request: Request) -> None:
    """Let pass what makes or deletes a collection; a dependency of its route.

    :raises Problem: as :func:`may_write`; 403 for a key that is bound to some collections.
    """
    if service_settings(request).follow:
        raise is_replica(service_settings(request))
    await check_writer(request, service_settings(request), "admin")
    knows_every_collection(request)


async def takes_feedback(request: Request) -> bool:
    """Whether what people think of answers is kept. Where that can't be found out, it is not."""
    try:
        return await asyncio.to_thread(lambda: runtime_of(request).book.is_on)
    except QuestionBookError:
        return False


def audited(request: Request, action: str, **details: Any) -> None:
    """Record a change in the audit log; call it before the change is made for good, on a thread.

    It is by ``request.state.writer``, which :func:`may_write` notes.

    :raises Problem: 507 or 503 when it can't be recorded; then the change must not be made.
    """
    by = request.state.writer
    about = {"collection": None if collection_in(request.scope) == DEFAULT else collection_in(request.scope)}
    about |= {"client": request.client.host if request.client else None, "request_id": request_id_of(request)}
    try:
        audit.record(service_settings(request).data_dir, action, by, **{**about, **details})
    except OSError as error:
        if error.errno in _FULL:
            raise no_room(error) from None
        detail = f"changes can't be recorded in the audit log ({error.strerror}), so none is made"
        raise Problem(503, detail, "no_audit_log") from None


def no_room(error: OSError) -> Problem:
    """What a client is told when a file can't be written."""
    if error.errno in _FULL:
        return Problem(507, "the disk of the service is full: make room on it, and then try again")
    return Problem(503, f"the disk of the service can't be written to ({error.strerror}): see its log")


def root_path_of(request: Request) -> str:
    """The path under which the service is shown; empty when it is shown at the root."""
    return str(request.scope.get("root_path", ""))


def links_of(request: Request) -> Links:
    """Addresses that begin with the public one if set, or with the one asked, which is on the list of hosts."""
    settings = runtime_of(request).settings
    if settings.public_url:
        return Links(settings.public_address)
    return Links(str(request.base_url).rstrip("/"))


def each_once(request: Request) -> None:
    """Refuse a query parameter that takes one value and was given several.

    :raises Problem: 422 naming it.
    """
    for name in request.query_params:
        given = len(request.query_params.getlist(name))
        if given > 1 and name not in _REPEATABLE:
            message = f"it is given {given} times and takes one value: give it once"
            raise Problem(422, f"{name}: {message}", errors=[{"field": name, "message": message}])


def described(
    example: Any, *statuses: int, success: int = 200, media_type: str = "application/json"
) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI ``responses`` of a route: an example of success, and its errors."""
    problem = {MEDIA_TYPE: {"schema": ProblemModel.model_json_schema(), "example": examples.PROBLEM}}
    errors: dict[int | str, dict[str, Any]] = {
        status: {"description": _MEANINGS[status], "content": problem} for status in statuses
    }
    return {success: {"content": {media_type: {"example": example}}}, **errors}
