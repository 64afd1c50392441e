"""The conversation of the front page: the questions before, which its address holds, with their answers."""

from dataclasses import dataclass, replace

from api.http.requests import a_question
from api.runtime.service import Service
from rag.answerer import Answer, Result
from rag.english.followup import Turn, guessed
from rag.question import Question

MOST = 5
"""Questions before this one that count, the latest."""

_LEAST_GUESS = 0.01
"""Confidence below which a guess is not worth a look."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that was asked before, as it was understood, and its best answer, or what was shown as the nearest."""

    question: str
    understood: str
    answer: Answer | None
    guess: Answer | None
    complete: bool


def earlier(questions: list[str], like: Question, service: Service) -> list[Exchange]:
    """The latest of ``questions`` with their answers, which are found again: mostly they are still in the cache.

    Each is asked as a follow-up to those before it, and as ``like`` is asked otherwise. What is no question is left
    out.
    """
    made: list[Exchange] = []
    for text in questions[-MOST:]:
        try:
            question = replace(like, text=a_question(text), history=history_of(made))
        except ValueError:
            continue
        result = service.answer(question)
        answer = next(iter(result.answers), None)
        made.append(Exchange(question.text, result.standalone_question, answer, guess_of(result), result.complete))
    return made


def guess_of(result: Result) -> Answer | None:
    """What is shown as nearest where no article answers; what is far too unlikely is not."""
    guess = result.best_guess
    return guess if guess and guess.confidence >= _LEAST_GUESS else None


def history_of(exchanges: list[Exchange]) -> tuple[Turn, ...]:
    """The conversation as the answerer takes it; the chat widget sends the same of what it shows."""
    turns: list[Turn] = []
    for each in exchanges:
        turns.append(Turn("user", each.question))
        if each.answer:
            turns.append(Turn("assistant", f"{each.answer.text}\n{each.answer.citations[0].quote}"))
        elif each.guess:
            turns.append(guessed(each.guess.text))
    return tuple(turns)
