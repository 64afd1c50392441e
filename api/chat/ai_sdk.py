"""The UI message stream of the AI SDK, version 1: ``/v1/ai-sdk/chat``, for ``useChat``.

Protocol: https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol. Its clients are JavaScript: ``text_start`` and ``text_end``
(where a number stands in the text part) count UTF-16 units. Offsets into articles count code points, as everywhere.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.chat import examples, stream
from api.chat.answering import submit
from api.chat.conversation import ChatMessage, read_conversation
from api.chat.message import Mark, Message
from api.chat.models import choose
from api.http import errors
from api.http.errors import Problem
from api.http.event_stream import frame
from api.http.serialise import citation_model
from api.routes.common import described

router = APIRouter(tags=["chat"])

_PROTOCOL = {"x-vercel-ai-ui-message-stream": "v1"}
_TEXT = "text-1"


class UIChatRequest(BaseModel):
    """What `useChat` sends. Other fields are ignored."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.UI_REQUEST]})

    model: Any = Field(default=None, description="`pullquote/NAME` to ask the collection NAME.")
    messages: list[ChatMessage] = Field(description="The conversation, the oldest message first.")


@router.post(
    "/v1/ai-sdk/chat",
    response_class=Response,
    responses=described(examples.UI_STREAM, 404, 413, 415, 422, 503, media_type="text/event-stream"),
)
async def chat(request: Request, body: UIChatRequest) -> Response:
    """Answer the last question of a conversation as a stream of message parts."""
    choose(request, body.model)
    answer = submit(request, read_conversation(body.messages))
    return stream.AnswerStream(answer, UIMessage(), errors.request_id_of(request), _PROTOCOL)


@dataclass(frozen=True)
class UIMessage:
    """One message and its stream."""

    id: str = field(default_factory=lambda: f"msg-{secrets.token_hex(12)}")

    def beginning(self) -> Iterator[bytes]:
        """The message and its only step."""
        yield frame({"type": "start", "messageId": self.id})
        yield frame({"type": "start-step"})

    def answer(self, message: Message) -> Iterator[bytes]:
        """The text in pieces, then for each source the page, the document, and the citation whole."""
        yield frame({"type": "text-start", "id": _TEXT})
        for piece in message.pieces:
            yield frame({"type": "text-delta", "id": _TEXT, "delta": piece})
        yield frame({"type": "text-end", "id": _TEXT})
        for mark in message.marks:
            yield from _source(mark, message.text)
        yield frame({"type": "finish-step"})
        yield frame({"type": "finish", "finishReason": "stop", **_metadata(message)})
        yield stream.DONE

    def failure(self, problem: Problem) -> Iterator[bytes]:
        """An error part, which `useChat` hands to `onError`."""
        yield frame({"type": "error", "errorText": problem.detail})
        yield stream.DONE


def _source(mark: Mark, text: str) -> Iterator[bytes]:
    source, citation = mark.source, mark.source.citation
    number = source.number
    page = {"sourceId": f"source-{number}", "url": source.link, "title": citation.title}
    yield frame({"type": "source-url", **page})
    document: dict[str, Any] = {
        "type": "source-document",
        "sourceId": f"document-{number}",
        "mediaType": source.media_type,
        "title": citation.title,
    }
    yield frame({**document, "filename": source.path} if source.path else document)
    data = {
        "number": number,
        "answer": source.answer.text,
        "confidence": round(source.answer.confidence, 4),
        "attribution": source.answer.attribution,
        "text_start": utf16_length(text[: mark.start]),
        "text_end": utf16_length(text[: mark.end]),
        **citation_model(citation, source.link, source.long_link).model_dump(mode="json"),
    }
    yield frame({"type": "data-citation", "id": f"citation-{number}", "data": data})


def utf16_length(text: str) -> int:
    """The length of ``text`` in JavaScript."""
    return len(text) + sum(character > "\uffff" for character in text)


def _metadata(message: Message) -> dict[str, Any]:
    if message.result is None:
        return {}
    result = message.result
    metadata = {
        "question": result.question,
        "standalone_question": result.standalone_question,
        "answerable": result.answerable,
        "index_version": result.index_version,
    }
    return {"messageMetadata": metadata}
