"""Server-sent events: what every stream of this service has in common."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.types import Message, Receive, Scope, Send

from api.http.errors import Problem, incomplete, unexpected
from index.storage.corpus import IncompleteError

_log = logging.getLogger("pullquote.requests")


def frame(data: Mapping[str, Any], event: str | None = None) -> bytes:
    """One event that carries ``data`` as JSON."""
    return format_sse_event(data_str=json.dumps(data, ensure_ascii=False, separators=(",", ":")), event=event)


def problem_of(error: BaseException, request_id: str) -> Problem:
    """What a client is told of an error in a stream; one that nobody expected is logged."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, asyncio.CancelledError):
        return stopping()
    if isinstance(error, IncompleteError):
        return incomplete(str(error))
    _log.error("request %s failed in its stream", request_id, exc_info=error)
    return unexpected(request_id)


def stopping() -> Problem:
    """The server stops before the answer is there."""
    return Problem(503, "the service is stopping: ask again in a moment", "stopping")


class EventStream(EventSourceResponse):
    """Sends ``frames``, and what ``last`` gives when the server stops in the middle of them."""

    def __init__(
        self, frames: AsyncIterator[bytes], last: Callable[[], bytes], headers: Mapping[str, str] | None = None
    ) -> None:
        self._last = last
        super().__init__(frames, headers={"cache-control": "no-cache", "x-accel-buffering": "no", **(headers or {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        has_begun = False

        async def send_on(event: Message) -> None:
            nonlocal has_begun
            await send(event)
            has_begun = True

        try:
            await super().__call__(scope, receive, send_on)
        except asyncio.CancelledError:
            if has_begun:
                await send({"type": "http.response.body", "body": self._last()})
            raise
