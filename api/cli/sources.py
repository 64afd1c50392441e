"""Commands about the sources that lie elsewhere."""

from datetime import datetime
from typing import Annotated

import typer

from api.cli.figures import count
from api.cli.options import DataDir, InCollection
from api.cli.terminal import visible
from api.settings import ConfigurationError, Settings, load_settings
from index.collection.jobs import Jobs
from index.collection.looks import Looked, Looks
from index.collection.store import FILE, Collection


def sources(data_dir: DataDir = None, collection: InCollection = None) -> None:
    """List the sources that lie elsewhere: when each was looked at, what came of it, and when it is again."""
    for looked in Looks(_collection(load_settings(data_dir=data_dir, collection=collection))).all():
        typer.echo(visible(_line(looked)))


def refresh(
    source: Annotated[str | None, typer.Argument(help="One of those that 'sources' lists; none: all of them.")] = None,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Have the running service look at sources elsewhere now."""
    written = _collection(load_settings(data_dir=data_dir, collection=collection))
    if not Looks(written).want(source):
        raise ConfigurationError(f"{source!r} is none of the sources elsewhere: 'pullquote sources' lists them")
    with written.transaction() as connection:
        job = Jobs(written).ask(connection, 0, 0)
    typer.echo(f"job {job.id}: 'pullquote jobs' tells how far it is")


def _collection(settings: Settings) -> Collection:
    if not (settings.folder / FILE).exists():
        raise ConfigurationError(f"nothing was built in {settings.folder} yet")
    return Collection(settings.folder)


def _line(looked: Looked) -> str:
    parts = [looked.source, f"looked at {_moment(looked.looked)}" if looked.looked else "not looked at yet"]
    parts.append(f"next {_moment(looked.due)}" if looked.due else "next with a build")
    parts.append(count(looked.articles, "article"))
    parts.append(f"{looked.added} added, {looked.changed} changed, {looked.removed} removed")
    if looked.error:
        parts.append(f"failed {count(looked.failures, 'time')}: {looked.error}")
    return "  ".join(parts)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")
