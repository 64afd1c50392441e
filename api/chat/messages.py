"""Anthropic messages: ``/v1/messages``.

Shapes: https://platform.claude.com/docs/en/api/messages. The text is that of every dialect, cut into blocks: one ends
behind the number of each source, and carries that source as the citation of a search result.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.chat import examples
from api.chat.answering import respond
from api.chat.conversation import ChatMessage, Conversation, read_conversation
from api.chat.message import Mark, Message
from api.chat.models import MODEL, choose
from api.http.errors import Problem
from api.http.event_stream import frame
from api.routes.common import described

router = APIRouter(tags=["chat"])


class MessageRequest(BaseModel):
    """A conversation. Any other field, such as system, tools and max_tokens, is taken and has no effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.MESSAGE_REQUEST]})

    model: Any = Field(default=None, description="`pullquote`, or `pullquote/NAME` to ask the collection NAME.")
    messages: list[ChatMessage]
    stream: bool | None = None


@router.post("/v1/messages", responses=described(examples.MESSAGE, 404, 413, 415, 422, 503))
async def create_message(request: Request, body: MessageRequest) -> Response:
    """Answer the last question of a conversation, as Anthropic's messages do. `stream` sends it as events."""
    model = choose(request, body.model)
    conversation = read_conversation(body.messages)
    reply = Reply(conversation, model)
    return await respond(request, conversation, reply, body.stream)


@dataclass(frozen=True)
class Reply:
    """One message and its stream."""

    conversation: Conversation
    model: str = MODEL
    id: str = field(default_factory=lambda: f"msg_{secrets.token_hex(12)}")

    def whole(self, message: Message) -> dict[str, Any]:
        """The message in one piece."""
        content = [_block(text, citations) for text, citations in _blocks(message)]
        return self._message(content, "end_turn", len(message.text.split()))

    def beginning(self) -> Iterator[bytes]:
        """The message without its content."""
        yield _event("message_start", message=self._message([], None, 0))

    def answer(self, message: Message) -> Iterator[bytes]:
        """Each block with its text and its citations, and the end."""
        for index, (text, citations) in enumerate(_blocks(message)):
            yield _event("content_block_start", index=index, content_block=_block("", []))
            yield _event("content_block_delta", index=index, delta={"type": "text_delta", "text": text})
            for citation in citations:
                yield _event(
                    "content_block_delta", index=index, delta={"type": "citations_delta", "citation": citation}
                )
            yield _event("content_block_stop", index=index)
        usage = {"output_tokens": len(message.text.split())}
        yield _event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage=usage)
        yield _event("message_stop")

    def failure(self, problem: Problem) -> Iterator[bytes]:
        """The event that clients raise as an error."""
        yield _event("error", error={"type": "api_error", "message": problem.detail})

    def _message(self, content: list[dict[str, Any]], stop_reason: str | None, given: int) -> dict[str, Any]:
        """A message; its usage counts words, because nothing here is counted in tokens."""
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": {"input_tokens": self.conversation.words, "output_tokens": given},
        }


def _event(kind: str, **content: Any) -> bytes:
    return frame({"type": kind, **content}, kind)


def _blocks(message: Message) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The text of the message in pieces, each with the citations of the sources whose number ends it."""
    begin = 0
    for mark in sorted(message.marks, key=lambda mark: mark.end):
        yield message.text[begin : mark.end], [_citation(mark)]
        begin = mark.end
    if message.text[begin:]:
        yield message.text[begin:], []


def _block(text: str, citations: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "text", "text": text, "citations": citations or None}


def _citation(mark: Mark) -> dict[str, Any]:
    """The quote as a result of a search, the link to it as its source; the index counts the sources from 0."""
    citation = mark.source.citation
    return {
        "type": "search_result_location",
        "cited_text": citation.quote,
        "source": mark.source.link,
        "title": citation.title,
        "search_result_index": mark.source.number - 1,
        "start_block_index": 0,
        "end_block_index": 1,
    }
