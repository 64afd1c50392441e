"""Commands that look after the builds of services."""

from datetime import datetime
from typing import Annotated

import typer

from api.cli.figures import count
from api.cli.options import DataDir, InCollection
from api.cli.terminal import visible
from api.settings import ConfigurationError, Settings, load_settings
from index.collection.jobs import Job, Jobs
from index.collection.store import FILE, Collection


def jobs(
    number: Annotated[int, typer.Option("--number", "-n", help="How many to list.", min=1, max=200)] = 10,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """List the newest builds that services were asked for, the newest first."""
    for job in _jobs(load_settings(data_dir=data_dir, collection=collection)).latest(number):
        typer.echo(visible(_line(job)))


def cancel(
    job: Annotated[int, typer.Argument(help="The number of a build, as 'jobs' lists it.")],
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """End a build of a service that waits or runs; the changes it was asked for are kept."""
    known = _jobs(load_settings(data_dir=data_dir, collection=collection)).cancel(job)
    if known is None:
        raise ConfigurationError(f"there is no job {job}: 'pullquote jobs' lists the newest")
    if known.state not in ("cancelling", "cancelled"):
        raise ConfigurationError(f"the job {job} has {known.state}: there is nothing to cancel")
    typer.echo(f"job {job} is {known.state}")


def _jobs(settings: Settings) -> Jobs:
    if not (settings.folder / FILE).exists():
        raise ConfigurationError(f"no service was ever asked for a build in {settings.folder}")
    return Jobs(Collection(settings.folder))


def _line(job: Job) -> str:
    asked = datetime.fromtimestamp(job.created).astimezone().isoformat(sep=" ", timespec="seconds")
    parts = [f"{job.id}  {job.state}", asked, count(job.changes, "change")]
    if job.stage and job.state in ("running", "cancelling"):
        parts.append(f"{job.stage} {job.done}/{job.total}" if job.total else job.stage)
    return "  ".join([*parts, *filter(None, (job.version, job.error))])
