"""The command ``pullquote``."""

import sqlite3
import sys
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.access.keys import KeyNotFoundError, KeyStoreError
from api.cli import asking, collections, jobs, keys, measuring, replicas, scale, shards, sources, upkeep
from api.cli.advice import with_advice
from api.cli.terminal import complain
from api.settings import ConfigurationError
from index.building.builder import BuildError
from index.building.parts import PartsError
from index.collection.export import ArchiveError
from index.models.onnx_model import ModelError
from index.replication.bucket import BucketError
from index.sharding.errors import SplitError
from index.sources.unread import SourceError
from index.storage.corpus import IncompleteError
from index.storage.snapshot import SnapshotError
from index.storage.versions import BusyError
from rag.evaluating.questions import QuestionsError

_KNOWN = (
    SourceError,
    SnapshotError,
    BucketError,
    SplitError,
    IncompleteError,
    ModelError,
    BusyError,
    BuildError,
    PartsError,
    ArchiveError,
    QuestionsError,
    KeyNotFoundError,
    KeyStoreError,
    OSError,
)


class _Commands(TyperGroup):
    """Tells a known error in one line on standard error, with the exit code 1, or 2 for what was asked wrongly."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            complain(str(error))
            raise typer.Exit(2) from None
        except BrokenPipeError:
            raise
        except _KNOWN as error:
            complain(with_advice(error))
            raise typer.Exit(1) from None
        except sqlite3.Error as error:
            complain(f"a database can't be used ({error}): make sure that there is space and that it may be written")
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Answers questions about your articles with their exact words and a citation that anyone can check.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("pullquote"))
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None: ...


app.command()(upkeep.build)
app.command()(asking.ask)
app.command()(asking.chat)
app.command()(asking.check)
app.command(epilog=asking.settings_epilog())(asking.serve)
app.command()(asking.mcp)
app.command("eval")(measuring.evaluate)
app.command()(measuring.verify)
app.command()(measuring.calibrate)
app.command()(upkeep.doctor)
app.command()(upkeep.versions)
app.command()(upkeep.rollback)
app.command()(upkeep.prune)
app.command()(jobs.jobs)
app.command()(jobs.cancel)
app.command()(sources.sources)
app.command()(sources.refresh)
app.add_typer(keys.app, name="keys")
app.add_typer(collections.app, name="collections")
app.command()(replicas.restore)
app.command()(scale.scale)
app.command()(shards.split)
app.command("export")(upkeep.export_index)
app.command("import")(upkeep.import_index)


def main() -> None:
    """Run the command line. What a terminal can't show is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except KeyboardInterrupt:
        complain("stopped")
        sys.exit(130)
