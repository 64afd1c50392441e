"""From a conversation to a message: at once for a frontend's own prompts, else by asking the index."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol

from fastapi import Request
from starlette.responses import JSONResponse, Response

from api.chat import stream
from api.chat.conversation import Conversation
from api.chat.message import Message, compose
from api.chat.side_prompts import answer_aside
from api.http.errors import request_id_of
from api.http.links import Links
from api.routes.common import links_of
from api.runtime.service import Service
from api.runtime.state import runtime_of
from rag.question import Question


class Dialect(stream.Dialect, Protocol):
    """A dialect that also answers in one piece."""

    def whole(self, message: Message) -> dict[str, Any]:
        """The answer in one piece."""
        ...


async def respond(request: Request, conversation: Conversation, dialect: Dialect, in_pieces: bool | None) -> Response:
    """The answer in the words of a dialect, whole or as events.

    :raises Problem: as :func:`answer`.
    :raises ClientGoneError: when the client has left.
    """
    if in_pieces:
        return stream.AnswerStream(submit(request, conversation), dialect, request_id_of(request))
    return JSONResponse(dialect.whole(await answer(request, conversation)))


async def answer(request: Request, conversation: Conversation) -> Message:
    """The message that answers.

    :raises Problem: 422 when the question can't be used, 503 when no index is open or the queue is full.
    :raises ClientGoneError: when the client has left.
    """
    aside = _aside(conversation)
    return aside if aside else await runtime_of(request).run(request, _work(request, conversation))


def submit(request: Request, conversation: Conversation) -> Future[Message]:
    """The same without waiting for it, for a stream. It raises before the stream begins, so that the status tells."""
    aside = _aside(conversation)
    if aside is None:
        return runtime_of(request).submit(_work(request, conversation))
    done: Future[Message] = Future()
    done.set_result(aside)
    return done


def _aside(conversation: Conversation) -> Message | None:
    text = answer_aside(conversation)
    return None if text is None else Message((text,))


def _work(request: Request, conversation: Conversation) -> Callable[[Service], Message]:
    return partial(_ask, conversation.asked(), links_of(request))


def _ask(question: Question, links: Links, service: Service) -> Message:
    return compose(service.ask(question), links)
