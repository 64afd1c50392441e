"""The conversation in a request, whichever dialect it is written in: the question, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from api.http.errors import Problem
from api.http.requests import a_question
from index.article import storable
from rag.english.followup import Turn
from rag.question import Question

_TEXTS = {"text", "input_text", "output_text"}
_DOCUMENTS = "### Task:", "</context>"
"""What Open WebUI puts before a question when documents of its own are attached: how it begins and ends."""


class ChatMessage(BaseModel):
    """One message: a text, or parts of which the texts are read. What else it holds is ignored."""

    role: str | None = None
    content: str | list[Any] | None = Field(
        default=None, description="A text, or a list of parts; parts of text are read."
    )
    parts: list[Any] | None = Field(default=None, description="The parts of a UI message of the AI SDK.")

    def text(self) -> str:
        """What the message says."""
        if isinstance(self.content, str):
            return storable(self.content).strip()
        texts = [
            part if isinstance(part, str) else part["text"]
            for part in self.parts or self.content or []
            if isinstance(part, str)
            or (isinstance(part, dict) and part.get("type") in _TEXTS and isinstance(part.get("text"), str))
        ]
        return storable("\n".join(texts)).strip()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The last thing that was asked, and the turns before it, the oldest first."""

    last: str
    history: tuple[Turn, ...] = ()

    @property
    def words(self) -> int:
        """How many words were said in all."""
        return sum(len(text.split()) for text in (*(turn.content for turn in self.history), self.last))

    def asked(self) -> Question:
        """The question to be answered.

        :raises Problem: 422 when it is empty or too long.
        """
        try:
            return Question(a_question(_without_documents(self.last)), self.history)
        except ValueError as error:
            raise Problem(422, f"the last message of the user: {error}") from None


def _without_documents(text: str) -> str:
    """The text without what stands from the first beginning to the last end of documents."""
    begins, ends = _DOCUMENTS
    start, end = text.find(begins), text.rfind(ends)
    return text[:start] + text[end + len(ends) :] if 0 <= start <= end - len(begins) else text


def read_conversation(messages: Sequence[ChatMessage]) -> Conversation:
    """The conversation that ``messages`` are, the oldest first.

    Only what users and assistants wrote counts: there is nothing that instructions or tools could change.

    :raises Problem: 422 when the user says nothing.
    """
    turns = [
        Turn("user" if message.role == "user" else "assistant", text)
        for message in messages
        if message.role in {"user", "assistant"} and (text := message.text())
    ]
    asked = [place for place, turn in enumerate(turns) if turn.role == "user"]
    if not asked:
        raise Problem(422, "there is no message with the role user that holds text: add one with your question")
    return Conversation(turns[asked[-1]].content, tuple(turns[: asked[-1]]))
