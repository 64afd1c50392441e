"""``/healthz`` and ``/readyz``: for those who watch over the process."""

import asyncio
import sqlite3
from contextlib import suppress

from fastapi import APIRouter, Request

from api.access.caller import caller_of
from api.http.addressed import collection_in
from api.http.errors import Problem
from api.http.responses import FailedBuildModel, HealthResponse
from api.http.serialise import failed_build_model
from api.routes.common import collection_of, described, refusal_of, root_path_of
from api.runtime.current_index import without_paths
from api.runtime.replication import late
from api.runtime.state import collections_of, runtime_of
from index.collection.folders import DEFAULT
from index.collection.jobs import Jobs

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
    """An index is open and the models are warm. Whoever may ask of all articles learns what keeps changes out of it."""
    caller = caller_of(request.scope)
    sees_everything = caller.sees_everything and caller.knows(collection_in(request.scope))
    failed = await asyncio.to_thread(_failed_build, request) if sees_everything else None
    try:
        with runtime_of(request).index.lease() as service:
            version = service.version
    except Problem as problem:
        if collection_in(request.scope) == DEFAULT and _only_named_ones(request):
            await asyncio.to_thread(_insist_on_time, request)
            return HealthResponse(status="ready", failed_build=failed)
        if failed:
            problem.detail += f" The last build failed: {failed.reason}. GET {failed.link} tells more."
        raise
    await asyncio.to_thread(_insist_on_time, request)
    refused = refusal_of(request) if sees_everything else None
    return HealthResponse(status="ready", index_version=version, refused=refused, failed_build=failed)


def _insist_on_time(request: Request) -> None:
    """That a replica answers from what it should: in the collection of the address, or in all, where that names none.

    :raises Problem: 503 when it does not.
    """
    settings = runtime_of(request).settings
    if not settings.follow:
        return
    for each, version in collections_of(request).answering():
        if settings.collection in {DEFAULT, each.collection}:
            behind = late(each, version)
            if behind:
                detail = f"this replica answers from version {version}, and {behind.version} should answer: see its log"
                raise Problem(503, detail, "late", {"Retry-After": "5"})


def _failed_build(request: Request) -> FailedBuildModel | None:
    """The last build, when it failed. Where jobs can't be read, none is told: questions are answered all the same."""
    with suppress(Problem, sqlite3.Error):
        job = Jobs(collection_of(request)).last_failure()
        if job:
            failed = failed_build_model(job, root_path_of(request))
            return failed.model_copy(update={"reason": without_paths(failed.reason, runtime_of(request).settings)})
    return None


def _only_named_ones(request: Request) -> bool:
    """Whether the service answers, but from the default collection, to which nothing was ever written."""
    collections = collections_of(request)
    return collections.default.index.is_empty and collections.any_answers()
