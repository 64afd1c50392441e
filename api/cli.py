"""The command ``pullquote``."""

import json
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from api.settings import PREFIX, ConfigurationError, Settings, load_settings, rows
from api.terminal import visible
from index.archive import ArchiveError
from index.builder import BuildError
from index.onnx_model import ModelError
from index.snapshot import Manifest, SnapshotError
from index.sources import SourceError, SourceFailure, UnreadableError
from index.versions import BusyError, Versions
from rag.questions import QuestionsError

_KNOWN = (SourceError, SnapshotError, ModelError, BusyError, BuildError, ArchiveError, QuestionsError, OSError)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the index and the compiled models.", show_default=False)
]
_DAY: dict[str, Any] = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD", "show_default": False}


class _Commands(TyperGroup):
    """Tells a known error in one line on standard error, with the exit code 1, or 2 for what was asked wrongly."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            _complain(str(error))
            raise typer.Exit(2) from None
        except BrokenPipeError:
            raise
        except _KNOWN as error:
            _complain(str(error))
            raise typer.Exit(1) from None
        except sqlite3.Error as error:
            _complain(f"a database can't be used ({error}): make sure that there is space and that it may be written")
            raise typer.Exit(1) from None


def _complain(message: str) -> None:
    typer.echo(f"pullquote: {visible(' '.join(message.split()))}", err=True)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Answers questions about your articles with their exact words and a citation that anyone can check.",
)


@app.command()
def build(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Folders, files, patterns or web addresses to index; none: those of the settings.",
            metavar="[SOURCE]...",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Publish nothing if anything can't be read.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for another build to end, instead of giving up.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Build again whenever files change, until Ctrl-C.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Index articles and publish the result as the current version; what did not change is not read again."""
    settings = load_settings(data_dir=data_dir, sources=sources or None)
    from api.console import Progress, report_lines
    from api.service import open_embedder
    from index.builder import build as build_index
    from index.collection import Collection
    from index.expansion import absolute
    from index.fetch import Fetcher
    from index.sources import expand

    expand(settings.sources)
    versions, collection = Versions(settings.index_dir), Collection(settings.data_dir)
    fetcher, embedder = Fetcher(settings.fetch_policy), open_embedder(settings)

    def run(wait: bool) -> None:
        try:
            with Progress() as progress:
                report = build_index(
                    settings.sources,
                    versions,
                    embedder,
                    settings.passage_tokens,
                    progress,
                    fetcher=fetcher,
                    edits=collection.edits,
                    strict=strict,
                    wait=wait,
                )
        except UnreadableError as error:
            _tell_failures(error.failures)
            raise
        collection.remember_sources(list(map(absolute, settings.sources)))
        with suppress(BusyError):
            versions.prune(settings.keep_versions, settings.keep_days)
        _tell_failures(report.failures)
        typer.echo("\n".join(report_lines(report, settings.index_dir)))

    run(wait)
    if watch:
        from api.watching import keep_building

        typer.echo("watching for changes; Ctrl-C ends it", err=True)
        keep_building(lambda: run(wait=True), settings.sources, settings.data_dir, _complain)


def _tell_failures(failures: Sequence[SourceFailure]) -> None:
    for failure in failures:
        typer.echo(visible(f"not read: {failure.key}: {failure.reason}"), err=True)


@app.command()
def ask(
    question: str,
    limit: Annotated[int, typer.Option(help="Answers wanted, 1 to 20.")] = 3,
    source: Annotated[list[str] | None, typer.Option(help="Only articles of this publisher; may be repeated.")] = None,
    author: Annotated[list[str] | None, typer.Option(help="Only articles by this author; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only articles with this tag; may be repeated.")] = None,
    published_from: Annotated[
        datetime | None, typer.Option("--from", help="Only articles of this day or later.", **_DAY)
    ] = None,
    published_to: Annotated[
        datetime | None, typer.Option("--to", help="Only articles of this day or earlier.", **_DAY)
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(help="Hold back answers below this, 0 to 1.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what POST /v1/ask answers.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Ask one question."""
    settings = load_settings(data_dir=data_dir)
    from api.console import print_result
    from api.requests import AskRequest
    from api.service import open_service
    from api.views import ask_response

    try:
        request = AskRequest.model_validate(
            {
                "question": question,
                "limit": limit,
                "min_confidence": min_confidence,
                "filters": {
                    "sources": source or [],
                    "authors": author or [],
                    "tags": tag or [],
                    "published_from": published_from.date() if published_from else None,
                    "published_to": published_to.date() if published_to else None,
                },
            }
        )
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(map(str, problem["loc"])) or "the question"
        raise ConfigurationError(f"{name}: {problem['msg'].removeprefix('Value error, ')}") from None
    service = open_service(settings, warm_up=False)
    result = service.answerer.ask(
        request.question,
        limit=request.limit,
        filters=request.filters.conditions(),
        min_confidence=request.min_confidence,
        link_base=settings.public_url or "",
    )
    if as_json:
        typer.echo(ask_response(result).model_dump_json(indent=2))
    else:
        print_result(result, f"http://{settings.host}:{settings.port}")


@app.command()
def chat(data_dir: DataDir = None) -> None:
    """Ask one question after the other; what was said before counts. An empty line ends it."""
    settings = load_settings(data_dir=data_dir)
    from api.conversing import converse
    from api.service import open_service

    answerer = open_service(settings, warm_up=False).answerer
    converse(partial(answerer.ask, link_base=settings.public_url or ""), f"http://{settings.host}:{settings.port}")


def _settings_epilog() -> str:
    lines = ["\b", f"Settings, as variables or, without {PREFIX} and in lower case, in pullquote.toml:"]
    for name, default, description in rows():
        lines += [f"  {name}{f' [{default}]' if default else ''}", f"      {description}"]
    return "\n".join(lines)


@app.command(epilog=_settings_epilog())
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default=False)] = None,
    processes: Annotated[int | None, typer.Option(help="Processes that serve.", show_default=False)] = None,
    data_dir: DataDir = None,
) -> None:
    """Serve the index over HTTP."""
    settings = load_settings(data_dir=data_dir, host=host, port=port, processes=processes)
    from api.serving import listen, serve_on

    serve_on(settings, listen(settings.host, settings.port))


@app.command()
def mcp(data_dir: DataDir = None) -> None:
    """Serve the index to a program that speaks the Model Context Protocol over stdin and stdout."""
    settings = load_settings(data_dir=data_dir)
    from api.service import open_service

    service = open_service(settings)
    import asyncio

    from api.chat.mcp import serve_stdio
    from api.chat.mcp_tools import Access

    asyncio.run(serve_stdio(Access(service, settings.public_url or "", asyncio.to_thread)))


@app.command("eval")
def evaluate(
    file: Annotated[
        Path,
        typer.Argument(
            help="SQuAD JSON, or JSON Lines: question, answers (empty when there is none), id, kind, article."
        ),
    ],
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Also write figures and questions here.", show_default=False)
    ] = None,
    html_out: Annotated[
        Path | None, typer.Option("--html", help="Also write a report with charts here.", show_default=False)
    ] = None,
    old: Annotated[
        Path | None,
        typer.Option("--compare", help="Show what changed since this file of --json was written.", show_default=False),
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Print every question, not only the failed ones.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Ask questions whose answers are known, and print how good the answers are."""
    settings = load_settings(data_dir=data_dir)
    for option, path in (("--json", json_out), ("--html", html_out)):
        if path and not path.parent.is_dir():
            raise ConfigurationError(f"{option}: there is no folder {path.parent}: make it first")
    from api.console import Progress, evaluation_lines
    from api.report import html_report
    from api.service import open_service
    from rag.comparison import compare, read_evaluation
    from rag.evaluation import as_json
    from rag.evaluation import evaluate as ask_all
    from rag.questions import read_questions

    questions = read_questions(file)
    before = read_evaluation(old) if old else None
    service = open_service(settings)
    with Progress() as progress:
        judged = ask_all(service.answerer, questions, lambda count: progress("ask", count, len(questions)))
    comparison = compare(before, judged) if before else None
    if json_out:
        json_out.write_text(json.dumps(as_json(judged), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if html_out:
        about = {
            "questions": file.name,
            "asked": f"{datetime.now():%Y-%m-%d %H:%M}",
            "index": service.manifest.version,
            "embedder": service.embedder.name,
            "reader": service.reader.name,
        }
        html_out.write_text(
            html_report(judged, service.answerer.calibrator.threshold, about, comparison), encoding="utf-8"
        )
    typer.echo("\n".join(evaluation_lines(judged, show_all, comparison)))


@app.command()
def verify(
    file: Annotated[
        typer.FileText,
        typer.Argument(encoding="utf-8", help="JSON: a citation, or what 'ask --json' printed; - for standard input."),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what POST /v1/citations/verify answers, a line each.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Look whether citations still hold; exits with 1 when words changed or are gone."""
    settings = load_settings(data_dir=data_dir)
    from api.recheck import CitationsError, read_citations, told
    from api.schemas import VerifyResponse
    from rag.verification import verify as find_again

    try:
        citations = read_citations(file.read())
    except (CitationsError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file.name}: {error}") from None
    store = Versions(settings.index_dir).open(settings.verify_on_open).store
    holds = True
    for citation in citations:
        now = find_again(store, citation)
        holds = holds and now.status in {"found", "moved"}
        typer.echo(
            VerifyResponse.model_validate(now).model_dump_json() if as_json else visible(told(citation, now), kept="\n")
        )
    if not holds:
        raise typer.Exit(1)


@app.command()
def calibrate(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Questions with their answers, as for 'pullquote eval'.", metavar="[FILE]", show_default=False
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            help="Share of right answers among those given; none: as now.", min=0.5, max=0.99, show_default=False
        ),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Go back to the shipped calibration.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Fit confidences and threshold to questions of your own, and keep the result beside the index."""
    settings = load_settings(data_dir=data_dir)
    if (file is None) != reset:
        raise ConfigurationError("give a file of questions, or --reset to go back to the shipped calibration")
    from api.console import Progress, recalibration_lines
    from api.service import open_service
    from rag.answerer import Answerer
    from rag.calibration import Calibrator, own_path
    from rag.evaluation import evaluate as ask_all
    from rag.questions import read_questions
    from rag.recalibration import recalibrate

    kept = own_path(settings.index_dir)
    if file is None:
        typer.echo(
            "The shipped calibration is used again." if kept.exists() else "There is no other than the shipped one."
        )
        kept.unlink(missing_ok=True)
        return
    questions = read_questions(file)
    service = open_service(settings)
    shipped = replace(Calibrator.read(), reader=service.reader.sha256)
    answerer = Answerer(service.answerer.snapshot, service.embedder, service.reader, shipped)
    with Progress() as progress:
        judged = ask_all(answerer, questions, lambda count: progress("ask", count, len(questions)))
    fitted = recalibrate(
        shipped,
        [item.confidence for item in judged],
        [item.right for item in judged],
        precision or shipped.precision,
        f"{len(judged)} questions of {file.name}",
    )
    fitted.calibrator.write(kept)
    typer.echo("\n".join(recalibration_lines(fitted, kept)))


@app.command()
def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended without losing anything.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Look whether index and models are whole, and tell how to mend what is not."""
    settings = load_settings(data_dir=data_dir)
    from api.doctor import examine

    troubles, told = 0, []
    for finding in examine(settings):
        mended = finding.mend() if repair and finding.mend else None
        troubles += not (finding.is_fine or mended)
        told.append({"check": finding.check, "is_fine": finding.is_fine, "message": finding.message, "mended": mended})
        if not as_json:
            typer.echo(f"{'ok     ' if finding.is_fine else 'TROUBLE'} {visible(finding.message)}")
            if mended:
                typer.echo(f"MENDED  {visible(mended)}")
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    if troubles:
        raise typer.Exit(1)


@app.command()
def versions(data_dir: DataDir = None) -> None:
    """List the versions of the index, the oldest first; * is the current one."""
    settings = load_settings(data_dir=data_dir)
    for line in _version_lines(settings):
        typer.echo(visible(line))


def _version_lines(settings: Settings) -> list[str]:
    known = Versions(settings.index_dir)
    if not known.names():
        raise SnapshotError(
            f"there is no index in {known.folder} yet. Build one with 'make index' or 'pullquote build SOURCE…'"
        )
    current = known.current()
    lines = []
    for name in known.names():
        folder = known.folder / "versions" / name
        mark = "*" if current == folder else " "
        try:
            manifest = Manifest.read(folder)
            lines.append(
                f"{mark} {name}  {manifest.created}  {manifest.articles} articles  {manifest.passages} passages"
            )
        except SnapshotError as error:
            lines.append(f"{mark} {name}  damaged: {error}")
    return lines


@app.command()
def rollback(
    version: Annotated[str | None, typer.Argument(help="The version; none: the one before the current.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Make an older version the current one again; the next build goes on from it."""
    settings = load_settings(data_dir=data_dir)
    known = Versions(settings.index_dir)
    typer.echo(f"version {known.rollback(version)} in {settings.index_dir} is current")


@app.command()
def prune(
    keep: Annotated[
        int | None,
        typer.Option(help="Newest versions to keep; unset: that of the settings.", min=1, show_default=False),
    ] = None,
    days: Annotated[
        float | None, typer.Option(help="Keep those of the last days, too.", min=0, show_default=False)
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Remove old versions of the index, but never the current one or one that is in use."""
    settings = load_settings(data_dir=data_dir, keep_versions=keep, keep_days=days)
    removed = Versions(settings.index_dir).prune(settings.keep_versions, settings.keep_days)
    typer.echo(f"removed {', '.join(removed)}" if removed else "nothing to remove")


@app.command("export")
def export_index(
    file: Annotated[Path, typer.Argument(help="The zip file to write.")], data_dir: DataDir = None
) -> None:
    """Write the current version of the index, and what was written over HTTP, into one file."""
    settings = load_settings(data_dir=data_dir)
    from index.archive import export_version
    from index.collection import Collection

    if not file.absolute().parent.is_dir():
        raise ConfigurationError(f"there is no folder {file.parent}: make it first")
    version = export_version(Versions(settings.index_dir), Collection(settings.data_dir), file.absolute())
    typer.echo(f"version {version} is in {visible(str(file))} ({file.stat().st_size / 1e6:.1f} MB)")


@app.command("import")
def import_index(
    file: Annotated[Path, typer.Argument(help="A file that 'export' wrote.")], data_dir: DataDir = None
) -> None:
    """Make a version of the index that was exported the current one here, and take what was written over HTTP."""
    settings = load_settings(data_dir=data_dir)
    from index.archive import import_version
    from index.collection import Collection

    version, taken = import_version(Versions(settings.index_dir), Collection(settings.data_dir), file)
    typer.echo(f"version {version} in {settings.index_dir} is current; {taken} written documents came with it")


def main() -> None:
    """Run the command line. What a terminal can't show is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except KeyboardInterrupt:
        _complain("stopped")
        sys.exit(130)
