"""The conversation of the front page: the questions before, which its address holds, with their answers."""

from dataclasses import dataclass, replace

from api.http.requests import a_question
from api.runtime.service import Service
from rag.answerer import Answer
from rag.english.followup import Turn
from rag.question import Question

MOST = 5
"""Questions before this one that count, the latest."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that was asked before, as it was understood, and its best answer."""

    question: str
    understood: str
    answer: Answer | None
    complete: bool = True


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
        made.append(
            Exchange(question.text, result.standalone_question, next(iter(result.answers), None), result.complete)
        )
    return made


def history_of(exchanges: list[Exchange]) -> tuple[Turn, ...]:
    """The conversation as the answerer takes it; the chat widget sends the same of what it shows."""
    turns: list[Turn] = []
    for each in exchanges:
        turns.append(Turn("user", each.question))
        if each.answer:
            turns.append(Turn("assistant", f"{each.answer.text}\n{each.answer.citations[0].quote}"))
    return tuple(turns)
