"""A stream of server-sent events: the beginning at once, the answer when it is there, signs of life in between."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, Protocol

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Message as Event
from starlette.types import Receive, Scope, Send

from api.chat.message import Message
from api.errors import Problem, unexpected

SIGN_OF_LIFE_SECONDS = 5.0
"""A comment is sent this often while the question waits in the queue."""

DONE = format_sse_event(data_str="[DONE]")

_log = logging.getLogger("uvicorn.error")


class Dialect(Protocol):
    """How one dialect says things. Each method gives frames, whole events in bytes."""

    def beginning(self) -> Iterable[bytes]:
        """What is sent at once."""
        ...

    def answer(self, message: Message) -> Iterable[bytes]:
        """The message, to the end of the stream."""
        ...

    def failure(self, problem: Problem) -> Iterable[bytes]:
        """An error after the beginning, to the end of the stream."""
        ...


def frame(data: Mapping[str, Any], event: str | None = None) -> bytes:
    """One event that carries ``data`` as JSON."""
    return format_sse_event(data_str=json.dumps(data, ensure_ascii=False, separators=(",", ":")), event=event)


class AnswerStream(EventSourceResponse):
    """Sends the answer in the words of ``dialect``.

    When the client leaves, work that has not begun is dropped. When the server stops before the answer is there, the
    stream is ended with an error.
    """

    def __init__(
        self, answer: Future[Message], dialect: Dialect, request_id: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._answer = answer
        self._dialect = dialect
        self._request_id = request_id
        super().__init__(
            self._frames(), headers={"cache-control": "no-cache", "x-accel-buffering": "no", **(headers or {})}
        )

    async def _frames(self) -> AsyncIterator[bytes]:
        for each in self._dialect.beginning():
            yield each
        waiting = asyncio.wrap_future(self._answer)
        while not (await asyncio.wait({waiting}, timeout=SIGN_OF_LIFE_SECONDS))[0]:
            yield KEEPALIVE_COMMENT
        for each in self._outcome(waiting):
            yield each

    def _outcome(self, answered: asyncio.Future[Message]) -> Iterable[bytes]:
        if answered.cancelled():
            return self._dialect.failure(_stopping())
        error = answered.exception()
        if error is None:
            return self._dialect.answer(answered.result())
        if isinstance(error, Problem):
            return self._dialect.failure(error)
        _log.error("request %s failed in its stream", self._request_id, exc_info=error)
        return self._dialect.failure(unexpected(self._request_id))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        has_begun = False

        async def send_on(event: Event) -> None:
            nonlocal has_begun
            await send(event)
            has_begun = True

        try:
            await super().__call__(scope, receive, send_on)
        except asyncio.CancelledError:
            if has_begun:
                await send({"type": "http.response.body", "body": b"".join(self._dialect.failure(_stopping()))})
            raise
        finally:
            self._answer.cancel()


def _stopping() -> Problem:
    return Problem(503, "the service is stopping: ask again in a moment", "stopping")
