"""What a running service holds, and how work gets to it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from starlette.requests import Request

from api.access.caller import Caller, caller_of
from api.access.guard import GUARD, Guard, asking_browsers, is_for_everybody
from api.access.guesses import network, refusal
from api.access.keys import KeyStore
from api.http.addressed import collection_in
from api.http.errors import Problem
from api.questions.book import QuestionBook
from api.runtime.collections import Collections
from api.runtime.current_index import CurrentIndex, SeenIndex
from api.runtime.service import Service
from api.runtime.workers import Workers
from api.settings import Settings
from index.collection.folders import DEFAULT, CollectionNotFoundError
from index.collection.store import Collection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a request needs of the collection that it is about, and what all share. Use it from one event loop.

    ``collection`` is None when it can't be opened: then no changes are taken. Documents that are uploaded are read
    while their request holds one of ``uploads``.
    """

    settings: Settings
    index: CurrentIndex | SeenIndex
    workers: Workers
    collection: Collection | None
    uploads: asyncio.Semaphore
    book: QuestionBook
    client: str = ""
    """Who asks: clients take turns in the queue of the workers."""

    collections: Collections | None = None
    """All that the service has."""

    def submit(self, work: Callable[[Service], T]) -> Future[T]:
        """Put work for the models into their queue. It leases the version that is current now until it has ended.

        :raises Problem: 503 when no index is open, or, with ``Retry-After``, when the queue is full.
        """
        lease = self.index.lease()
        try:
            future = self.workers.submit(partial(work, lease.service), self.client)
        except BaseException:
            lease.release()
            raise
        future.add_done_callback(lambda _: lease.release())
        return future

    async def run(self, request: Request, work: Callable[[Service], T]) -> T:
        """Submit work and wait for its result. When the client leaves, work that has not begun is dropped.

        :raises Problem: as :meth:`submit`.
        :raises ClientGoneError: when the client has left.
        """
        return await self.workers.result(request, self.submit(work))

    async def read(self, work: Callable[[Service], T]) -> T:
        """Do work that needs no model, on a thread beside the queue.

        :raises Problem: 503 when no index is open.
        """
        return await asyncio.to_thread(self._read, work)

    def _read(self, work: Callable[[Service], T]) -> T:
        with self.index.lease() as service:
            return work(service)


def runtime_of(request: Request) -> Runtime:
    """What the service that got ``request`` holds of the collection that this is about, for the one who asks: of the
    index what that one may see.

    :raises Problem: 404 when that one has no such collection, 401 when it needs a key.
    """
    return _runtime(request, collection_in(request.scope))


def runtimes_of(request: Request) -> list[Runtime]:
    """The same for every collection that there is for the one who asks, the default one first."""
    found = []
    for name in collections_of(request).names():
        with suppress(Problem):
            found.append(_runtime(request, name))
    return found


def service_settings(request: Request) -> Settings:
    """The settings of the service, whatever collection ``request`` is about."""
    return _service(request).settings


def collections_of(request: Request) -> Collections:
    """The collections of the service that got ``request``."""
    collections = _service(request).collections
    assert collections is not None
    return collections


def keys_of(request: Request) -> KeyStore:
    """The keys of the service."""
    guard: Guard = request.scope["state"][GUARD]
    return guard.keys


def _service(request: Request) -> Runtime:
    """What :func:`api.app.create_app` puts there for as long as it runs."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def _runtime(request: Request, name: str) -> Runtime:
    caller = caller_of(request.scope)
    if not (caller.knows(name) or (name == DEFAULT and is_for_everybody(request.scope))):
        raise _unknown(caller, name)
    try:
        opened = collections_of(request).get(name)
    except CollectionNotFoundError:
        raise _unknown(caller, name) from None
    if name != DEFAULT and not caller.name and not opened.settings.public_ask:
        problem = refusal("asking this collection needs a key")
        problem.headers = asking_browsers(request.scope) or problem.headers
        raise problem
    return replace(
        _service(request),
        settings=opened.settings,
        index=opened.index.seen(caller.scope) if caller.scope else opened.index,
        collection=opened.written,
        book=opened.book,
        client=caller.name or network(caller.address),
    )


def _unknown(caller: Caller, name: str) -> Problem:
    """A collection that is not there, or not there for the one who asks, which is told in the same words."""
    if name == DEFAULT:
        bound = ", ".join(caller.collections)
        detail = f"this key is for {bound}: put /v1/collections/{caller.collections[0]} in place of /v1"
        return Problem(403, detail, "key_is_bound")
    return no_collection(name)


def no_collection(name: str) -> Problem:
    """What is told of a collection that is not there."""
    return Problem(
        404, f"there is no collection {name[:100]!r}: GET /v1/collections lists them", "collection_not_found"
    )
