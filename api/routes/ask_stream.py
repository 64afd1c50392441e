"""``POST /v1/ask`` as server-sent events, for clients that show where an answer is being looked for.

``found`` names the articles whose passages are about to be read; ``answered`` carries the body that a client without
streaming gets; ``failed`` is a problem that came up after the beginning. While the question waits, comments are sent.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol

from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Message, Receive, Scope, Send

from api.errors import Problem, document, request_id_of, unexpected
from api.routes.common import workers_of
from api.views import ask_response
from rag.answerer import OnFound, Result
from rag.retriever import RetrievedPassage

MEDIA_TYPE = "text/event-stream"
SIGN_OF_LIFE_SECONDS = 5.0

_Found = tuple[str, Sequence[RetrievedPassage]]

_log = logging.getLogger("uvicorn.error")


class Ask(Protocol):
    """Answers one question, and tells what it found on the way."""

    def __call__(self, *, on_found: OnFound) -> Result: ...  # noqa: D102


def is_wanted(request: Request) -> bool:
    """Whether the client asks for a stream."""
    return MEDIA_TYPE in request.headers.get("accept", "")


def answer_stream(request: Request, ask: Ask, include_passages: bool) -> EventSourceResponse:
    """The stream of ``ask``. Work that has not begun is dropped when the client leaves.

    :raises Problem: 503 with ``Retry-After`` when the queue is full.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[_Found] = loop.create_future()

    def on_found(question: str, passages: Sequence[RetrievedPassage]) -> None:
        loop.call_soon_threadsafe(_tell, found, (question, passages))

    answered = workers_of(request).submit(partial(ask, on_found=on_found))
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no", "vary": "accept"}
    return _Stream(_frames(answered, found, include_passages, request_id_of(request)), headers=headers)


class _Stream(EventSourceResponse):
    """Ends with a failure when the server stops before the answer is there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def send_on(event: Message) -> None:
            nonlocal has_begun
            await send(event)
            has_begun = True

        try:
            await super().__call__(scope, receive, send_on)
        except asyncio.CancelledError:
            if has_begun:
                await send({"type": "http.response.body", "body": _frame("failed", document(_stopping()))})
            raise


def _tell(found: asyncio.Future[_Found], what: _Found) -> None:
    if not found.done():
        found.set_result(what)


async def _frames(
    answered: Future[Result], found: asyncio.Future[_Found], include_passages: bool, request_id: str
) -> AsyncIterator[bytes]:
    work = asyncio.wrap_future(answered)
    try:
        yield KEEPALIVE_COMMENT
        async for sign in _until(work, found):
            yield sign
        if found.done():
            yield _frame("found", _told(*found.result()))
        async for sign in _until(work):
            yield sign
        try:
            body = ask_response(work.result(), include_passages).model_dump(mode="json")
        except (Exception, asyncio.CancelledError) as error:
            yield _frame("failed", document(_problem(error, request_id), request_id))
        else:
            yield _frame("answered", body)
    finally:
        work.cancel()
        found.cancel()


async def _until(*awaited: asyncio.Future[Any]) -> AsyncIterator[bytes]:
    """A comment now and then until one of ``awaited`` is done."""
    while not (await asyncio.wait(awaited, timeout=SIGN_OF_LIFE_SECONDS, return_when=asyncio.FIRST_COMPLETED))[0]:
        yield KEEPALIVE_COMMENT


def _told(question: str, passages: Sequence[RetrievedPassage]) -> dict[str, Any]:
    titles = {passage.article.id: passage.article.title for passage in passages}
    articles = [{"article_id": article_id, "title": title} for article_id, title in titles.items()]
    return {"standalone_question": question, "articles": articles}


def _problem(error: BaseException, request_id: str) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, asyncio.CancelledError):
        return _stopping()
    _log.error("request %s failed in its stream", request_id, exc_info=error)
    return unexpected(request_id)


def _stopping() -> Problem:
    return Problem(503, "the service is stopping: ask again in a moment", "stopping")


def _frame(event: str, data: dict[str, Any]) -> bytes:
    return format_sse_event(event=event, data_str=json.dumps(data, ensure_ascii=False, separators=(",", ":")))
