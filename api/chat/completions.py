"""OpenAI chat completions: ``/v1/chat/completions``. Offsets in the text of a message count code points.

Shapes: https://platform.openai.com/docs/api-reference/chat. Each frame of a stream is a chunk with ``choices``, because
clients stop at one without; Open WebUI reads the ``event`` beside it, others leave it.
"""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.chat import examples, stream
from api.chat.answering import respond
from api.chat.conversation import ChatMessage, Conversation, read_conversation
from api.chat.message import Mark, Message
from api.chat.models import MODEL, choose
from api.http import errors
from api.http.errors import Problem
from api.http.event_stream import frame
from api.http.links import Links
from api.http.serialise import ask_response
from api.routes.common import described, links_of

router = APIRouter(tags=["chat"])


class StreamOptions(BaseModel):
    """What a stream tells besides."""

    include_usage: bool | None = None


class CompletionRequest(BaseModel):
    """A conversation. Any other field, such as tools and sampling parameters, is taken and has no effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.COMPLETION_REQUEST]})

    model: Any = Field(default=None, description="`pullquote`, or `pullquote/NAME` to ask the collection NAME.")
    messages: list[ChatMessage]
    stream: bool | None = None
    stream_options: StreamOptions | None = None


@router.post("/v1/chat/completions", responses=described(examples.COMPLETION, 404, 413, 415, 422, 503))
async def create_completion(request: Request, body: CompletionRequest) -> Response:
    """Answer the last question of a conversation, as OpenAI's chat completions do. `stream` sends it as events."""
    model = choose(request, body.model)
    conversation = read_conversation(body.messages)
    usage = bool(body.stream_options and body.stream_options.include_usage)
    completion = Completion(conversation, links_of(request), usage, model)
    return await respond(request, conversation, completion, body.stream)


@dataclass(frozen=True)
class Completion:
    """One reply and its stream."""

    conversation: Conversation
    links: Links
    include_usage: bool = False
    model: str = MODEL
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, message: Message) -> dict[str, Any]:
        """The reply in one piece."""
        said: dict[str, Any] = {"role": "assistant", "content": message.text, "refusal": None}
        said["annotations"] = [_annotation(mark) for mark in message.marks]
        choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": self._usage(message),
            **self._more(message),
        }

    def beginning(self) -> Iterator[bytes]:
        """The role."""
        yield self._chunk({"role": "assistant", "content": ""})

    def answer(self, message: Message) -> Iterator[bytes]:
        """The text in pieces, a chunk for each source, and the end."""
        if message.result and message.result.standalone_question != message.result.question:
            status = {"description": f"Asked as: {message.result.standalone_question}", "done": True}
            yield self._chunk({}, event={"type": "status", "data": status})
        for piece in message.pieces:
            yield self._chunk({"content": piece})
        for mark in message.marks:
            yield self._chunk({"annotations": [_annotation(mark)]}, event={"type": "source", "data": _source(mark)})
        yield self._chunk({}, "stop", **self._more(message))
        if self.include_usage:
            yield frame({**self._head(), "choices": [], "usage": self._usage(message)})
        yield stream.DONE

    def failure(self, problem: Problem) -> Iterator[bytes]:
        """A frame that clients raise as an error."""
        yield frame({**self._head(), "choices": [], "error": errors.document(problem)["error"]})
        yield stream.DONE

    def _head(
        self, kind: Literal["chat.completion", "chat.completion.chunk"] = "chat.completion.chunk"
    ) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return frame({**self._head(), "choices": [choice], **more})

    def _usage(self, message: Message) -> dict[str, int]:
        """Words, because nothing here is counted in tokens."""
        prompt, completion = self.conversation.words, len(message.text.split())
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    def _more(self, message: Message) -> dict[str, Any]:
        """What `/v1/ask` would have answered, for those who look."""
        if message.result is None:
            return {}
        return {"pullquote": ask_response(message.result, self.links).model_dump(mode="json", exclude={"passages"})}


def _annotation(mark: Mark) -> dict[str, Any]:
    citation = mark.source.citation
    place = {"start_index": mark.start, "end_index": mark.end, "url": mark.source.link, "title": citation.title}
    return {"type": "url_citation", "url_citation": place}


def _source(mark: Mark) -> dict[str, Any]:
    """The quote as Open WebUI shows it behind the number.

    The annotation is taken for the same source because its URL is the id; a fragment of its own is put behind ``url``.
    """
    citation = mark.source.citation
    return {
        "source": {"id": mark.source.link, "name": citation.title, "url": mark.source.link.partition("#")[0]},
        "document": [citation.quote],
        "metadata": [{"source": mark.source.link, "name": citation.title, "external": True}],
        "distances": [round(mark.source.answer.confidence, 4)],
    }
