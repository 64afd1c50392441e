"""``POST /v1/ask`` as server-sent events, for clients that show where an answer is being looked for.

``found`` names the articles whose passages are about to be read; ``answered`` carries the body that a client without
streaming gets; ``failed`` is a problem that came up after the beginning. While the question waits, comments are sent.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT

from api.http.errors import document, request_id_of
from api.http.event_stream import EventStream, frame, problem_of, stopping
from api.http.requests import AskRequest
from api.http.responses import AskResponse
from api.http.serialise import ask_response
from api.routes.common import links_of
from api.runtime.service import Service
from api.runtime.state import runtime_of
from rag.answerer import Result
from rag.retrieval.retriever import RetrievedPassage

MEDIA_TYPE = "text/event-stream"
SIGN_OF_LIFE_SECONDS = 5.0

_Found = tuple[str, Sequence[RetrievedPassage]]


def is_wanted(request: Request) -> bool:
    """Whether the client asks for a stream."""
    return MEDIA_TYPE in request.headers.get("accept", "")


def answer_stream(request: Request, asked: AskRequest, takes_feedback: bool = False) -> EventStream:
    """The stream that answers what is ``asked``. Work that has not begun is dropped when the client leaves.

    :raises Problem: 503 when no index is open, or, with ``Retry-After``, when the queue is full.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[_Found] = loop.create_future()

    def on_found(question: str, passages: Sequence[RetrievedPassage]) -> None:
        loop.call_soon_threadsafe(_note, found, (question, passages))

    def ask(service: Service) -> Result:
        return service.at_least(asked.min_index_version).ask(asked.asked(), on_found, asked.require_complete)

    answered = runtime_of(request).submit(ask)
    respond = partial(
        ask_response, links=links_of(request), include_passages=asked.include_passages, takes_feedback=takes_feedback
    )
    frames = _frames(answered, found, respond, request_id_of(request))
    return EventStream(frames, lambda: frame(document(stopping()), "failed"), {"vary": "accept"})


def _note(found: asyncio.Future[_Found], what: _Found) -> None:
    if not found.done():
        found.set_result(what)


async def _frames(
    answered: Future[Result],
    found: asyncio.Future[_Found],
    respond: Callable[[Result], AskResponse],
    request_id: str,
) -> AsyncIterator[bytes]:
    work = asyncio.wrap_future(answered)
    try:
        yield KEEPALIVE_COMMENT
        async for sign in _until(work, found):
            yield sign
        if found.done():
            yield frame(_found_event(*found.result()), "found")
        async for sign in _until(work):
            yield sign
        try:
            body = respond(work.result()).model_dump(mode="json")
        except (Exception, asyncio.CancelledError) as error:
            yield frame(document(problem_of(error, request_id), request_id), "failed")
        else:
            yield frame(body, "answered")
    finally:
        work.cancel()
        found.cancel()


async def _until(*awaited: asyncio.Future[Any]) -> AsyncIterator[bytes]:
    """A comment now and then until one of ``awaited`` is done."""
    while not (await asyncio.wait(awaited, timeout=SIGN_OF_LIFE_SECONDS, return_when=asyncio.FIRST_COMPLETED))[0]:
        yield KEEPALIVE_COMMENT


def _found_event(question: str, passages: Sequence[RetrievedPassage]) -> dict[str, Any]:
    titles = {passage.article.id: passage.article.title for passage in passages}
    articles = [{"article_id": article_id, "title": title} for article_id, title in titles.items()]
    return {"standalone_question": question, "articles": articles}
