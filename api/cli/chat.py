"""A conversation on a terminal, or with lines that come through a pipe."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

import typer

from api.cli.console import print_result
from api.cli.terminal import visible
from api.http.requests import a_question
from rag.answerer import Result
from rag.english.followup import Turn

_PROMPT = "? "


class Ask(Protocol):
    """Answers a question, as :meth:`rag.answerer.Answerer.ask` does."""

    def __call__(self, question: str, *, history: list[Turn]) -> Result: ...  # noqa: D102


def converse(ask: Ask, served_at: str) -> None:
    """Answer each line that is typed, with the lines before it as its history, until an empty one or the end.

    :param served_at: see :func:`api.cli.console.print_result`.
    """
    history: list[Turn] = []
    for line in _lines():
        try:
            question = a_question(line)
        except ValueError as error:
            typer.echo(f"pullquote: the question: {error}", err=True)
            continue
        result = ask(question, history=history)
        if result.standalone_question != question:
            typer.echo(f"Asked as: {visible(result.standalone_question)}")
        print_result(result, served_at)
        typer.echo()
        history += [Turn("user", question), Turn("assistant", result.answers[0].text if result.answers else "")]


def _lines() -> Iterator[str]:
    with suppress(ImportError):
        import readline  # noqa: F401 - lets input() edit the line and recall the ones before
    with suppress(EOFError, KeyboardInterrupt):
        while line := input(_PROMPT if sys.stdin.isatty() else "").strip():
            yield line
