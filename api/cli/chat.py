"""A conversation on a terminal, or with lines that come through a pipe."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import typer

from api.cli.figures import count
from api.cli.terminal import visible
from api.http.requests import a_question
from rag.answerer import Result
from rag.english.followup import Turn, guessed
from rag.question import Question

_PROMPT = "? "
_HELP = (
    "Type a question and Enter; a follow-up may be short (“And when?”).\n"
    "/new   forget what was said before\n"
    "/help  this\n"
    "/quit  end, as an empty line does"
)
_COURTESIES = frozenset({"hello", "hi", "hey", "thanks", "thank you", "ok", "okay", "bye", "goodbye"})
"""What people say to whoever answers. No article is to be searched for it."""


def greet(articles: int, examples: Sequence[str]) -> None:
    """Tell whoever sits at a terminal what can be asked; a pipe is told nothing."""
    if sys.stdin.isatty():
        typer.echo(f"{count(articles, 'article')} can be asked. /help tells more; an empty line ends.")
        if examples:
            typer.echo(f"For example: {visible(examples[0])}")


def converse(ask: Callable[[Question], Result], show: Callable[[Result], None]) -> None:
    """Answer each line that is typed, with the lines before it as its history, until an empty one or the end."""
    history: tuple[Turn, ...] = ()
    for line in _lines():
        if line.startswith("/"):
            if line == "/quit":
                break
            history = () if line == "/new" else history
            known = {"/help": _HELP, "/new": "A new conversation."}
            typer.echo(known.get(line, f"There is no {visible(line)}: /help tells what there is."))
            continue
        if line.strip(" .!").casefold() in _COURTESIES:
            typer.echo("Ask a question, or /help.")
            continue
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
        history += (Turn("user", question), *_replies(result))


def _replies(result: Result) -> Iterator[Turn]:
    """What was said, as the answerer takes it in a conversation."""
    if result.answers:
        yield Turn("assistant", result.answers[0].text)
    elif result.best_guess:
        yield guessed(result.best_guess.text)


def _lines() -> Iterator[str]:
    with suppress(ImportError):
        import readline  # noqa: F401 - lets input() edit the line and recall the ones before
    with suppress(EOFError, KeyboardInterrupt):
        while line := input(_PROMPT if sys.stdin.isatty() else "").strip():
            yield line
