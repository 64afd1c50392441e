"""OpenAI responses: ``/v1/responses``. Offsets in the text of a message count code points.

Shapes: https://platform.openai.com/docs/api-reference/responses. The search in the index is shown as a file search,
whose results are the quotes.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.chat import examples
from api.chat.answering import respond
from api.chat.conversation import ChatMessage, Conversation, read_conversation
from api.chat.message import Mark, Message, Source
from api.chat.models import MODEL, choose
from api.http.errors import Problem
from api.http.event_stream import frame
from api.routes.common import described

router = APIRouter(tags=["chat"])

_LONGEST_VALUE = 512
"""Code points of an attribute or of metadata, as OpenAI has them."""


class ResponseRequest(BaseModel):
    """A question or a conversation. Any other field, such as tools and instructions, is taken and has no effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RESPONSE_REQUEST]})

    model: Any = Field(default=None, description="`pullquote`, or `pullquote/NAME` to ask the collection NAME.")
    input: str | list[ChatMessage] = Field(description="A question, or messages, the oldest first.")
    stream: bool | None = None
    previous_response_id: str | None = Field(
        default=None, description="Not possible: no response is stored. Send the conversation as input."
    )


@router.post("/v1/responses", responses=described(examples.RESPONSE, 400, 404, 413, 415, 422, 503))
async def create_response(request: Request, body: ResponseRequest) -> Response:
    """Answer the last question of a conversation, as OpenAI's responses do. `stream` sends it as events."""
    if body.previous_response_id:
        raise Problem(
            400,
            "this service stores no responses, so there is none to go on from: leave out previous_response_id and send "
            "the conversation so far as input",
            "previous_response_not_found",
        )
    messages = [ChatMessage(role="user", content=body.input)] if isinstance(body.input, str) else body.input
    model = choose(request, body.model)
    conversation = read_conversation(messages)
    reply = Reply(conversation, model)
    return await respond(request, conversation, reply, body.stream)


@dataclass(frozen=True)
class Reply:
    """One response and its stream."""

    conversation: Conversation
    model: str = MODEL
    id: str = field(default_factory=lambda: f"resp_{secrets.token_hex(16)}")
    search_id: str = field(default_factory=lambda: f"fs_{secrets.token_hex(16)}")
    message_id: str = field(default_factory=lambda: f"msg_{secrets.token_hex(16)}")
    created: int = field(default_factory=lambda: int(time.time()))
    _numbers: "count[int]" = field(default_factory=count)

    def whole(self, message: Message) -> dict[str, Any]:
        """The response in one piece."""
        output = [self._search("completed", message), self._message("completed", [_text(message.text, message.marks)])]
        return self._response("completed", output, message)

    def beginning(self) -> Iterator[bytes]:
        """That the response is under way, and what is searched for."""
        yield self._event("response.created", response=self._response("in_progress"))
        yield self._event("response.in_progress", response=self._response("in_progress"))
        yield self._event("response.output_item.added", output_index=0, item=self._search("in_progress"))
        for state in ("in_progress", "searching"):
            yield self._event(f"response.file_search_call.{state}", output_index=0, item_id=self.search_id)

    def answer(self, message: Message) -> Iterator[bytes]:
        """What was found, the text in pieces, an annotation for each source, and the whole once more."""
        yield self._event("response.file_search_call.completed", output_index=0, item_id=self.search_id)
        yield self._event("response.output_item.done", output_index=0, item=self._search("completed", message))
        yield self._event("response.output_item.added", output_index=1, item=self._message("in_progress", []))
        part: dict[str, Any] = {"output_index": 1, "content_index": 0, "item_id": self.message_id}
        yield self._event("response.content_part.added", **part, part=_text("", ()))
        for piece in message.pieces:
            yield self._event("response.output_text.delta", **part, delta=piece, logprobs=[])
        for number, mark in enumerate(message.marks):
            yield self._event(
                "response.output_text.annotation.added", **part, annotation_index=number, annotation=_annotation(mark)
            )
        yield self._event("response.output_text.done", **part, text=message.text, logprobs=[])
        whole = self.whole(message)
        yield self._event("response.content_part.done", **part, part=whole["output"][1]["content"][0])
        yield self._event("response.output_item.done", output_index=1, item=whole["output"][1])
        yield self._event("response.completed", response=whole)

    def failure(self, problem: Problem) -> Iterator[bytes]:
        """An error that clients raise, and the failed response for those that wait for its end."""
        error = {"code": "server_error", "message": problem.detail}
        yield self._event("error", code=problem.code, message=problem.detail, param=None)
        yield self._event("response.failed", response={**self._response("failed"), "error": error})

    def _event(self, kind: str, **content: Any) -> bytes:
        return frame({"type": kind, "sequence_number": next(self._numbers), **content}, kind)

    def _response(
        self, status: str, output: Sequence[dict[str, Any]] = (), message: Message | None = None
    ) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": _metadata(message) if message else {},
            "model": self.model,
            "output": list(output),
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "store": False,
            "temperature": None,
            "text": {"format": {"type": "text"}},
            "tool_choice": "none",
            "tools": [],
            "top_p": None,
            "truncation": "disabled",
            "usage": self._usage(message) if message else None,
        }

    def _search(self, status: str, message: Message | None = None) -> dict[str, Any]:
        asked = message.result.standalone_question if message and message.result else self.conversation.last
        results = [_found(source) for source in message.sources] if message else None
        return {
            "type": "file_search_call",
            "id": self.search_id,
            "status": status,
            "queries": [asked],
            "results": results,
        }

    def _message(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {"type": "message", "id": self.message_id, "status": status, "role": "assistant", "content": content}

    def _usage(self, message: Message) -> dict[str, Any]:
        """Words, because nothing here is counted in tokens."""
        taken, given = self.conversation.words, len(message.text.split())
        return {
            "input_tokens": taken,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": given,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": taken + given,
        }


def _text(text: str, marks: Sequence[Mark]) -> dict[str, Any]:
    return {
        "type": "output_text",
        "text": text,
        "annotations": [_annotation(mark) for mark in marks],
        "logprobs": [],
    }


def _annotation(mark: Mark) -> dict[str, Any]:
    citation = mark.source.citation
    place = {"start_index": mark.start, "end_index": mark.end}
    return {"type": "url_citation", **place, "url": mark.source.link, "title": citation.title}


def _found(source: Source) -> dict[str, Any]:
    """A quote as a result of the file search; offsets are those of the article's text, in code points.

    A value that is too long for an attribute is left out, not cut.
    """
    citation = source.citation
    attributes: dict[str, Any] = {
        "title": citation.title,
        "published": citation.published.isoformat() if citation.published else None,
        "source": citation.source,
        "authors": ", ".join(citation.authors) or None,
        "attribution": source.answer.attribution,
        "answer": source.answer.text,
        "start": citation.start,
        "end": citation.end,
        "quote_start": citation.quote_start,
        "quote_end": citation.quote_end,
        "sha256": citation.sha256,
    }
    return {
        "file_id": citation.article_id,
        "filename": source.path or citation.title,
        "score": round(source.answer.confidence, 4),
        "text": citation.quote,
        "attributes": {
            name: value for name, value in attributes.items() if value is not None and len(str(value)) <= _LONGEST_VALUE
        },
    }


def _metadata(message: Message) -> dict[str, str]:
    if message.result is None:
        return {}
    return {
        "answerable": str(message.result.answerable).lower(),
        "standalone_question": message.result.standalone_question[:_LONGEST_VALUE],
        "index_version": message.result.index_version,
    }
