"""What a running service holds, and how work gets to it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from starlette.requests import Request

from api.access.caller import caller_of
from api.access.guesses import network
from api.runtime.current_index import CurrentIndex, SeenIndex
from api.runtime.service import Service
from api.runtime.workers import Workers
from api.settings import Settings
from index.collection.store import Collection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that lives from the start of a service to its end. Use it from one event loop.

    ``collection`` is None when it can't be opened: then no changes are taken. Documents that are uploaded are read
    while their request holds one of ``uploads``.
    """

    settings: Settings
    index: CurrentIndex | SeenIndex
    workers: Workers
    collection: Collection | None
    uploads: asyncio.Semaphore
    client: str = ""
    """Who asks: clients take turns in the queue of the workers."""

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
    """What the service that got ``request`` holds, for the one who asks: of the index what that one may see.

    :func:`api.app.create_app` puts it there for as long as it runs.
    """
    runtime: Runtime = request.app.state.runtime
    caller, index = caller_of(request.scope), runtime.index
    if caller.scope and isinstance(index, CurrentIndex):
        index = index.seen(caller.scope)
    return replace(runtime, index=index, client=caller.name or network(caller.address))
