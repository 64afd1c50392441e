"""What the command line shows: the progress of a build, its report, and answers."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.style import Style
from rich.text import Text

from api.cli.figures import count
from api.cli.report import figure_rows, worst
from api.cli.terminal import visible
from api.http.links import Links
from api.http.remarks import NO_ANSWER, NONE_FOUND, page_in_words, remark, resolved
from index.article import Article, single_spaced
from index.building.builder import BuildReport
from index.passage_text import cells_of
from rag.answerer import Answer, Result
from rag.checking.checker import STATUSES, CheckedText
from rag.citing.citation import Citation
from rag.evaluating.comparison import Comparison
from rag.evaluating.evaluation import WELL, Judged
from rag.evaluating.recalibration import Recalibration

_SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Shows how far a build is: bars on a terminal, a line every few seconds in a log. Writes to standard error."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description:>6}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bars = Bars(*columns, console=console) if console.is_terminal else None
        self._tasks: dict[str, TaskID] = {}
        self._stage = ""
        self._shown_at = 0.0

    def __enter__(self) -> Self:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars:
            self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` (0: not known) of ``stage`` are done."""
        if self._bars:
            if stage not in self._tasks:
                self._tasks[stage] = self._bars.add_task(stage, total=total or None)
            self._bars.update(self._tasks[stage], completed=done, total=total or None)
            return
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._shown_at = stage, now
        elif now - self._shown_at > _SECONDS_BETWEEN_LINES:
            print(f"{stage}: {done}{f' of {total}' if total else ''}", file=sys.stderr, flush=True)
            self._shown_at = now


def report_lines(report: BuildReport, folder: Path) -> list[str]:
    """What a build did, in a few lines."""
    total = sum(report.seconds.values())
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in report.seconds.items())
    speed = report.embedded / max(report.seconds.get("embed", 0.0), 1e-9)
    state = "is current" if report.is_new else "stays current, nothing changed"
    lines = [
        f"{count(report.articles, 'article')}, {count(report.passages, 'passage')}: "
        f"version {report.version} in {folder} {state}",
        f"{report.added} added, {report.changed} changed, {report.removed} removed, {report.unchanged} unchanged, "
        f"{len(report.failures)} failed",
        f"{total:.1f} s ({stages}); {count(report.embedded, 'passage')} embedded"
        + (f", {speed:.0f} passages/s" if report.embedded else ""),
    ]
    if report.notes:
        lines.append(f"{count(len(report.notes), 'note')} (see above)")
    if report.failures:
        lines.append(f"{count(len(report.failures), 'file or record', 'files or records')} not read (see above)")
    speeds = [
        (form, pace.articles / max(pace.seconds, 1e-9)) for form, pace in sorted(report.paces.items()) if pace.articles
    ]
    paces = [f"{form} {speed:,.{0 if speed >= 10 else 1}f}" for form, speed in speeds]
    if paces:
        lines.append(f"articles a second that one process reads: {', '.join(paces)}")
    return lines


def evaluation_lines(
    judged: Sequence[Judged], show_all: bool = False, comparison: Comparison | None = None
) -> list[str]:
    """The questions that went wrong (or all), then what changed, then the figures."""
    lines = [
        f"{'ok   ' if item.outcome in WELL else 'WRONG'} {visible(item.id)}: {_flat(item.question)}\n"
        f"      {'answered' if item.given else 'held back'} ({item.confidence:.0%}): '{_flat(item.answer)}'; "
        f"expected {' | '.join(map(_flat, item.golds[:3])) or 'no answer'}{f'; {item.cause}' if item.cause else ''}"
        for item in (judged if show_all else worst(judged))
    ]
    lines += [""] if lines else []
    if comparison:
        lines += [*_comparison_lines(comparison), ""]
    return lines + _figure_lines(figure_rows(judged, comparison), comparison is not None)


def _comparison_lines(comparison: Comparison) -> list[str]:
    lines = []
    for effect, sign, kind in ((-1, "-", "went well before"), (1, "+", "goes well now"), (0, "~", "another answer")):
        changes = comparison.of(effect)
        lines.append(f"{sign} {count(len(changes), 'question')}: {kind}")
        lines += [
            f"  {sign} {visible(change.after.id)}: {_flat(change.after.question)}\n"
            f"      before: {change.before['outcome']} ({change.before['confidence']:.0%}) "
            f"'{_flat(change.before['answer'])}'\n"
            f"      now:    {change.after.outcome} ({change.after.confidence:.0%}) '{_flat(change.after.answer)}'"
            for change in (changes if effect else ())
        ]
    if comparison.added:
        lines.append(f"{count(len(comparison.added), 'question')} not asked before")
    if comparison.dropped:
        lines.append(f"{count(len(comparison.dropped), 'question')} not asked any more")
    return lines


def _figure_lines(rows: Sequence[tuple[str, str, str, str]], compared: bool) -> list[str]:
    head = [("", "now", "before", "change")] if compared else []
    width = max(len(name) for name, *_ in rows)
    lines = []
    for name, value, before, difference in [*head, *rows]:
        columns = (value, before, difference) if compared else (value,)
        lines.append(f"{name:<{width}}  " + "  ".join(f"{column:>7}" for column in columns))
    return [line.rstrip() for line in lines]


def recalibration_lines(fitted: Recalibration, path: Path) -> list[str]:
    """What a new calibration brings."""

    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    before, after = fitted.before, fitted.after
    rows = [
        ("log loss", share(before.log_loss), share(after.log_loss)),
        ("expected calibration error", share(before.calibration_error), share(after.calibration_error)),
        ("right, of those given", share(before.precision), share(after.precision)),
        ("questions answered", share(before.coverage), share(after.coverage)),
    ]
    return [
        f"{'on questions not fitted on':<28}{'shipped':>8}{'now':>8}",
        *(f"{name:<28}{old:>8}{new:>8}" for name, old, new in rows),
        f"Answers from {fitted.calibrator.threshold:.2f} on are given ({fitted.calibrator.precision:.0%} right wanted)",
        f"kept in {visible(str(path))}; a running service uses it when it is started again; --reset undoes it",
    ]


def _flat(text: str) -> str:
    return visible(single_spaced(text))


def print_result(result: Result, links: Links, served_at: str | None) -> None:
    """Print answers for reading. ``served_at`` is where a service shows the articles of links that are paths; when it
    is None there is none, and the id and the place are printed.
    """
    console = Console(highlight=False, soft_wrap=False)
    for warning in result.warnings:
        console.print(Text(warning.message, style="dim"))
    if not result.answers:
        console.print(NO_ANSWER if result.complete else NONE_FOUND)
        if result.best_guess:
            console.print("The closest there is, which may be wrong:\n", style="dim")
            _print_answer(console, result.best_guess, result, links, served_at)
        return
    for number, answer in enumerate(result.answers):
        if number:
            console.print()
        _print_answer(console, answer, result, links, served_at)
    if beside := remark(result):
        console.print(Text(f"\n{_flat(beside)}"))


def print_checked(checked: CheckedText, links: Links, served_at: str | None) -> None:
    """Print the sentences of a text with what the articles say to each; ``served_at`` as in :func:`print_result`."""
    console = Console(highlight=False, soft_wrap=False)
    for warning in checked.warnings:
        console.print(Text(warning.message, style="dim"))
    for sentence in checked.sentences:
        status = sentence.status.replace("_", " ")
        console.print(
            Text.assemble((f"{status}: ", "bold"), _flat(sentence.text), (f"  ({sentence.confidence:.0%} sure)", "dim"))
        )
        if sentence.instead:
            console.print(Text(f"  the article says: {_flat(sentence.instead)}"))
        for citation in sentence.citations[:1]:
            console.print(Padding(Text(f"“{_flat(citation.quote)}”"), (0, 2), expand=False))
            line = " · ".join(filter(None, (citation.title, citation.source, _day(citation), *_inside(citation))))
            console.print(Text(f"  {_flat(line)}", style="dim"))
            console.print(Text(f"  {visible(_place(citation, links, served_at))}", style="dim"), soft_wrap=True)
    console.print(", ".join(f"{checked.count(status)} {status.replace('_', ' ')}" for status in STATUSES))


def _print_answer(console: Console, answer: Answer, result: Result, links: Links, served_at: str | None) -> None:
    said = f", said by {_flat(answer.attribution)}" if answer.attribution else ""
    settled = f"{answer.verdict.capitalize()}: " if answer.verdict else ""
    day = f", {found}" if (found := resolved(answer)) else ""
    console.print(Text.assemble((f"{settled}{_flat(answer.text)}", "bold"), (f"  ({_sure(answer)}{said}{day})", "dim")))
    for part in answer.parts if answer.is_list else ():
        console.print(Text(f"  - {_flat(part.text)}"))
    best = answer.citations[0]
    for quote in answer.quotes[1:]:
        console.print(Padding(Text(_flat(quote.text), style="dim"), (0, 2), expand=False))
    article = next((each.article for each in result.passages if each.article.id == best.article_id), None)
    console.print(Padding(_quotation(best, article, console.is_terminal), (0, 2), expand=False))
    for citation in answer.citations:
        about = (citation.title, ", ".join(citation.authors), citation.source, _day(citation), *_inside(citation))
        place = visible(_place(citation, links, served_at))
        line = Text(_flat(" · ".join(filter(None, about))), style="dim")
        if "://" in place:
            line.stylize(Style(link=place))  # OSC 8, for terminals that open what is clicked
        console.print(Padding(line, (0, 2), expand=False))
        console.print(Text(f"  {place}", style="dim"), soft_wrap=True)


def _sure(answer: Answer) -> str:
    return "chosen by an editor" if answer.is_curated else f"{answer.confidence:.0%} sure"


def _place(citation: Citation, links: Links, served_at: str | None) -> str:
    """Where to look the quote up: the article's own address, its page, or what 'pullquote serve' would show."""
    if not links.base and citation.url and citation.url.startswith(("http://", "https://")):
        return citation.url
    if base := links.base or served_at:
        return Links(base).citation(citation)
    return f"{citation.article_id}, characters {citation.quote_start} to {citation.quote_end}"


def _quotation(citation: Citation, article: Article | None, is_styled: bool) -> Text:
    """The quote with the answer marked; of a row of a table its cells, each with the name of its column."""
    cells = cells_of(article, citation.quote_start, citation.quote_end) if article else ()
    written = [
        Text.assemble((f"{_flat(name)}: ", "dim") if name else "", _marked(citation, *cell, is_styled))
        for name, cell in cells
    ]
    if written:
        return Text("; ").join(written)
    marks = ("", "") if any(mark in citation.quote for mark in '"“”„«»') else ("“", "”")
    return Text.assemble(marks[0], _marked(citation, citation.quote_start, citation.quote_end, is_styled), marks[1])


def _marked(citation: Citation, start: int, end: int, is_styled: bool) -> Text:
    """The stretch of the quote at ``start:end`` of the article, with what it has of the answer marked."""
    low = min(max(start, citation.start), end)
    high = max(low, min(end, citation.end))
    spans = ((start, low), (low, high), (high, end))
    before, words, after = (
        visible(
            citation.quote[first - citation.quote_start : last - citation.quote_start].replace("\r\n", "\n"), "\t\n"
        )
        for first, last in spans
    )
    answer = (words, "bold underline") if is_styled else f"*{words}*"
    return Text.assemble(before, answer if words else "", after)


def _inside(citation: Citation) -> tuple[str, str]:
    """The heading and the page where the quote stands."""
    return citation.heading or "", page_in_words(citation)


def _day(citation: Citation) -> str:
    return f"{citation.published.day} {citation.published:%B %Y}" if citation.published else ""
