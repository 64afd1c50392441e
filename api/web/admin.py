"""``/admin``: builds as they run, versions, sources, keys and how the service is, for whoever runs it."""

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.access.caller import caller_of
from api.access.guard import GUARD, Guard
from api.access.sessions import COOKIE, SECONDS
from api.access.writing import writing_is_local
from api.http.errors import Problem
from api.http.requests import RebuildRequest, RollbackRequest
from api.http.responses import JobModel, VersionModel
from api.http.serialise import job_model
from api.questions.book import QuestionBookError
from api.routes.common import may_administer, may_write, root_path_of
from api.routes.jobs import cancel_job
from api.routes.versions import list_versions, rebuild, rollback
from api.runtime.build_supervisor import sources_of
from api.runtime.current_index import without_paths
from api.runtime.service import Service
from api.runtime.state import Runtime, keys_of, runtime_of
from api.web.rendering import page
from api.web.visitor import may, see, with_origin
from api.web.words import as_sentence
from index.collection.jobs import Jobs
from index.collection.looks import Looks
from index.collection.store import Collection

_JOBS = 10
_FAILURES = 50

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Step:
    """A version, with the articles and passages that it has more than the one before, and the build that made it."""

    version: VersionModel
    articles: int | None
    passages: int | None
    job: JobModel | None


@router.get("/admin")
async def admin_page(request: Request) -> Response:
    """The page, for whoever may administer; a form that takes a key for everybody else."""
    return await _shown(request)


@router.post("/admin/enter")
async def enter_page(request: Request) -> Response:
    """Begin a session with the key that a form sends."""
    async with request.form(max_files=0, max_fields=5) as form:
        given = form.get("key", "")
    guard: Guard = request.scope["state"][GUARD]
    try:
        if not isinstance(given, str) or not given.strip():
            raise Problem(422, "there is no key: write the key, or the token of the service")
        cookie = await guard.enter(request, given.strip())
    except Problem as problem:
        return await _shown(request, problem)
    answer = see(request, "admin_page")
    answer.set_cookie(
        COOKIE,
        cookie,
        SECONDS,
        path=_path_of_cookie(request),
        httponly=True,
        samesite="strict",
        secure=_is_secure(request),
    )
    return answer


@router.post("/admin/leave")
async def leave_page(request: Request) -> Response:
    """End the session of this browser."""
    answer = see(request, "admin_page")
    answer.delete_cookie(COOKIE, _path_of_cookie(request), httponly=True, samesite="strict")
    return answer


@router.post("/admin/rebuild", dependencies=[Depends(may_write)])
async def rebuild_page(request: Request) -> Response:
    """Read all sources again, or look at one that lies elsewhere."""
    async with request.form(max_files=0, max_fields=5) as form:
        source = form.get("source")
    try:
        await rebuild(request, Response(), RebuildRequest(source=str(source)[:2000] if source else None))
    except Problem as problem:
        return await _shown(request, problem)
    return see(request, "admin_page")


@router.post("/admin/cancel/{job_id}", dependencies=[Depends(may_write)])
async def cancel_page(request: Request, job_id: str) -> Response:
    """Cancel a build."""
    try:
        await asyncio.to_thread(cancel_job, request, job_id)
    except Problem as problem:
        return await _shown(request, problem)
    return see(request, "admin_page")


@router.post("/admin/rollback", dependencies=[Depends(may_administer)])
async def rollback_page(request: Request) -> Response:
    """Let another version answer."""
    async with request.form(max_files=0, max_fields=5) as form:
        version, restores = str(form.get("version", ""))[:100], "restore_deleted" in form
    try:
        await asyncio.to_thread(rollback, request, RollbackRequest(version=version, restore_deleted=restores))
    except Problem as problem:
        return await _shown(request, problem, held=version if problem.code == "holds_deleted" else None)
    return see(request, "admin_page")


async def entrance(request: Request, trouble: Problem | None = None) -> Response:
    """The page that takes a key, for whoever may not administer."""
    caller = caller_of(request.scope)
    context: dict[str, Any] = {"trouble": _in_words(trouble) if trouble else None}
    context |= {"role": caller.role if caller.name else None, "in_session": COOKIE in request.cookies}
    return with_origin(page(request, "enter.html", trouble.status_code if trouble else 200, **context))


def _in_words(trouble: Problem) -> str:
    """What is wrong with a key, such as "This key is not known here.", without how programs send one."""
    reason = trouble.detail.partition(": ")[0] if trouble.status_code == 401 else trouble.detail
    return as_sentence(reason)


async def _shown(request: Request, trouble: Problem | None = None, held: str | None = None) -> Response:
    runtime, caller = runtime_of(request), caller_of(request.scope)
    status = trouble.status_code if trouble else 200
    context: dict[str, Any] = {"trouble": trouble.detail if trouble else None, "held": held}
    context |= {"may_write": await may(request, "write"), "in_session": COOKIE in request.cookies and bool(caller.name)}
    if not await may(request, "admin"):
        return await entrance(request, trouble)
    context |= await asyncio.to_thread(_state, request, runtime)
    try:
        context |= await runtime.read(_index)
    except Problem as problem:
        context["waiting"] = problem.detail
    return with_origin(page(request, "admin.html", status, **context))


def _index(service: Service) -> dict[str, Any]:
    return {
        "manifest": service.manifest,
        "threshold": service.threshold,
        "calibration": service.calibration,
        "models": service.models(),
        "failed": service.failed_sources(_FAILURES),
        "size": service.size_bytes(),
    }


def _state(request: Request, runtime: Runtime) -> dict[str, Any]:
    """What is told of the service beside the index itself."""
    collection, settings = runtime.collection, runtime.settings
    jobs = _jobs(request, collection) if collection else []
    return {
        "jobs": jobs,
        "steps": _steps(list_versions(request).versions, jobs),
        "sources": sources_of(settings, collection) if collection else settings.sources,
        "looks": {each.source: each for each in Looks(collection).all()} if collection else {},
        "keys": None if caller_of(request.scope).collections else keys_of(request).all(),
        "is_local": writing_is_local(settings),
        "keeps_questions": _keeps_questions(runtime),
        "has_token": settings.write_token is not None,
        "public_ask": settings.public_ask,
        "free_bytes": shutil.disk_usage(settings.folder).free,
        "refused": runtime.index.refusal,
        "is_collecting": collection is not None,
    }


def _jobs(request: Request, collection: Collection) -> list[JobModel]:
    found = [job_model(job, root_path_of(request)) for job in Jobs(collection).latest(_JOBS)]
    settings = runtime_of(request).settings
    return [
        each.model_copy(update={"error": without_paths(each.error, settings) if each.error else None}) for each in found
    ]


def _keeps_questions(runtime: Runtime) -> bool:
    with suppress(QuestionBookError):
        return runtime.book.is_on
    return False


def _steps(versions: Sequence[VersionModel], jobs: Sequence[JobModel]) -> list[Step]:
    """The versions, the newest first."""
    made_by = {job.version: job for job in reversed(jobs) if job.version and job.state == "succeeded"}
    first = [Step(each, None, None, made_by.get(each.version)) for each in versions[:1]]
    others = [
        Step(
            after,
            _difference(before.articles, after.articles),
            _difference(before.passages, after.passages),
            made_by.get(after.version),
        )
        for before, after in pairwise(versions)
    ]
    return [*first, *others][::-1]


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


def _path_of_cookie(request: Request) -> str:
    return root_path_of(request) or "/"


def _is_secure(request: Request) -> bool:
    public = runtime_of(request).settings.public_url or ""
    return request.url.scheme == "https" or public.startswith("https:")
