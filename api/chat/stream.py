"""A stream of server-sent events: the beginning at once, the answer when it is there, signs of life in between."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from concurrent.futures import Future
from typing import Protocol

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.types import Receive, Scope, Send

from api.chat.message import Message
from api.http.errors import Problem
from api.http.event_stream import EventStream, problem_of, stopping

SIGN_OF_LIFE_SECONDS = 5.0
"""A comment is sent this often while the question waits in the queue."""

DONE = format_sse_event(data_str="[DONE]")


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


class AnswerStream(EventStream):
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
        super().__init__(self._frames(), lambda: b"".join(dialect.failure(stopping())), headers)

    async def _frames(self) -> AsyncIterator[bytes]:
        for each in self._dialect.beginning():
            yield each
        waiting = asyncio.wrap_future(self._answer)
        while not (await asyncio.wait({waiting}, timeout=SIGN_OF_LIFE_SECONDS))[0]:
            yield KEEPALIVE_COMMENT
        for each in self._outcome(waiting):
            yield each

    def _outcome(self, answered: asyncio.Future[Message]) -> Iterable[bytes]:
        try:
            message = answered.result()
        except (Exception, asyncio.CancelledError) as error:
            return self._dialect.failure(problem_of(error, self._request_id))
        return self._dialect.answer(message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._answer.cancel()
