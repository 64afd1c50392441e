"""Model work off the event loop: a few threads, and a queue in front of them that has an end and is fair.

Clients take turns: of the work that waits, each client's first comes before any client's second. When the queue is
full, whoever has much less in it than another takes the place of that one's last.
"""

import asyncio
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request

from api.http.errors import Problem
from api.telemetry.metrics import QUEUE, QUEUE_SECONDS

T = TypeVar("T")

_FIRST_GUESS = 0.2
_SMOOTHING = 0.1


class ClientGoneError(Exception):
    """The client left before its work was done; nobody reads the answer."""


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """A call that waits, and what is made of it."""

    future: Future[Any]
    function: Callable[[], Any]
    context: Context
    submitted: float


class Workers:
    """Runs functions on ``threads`` threads; ``queue_size`` more may wait. Use it from one event loop."""

    def __init__(self, threads: int, queue_size: int) -> None:
        self._threads = threads
        self._most = threads + queue_size
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="model-work")
        self._lock = threading.Lock()
        self._load = 0
        self._waiting: OrderedDict[str, deque[_Work]] = OrderedDict()
        """By client, whose turn it is next first; none is empty."""
        self._seconds = _FIRST_GUESS

    @property
    def load(self) -> int:
        """How many calls are running or waiting."""
        return self._load

    async def run(self, request: Request, function: Callable[[], T], client: str = "") -> T:
        """Call ``function`` on a thread and wait for its result.

        When the client of ``request`` leaves, work that has not begun is dropped.

        :param client: who takes turns with others.
        :raises Problem: 503 with ``Retry-After`` when the queue is full.
        :raises ClientGoneError: when the client has left.
        """
        return await self.result(request, self.submit(function, client))

    async def result(self, request: Request, future: Future[T]) -> T:
        """Wait for work that was submitted. When the client of ``request`` leaves, it is dropped if it has not begun.

        :raises ClientGoneError: when the client has left.
        """
        work = asyncio.wrap_future(future)
        departure = asyncio.create_task(_departure(request))
        try:
            watched: set[asyncio.Future[Any]] = {work, departure}
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientGoneError
            return work.result()
        finally:
            departure.cancel()
            work.cancel()

    def close(self) -> None:
        """Drop what waits and let what runs come to its end."""
        with self._lock:
            dropped = [work for queue in self._waiting.values() for work in queue]
            self._waiting.clear()
        for work in dropped:
            work.future.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, function: Callable[[], T], client: str = "") -> Future[T]:
        """Put a call into the queue, behind what waits of the same client.

        :raises Problem: 503 with ``Retry-After`` when the queue is full, and no other client has much more in it. The
            work of one that has gets this problem instead.
        """
        future: Future[T] = Future()
        work = _Work(future, function, copy_context(), time.perf_counter())
        with self._lock:
            pushed_out = self._make_room(client) if self._load >= self._most else None
            self._load += 1
            self._waiting.setdefault(client, deque()).append(work)
        QUEUE.inc()
        future.add_done_callback(lambda _: self._finished(client, work))
        if pushed_out and pushed_out.future.set_running_or_notify_cancel():
            pushed_out.future.set_exception(self._full())
        self._pool.submit(self._run_next)
        return future

    def _make_room(self, client: str) -> _Work:
        """Take the last work out of the longest queue, if it has two more than that of ``client``."""
        longest = max(self._waiting, key=lambda name: len(self._waiting[name]), default=client)
        if len(self._waiting.get(longest, ())) < len(self._waiting.get(client, ())) + 2:
            raise self._full()
        return self._waiting[longest].pop()

    def _run_next(self) -> None:
        """Run the work whose turn it is; there is none when it was dropped."""
        with self._lock:
            if not self._waiting:
                return
            client, queue = self._waiting.popitem(last=False)
            work = queue.popleft()
            if queue:
                self._waiting[client] = queue
        if not work.future.set_running_or_notify_cancel():
            return
        try:
            result = work.context.run(self._timed, work.function, work.submitted)
        except BaseException as error:
            work.future.set_exception(error)
        else:
            work.future.set_result(result)

    def _timed(self, function: Callable[[], T], submitted: float) -> T:
        start = time.perf_counter()
        QUEUE_SECONDS.observe(start - submitted)
        try:
            return function()
        finally:
            self._seconds += _SMOOTHING * (time.perf_counter() - start - self._seconds)

    def _finished(self, client: str, work: _Work) -> None:
        with self._lock:
            self._load -= 1
            queue = self._waiting.get(client)
            if queue and work in queue:
                queue.remove(work)
            if queue is not None and not queue:
                del self._waiting[client]
        QUEUE.dec()

    def _full(self) -> Problem:
        wait = max(1, math.ceil(self._load * self._seconds / self._threads / 2))
        return Problem(
            503,
            f"{self._load} questions are being worked on, as many as are taken at a time: try again in {wait} s",
            "queue_full",
            {"Retry-After": str(wait)},
        )


async def _departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
