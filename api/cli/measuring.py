"""Commands that look whether answers are right and citations still hold."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import DataDir, InCollection
from api.cli.terminal import visible, visible_json
from api.settings import ConfigurationError, load_settings
from index.storage.versions import Versions


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
    collection: InCollection = None,
) -> None:
    """Ask questions whose answers are known, and print how good the answers are."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    for option, path in (("--json", json_out), ("--html", html_out)):
        if path and not path.parent.is_dir():
            raise ConfigurationError(f"{option}: there is no folder {path.parent}: make it first")
    from api.cli.console import Progress, evaluation_lines
    from api.cli.report import html_report
    from api.runtime.service import open_service
    from rag.evaluating.comparison import compare, read_evaluation
    from rag.evaluating.evaluation import as_json
    from rag.evaluating.evaluation import evaluate as ask_all
    from rag.evaluating.questions import read_questions

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
        html_out.write_text(html_report(judged, service.threshold, about, comparison), encoding="utf-8")
    typer.echo("\n".join(evaluation_lines(judged, show_all, comparison)))


def verify(
    file: Annotated[
        typer.FileText,
        typer.Argument(encoding="utf-8", help="JSON: a citation, or what 'ask --json' printed; - for standard input."),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what POST /v1/citations/verify answers, a line each.")
    ] = False,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Look whether citations still hold; exits with 1 when words changed or are gone."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    from api.cli.citation_files import CitationsError, line_on, read_citations
    from api.http.responses import VerifyResponse
    from rag.citing.verification import verify as find_again

    try:
        citations = read_citations(file.read())
    except (CitationsError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file.name}: {error}") from None
    snapshot = Versions(settings.index_dir).open(settings.verify_on_open)
    holds = True
    for citation in citations:
        now = find_again(snapshot, citation)
        holds = holds and now.status in {"found", "moved"}
        if as_json:
            typer.echo(visible_json(VerifyResponse.model_validate(now).model_dump_json()))
        else:
            typer.echo(visible(line_on(citation, now), kept="\n"))
    if not holds:
        raise typer.Exit(1)


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
    collection: InCollection = None,
) -> None:
    """Fit confidences and threshold to questions of your own, and keep the result beside the index."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    if (file is None) != reset:
        raise ConfigurationError("give a file of questions, or --reset to go back to the shipped calibration")
    from api.cli.console import Progress, recalibration_lines
    from api.runtime.service import open_service
    from rag.evaluating.evaluation import evaluate as ask_all
    from rag.evaluating.questions import read_questions
    from rag.evaluating.recalibration import recalibrate
    from rag.ranking.calibration import own_path, shipped_for

    kept = own_path(settings.index_dir)
    if file is None:
        typer.echo(
            "The shipped calibration is used again." if kept.exists() else "There is no other than the shipped one."
        )
        kept.unlink(missing_ok=True)
        return
    questions = read_questions(file)
    service = open_service(settings)
    shipped = replace(shipped_for(service.reader.sha256), reader=service.reader.sha256)
    answerer = service.with_calibrator(shipped)
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
