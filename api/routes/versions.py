"""``/v1/index``: rebuild it, list its versions, go back to an older one, and remove those that are not needed."""

import asyncio
from contextlib import ExitStack

from fastapi import APIRouter, Depends, Request, Response
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from api.access.caller import sees_everything
from api.http import examples
from api.http.advice import with_advice
from api.http.errors import Problem
from api.http.requests import PruneRequest, RebuildRequest, RollbackRequest
from api.http.responses import JobModel, PruneResponse, SwitchResponse, VersionModel, VersionsResponse
from api.http.serialise import job_model
from api.routes.common import (
    audited,
    collection_of,
    described,
    may_administer,
    may_write,
    no_room,
    root_path_of,
)
from api.runtime.state import runtime_of
from index.collection.erasing import holds_any
from index.collection.export import ArchiveError, export_folder, export_version
from index.collection.jobs import Job, Jobs
from index.collection.looks import Looks
from index.storage.snapshot import Manifest, SnapshotError
from index.storage.versions import BusyError, Versions

router = APIRouter(tags=["index"])


@router.post(
    "/v1/index/rebuild",
    status_code=202,
    response_model=JobModel,
    dependencies=[Depends(may_write)],
    responses=described(examples.JOB, 401, 403, 404, 413, 415, 422, 503, 507, success=202),
)
async def rebuild(
    request: Request,
    response: Response,
    body: RebuildRequest = RebuildRequest(),  # noqa: B008
) -> JobModel:
    """Read all sources again, or of those elsewhere only one, and build what changed. A build that already waits takes
    this on.
    """
    collection = collection_of(request)

    def ask() -> Job:
        audited(request, "index.rebuild", source=body.source)
        if not Looks(collection).want(body.source):
            raise Problem(
                404, f"{body.source!r} is none of the sources elsewhere: GET /v1/sources lists them", "source_not_found"
            )
        with collection.transaction() as connection:
            return Jobs(collection).ask(connection, 0, 0)

    job = job_model(await asyncio.to_thread(ask), root_path_of(request))
    response.headers["location"] = job.link
    return job


@router.get(
    "/v1/index/versions",
    response_model=VersionsResponse,
    dependencies=[Depends(sees_everything)],
    responses=described(examples.VERSIONS),
)
def list_versions(request: Request) -> VersionsResponse:
    """The versions on the disk, the oldest first."""
    versions = Versions(runtime_of(request).settings.index_dir)
    current = _current(versions)
    return VersionsResponse(versions=[_version(versions, name, name == current) for name in versions.names()])


@router.post(
    "/v1/index/rollback",
    response_model=SwitchResponse,
    dependencies=[Depends(may_administer)],
    responses=described(examples.SWITCH, 401, 403, 404, 409, 413, 415, 422, 503, 507),
)
def rollback(request: Request, body: RollbackRequest = RollbackRequest()) -> SwitchResponse:  # noqa: B008
    """Let an older version answer, until the next build: that one builds what the sources and changes are then."""
    versions = Versions(runtime_of(request).settings.index_dir)
    audited(request, "index.rollback", version=body.version)
    try:
        name = body.version or versions.before_current()
        if name in versions.names() and not body.restore_deleted:
            _check_deleted(request, versions, name)
        return SwitchResponse(version=versions.rollback(name))
    except SnapshotError as error:
        if body.version in versions.names():
            raise Problem(409, f"{with_advice(error)}. The version that answers stays.", "version_damaged") from None
        raise Problem(404, f"{error}; GET /v1/index/versions lists them", "version_not_found") from None
    except BusyError as error:
        raise Problem(409, with_advice(error), "index_busy") from None


def _check_deleted(request: Request, versions: Versions, name: str) -> None:
    collection = runtime_of(request).collection
    held = holds_any(versions, name, collection.edits().deleted) if collection else set()
    if held:
        raise Problem(
            409,
            f"the version {name} holds {min(held)!r}, which was deleted, and {len(held) - 1} other such articles: "
            "going back would bring them back. Send restore_deleted with true if that is wanted",
            "holds_deleted",
        )


@router.post(
    "/v1/index/prune",
    response_model=PruneResponse,
    dependencies=[Depends(may_administer)],
    responses=described(examples.PRUNING, 401, 403, 409, 413, 415, 422, 503, 507),
)
def prune(request: Request, body: PruneRequest = PruneRequest()) -> PruneResponse:  # noqa: B008
    """Remove old versions, but never the current one or one that answers. Each build does so, too."""
    settings = runtime_of(request).settings
    keep = settings.keep_versions if body.keep is None else body.keep
    days = settings.keep_days if body.days is None else body.days
    audited(request, "index.prune", keep=keep, days=days)
    try:
        return PruneResponse(removed=Versions(settings.index_dir).prune(keep, days))
    except (BusyError, SnapshotError) as error:
        raise Problem(409, with_advice(error), "index_busy") from None


@router.get(
    "/v1/index/export",
    response_class=Response,
    dependencies=[Depends(may_administer)],
    responses=described("a zip file", 401, 403, 404, 409, 503, 507, media_type="application/zip"),
)
def export(request: Request) -> Response:
    """A copy of the current version and of what was written over HTTP, as `pullquote import` takes it.

    For administrators. The copy is made in the data folder, which needs as much room, and is removed when
    it has been sent.
    """
    settings, collection = runtime_of(request).settings, collection_of(request)
    audited(request, "index.export")
    with ExitStack() as until_sent:
        try:
            file = until_sent.enter_context(export_folder(settings.folder)) / "index.zip"
            version = export_version(Versions(settings.index_dir), collection, file)
        except SnapshotError as error:
            raise Problem(409, with_advice(error), "index_damaged") from None
        except ArchiveError as error:
            raise Problem(409, with_advice(error), error.code) from None
        except OSError as error:
            raise no_room(error) from None
        done = BackgroundTask(until_sent.pop_all().close)
    headers = {"cache-control": "no-store"}
    return FileResponse(file, 200, headers, "application/zip", done, filename=f"pullquote-{version}.zip")


def _current(versions: Versions) -> str | None:
    try:
        folder = versions.current()
    except SnapshotError:
        return None
    return folder.name if folder else None


def _version(versions: Versions, name: str, current: bool) -> VersionModel:
    try:
        manifest = Manifest.read(versions.folder / "versions" / name)
    except SnapshotError as error:
        return VersionModel(
            version=name,
            created=None,
            articles=None,
            passages=None,
            size_bytes=None,
            current=current,
            trouble=with_advice(error),
        )
    return VersionModel(
        version=name,
        created=manifest.created,
        articles=manifest.articles,
        passages=manifest.passages,
        size_bytes=sum(file.bytes for file in manifest.files.values()),
        current=current,
        trouble=None,
    )
