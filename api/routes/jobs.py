"""``/v1/jobs``: the builds that changes asked for, and how far they are."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.http import examples
from api.http.errors import Problem
from api.http.responses import JobModel, JobsResponse
from api.http.serialise import job_model
from api.routes.common import collection_of, described
from index.collection.jobs import Jobs

router = APIRouter(tags=["index"])


@router.get("/v1/jobs", response_model=JobsResponse, responses=described(examples.JOBS, 422))
def list_jobs(request: Request, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> JobsResponse:
    """The newest builds, the newest first."""
    jobs = Jobs(collection_of(request)).latest(limit)
    return JobsResponse(jobs=[job_model(job) for job in jobs])


@router.get("/v1/jobs/{job_id}", response_model=JobModel, responses=described(examples.JOB, 404, 422))
def get_job(request: Request, job_id: str) -> JobModel:
    """A build: whether it waits, how far it is, and what became of it."""
    number = int(job_id) if job_id.isascii() and job_id.isdecimal() and len(job_id) < 19 else 0
    job = Jobs(collection_of(request)).get(number)
    if job is None:
        raise Problem(404, f"there is no job {job_id[:50]!r}: GET /v1/jobs lists the newest", "job_not_found")
    return job_model(job)
