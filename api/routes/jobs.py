"""``/v1/jobs``: the builds that changes asked for, and how far they are."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.access.caller import sees_everything
from api.http import examples
from api.http.errors import Problem
from api.http.responses import JobModel, JobsResponse
from api.http.serialise import job_model
from api.routes.common import audited, collection_of, described, may_write, root_path_of
from index.collection.jobs import Job, Jobs

router = APIRouter(tags=["index"], dependencies=[Depends(sees_everything)])


@router.get("/v1/jobs", response_model=JobsResponse, responses=described(examples.JOBS, 422))
def list_jobs(request: Request, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> JobsResponse:
    """The newest builds, the newest first."""
    jobs = Jobs(collection_of(request)).latest(limit)
    return JobsResponse(jobs=[job_model(job, root_path_of(request)) for job in jobs])


@router.get("/v1/jobs/{job_id}", response_model=JobModel, responses=described(examples.JOB, 404, 422))
def get_job(request: Request, job_id: str) -> JobModel:
    """A build: whether it waits, how far it is, and what became of it."""
    return _known(request, job_id, Jobs(collection_of(request)).get(_number(job_id)))


@router.post(
    "/v1/jobs/{job_id}/cancel",
    status_code=202,
    response_model=JobModel,
    dependencies=[Depends(may_write)],
    responses=described(examples.JOB, 401, 403, 404, 409, 422, 503, 507, success=202),
)
def cancel_job(request: Request, job_id: str) -> JobModel:
    """End a build that waits or runs. The changes it was asked for are kept, and the next build takes them."""
    audited(request, "job.cancel", job=job_id[:50])
    job = _known(request, job_id, Jobs(collection_of(request)).cancel(_number(job_id)))
    if job.state not in ("cancelling", "cancelled"):
        raise Problem(409, f"the job {job.id} has {job.state}: there is nothing to cancel", "job_ended")
    return job


def _number(job_id: str) -> int:
    return int(job_id) if job_id.isascii() and job_id.isdecimal() and len(job_id) < 19 else 0


def _known(request: Request, job_id: str, job: Job | None) -> JobModel:
    if job is None:
        raise Problem(404, f"there is no job {job_id[:50]!r}: GET /v1/jobs lists the newest", "job_not_found")
    return job_model(job, root_path_of(request))
