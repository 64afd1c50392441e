"""A conversation on a terminal, or with lines that come through a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import typer

from api.cli.terminal import visible
from api.http.requests import a_question
from rag.answerer import Result
from rag.english.followup import Turn
from rag.question import Question

_PROMPT = "? "


def converse(ask: Callable[[Question], Result], show: Callable[[Result], None]) -> None:
    """Answer each line that is typed, with the lines before it as its history, until an empty one or the end."""
    history: tuple[Turn, ...] = ()
    for line in _lines():
        try:
            question = a_question(line)
        except ValueError as error:
            typer.echo(f"pullquote: the question: {error}", err=True)
            continue
        result = ask(Question(question, history))
        if result.standalone_question != question:
            typer.echo(f"Asked as: {visible(result.standalone_question)}")
        show(result)
        typer.echo()
        history += (Turn("user", question), Turn("assistant", result.answers[0].text if result.answers else ""))


def _lines() -> Iterator[str]:
    with suppress(ImportError):
        import readline  # noqa: F401 - lets input() edit the line and recall the ones before
    with suppress(EOFError, KeyboardInterrupt):
        while line := input(_PROMPT if sys.stdin.isatty() else "").strip():
            yield line
