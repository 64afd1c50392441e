"""Model work off the event loop: a few threads, and a queue in front of them that has an end."""

import asyncio
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from starlette.requests import Request

from api.http.errors import Problem
from api.telemetry.metrics import QUEUE, QUEUE_SECONDS

T = TypeVar("T")

_FIRST_GUESS = 0.2
_SMOOTHING = 0.1


class ClientGoneError(Exception):
    """The client left before its work was done; nobody reads the answer."""


class Workers:
    """Runs functions on ``threads`` threads; ``queue_size`` more may wait. Use it from one event loop."""

    def __init__(self, threads: int, queue_size: int) -> None:
        self._threads = threads
        self._most = threads + queue_size
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="model-work")
        self._lock = threading.Lock()
        self._load = 0
        self._seconds = _FIRST_GUESS

    @property
    def load(self) -> int:
        """How many calls are running or waiting."""
        return self._load

    async def run(self, request: Request, function: Callable[[], T]) -> T:
        """Call ``function`` on a thread and wait for its result.

        When the client of ``request`` leaves, work that has not begun is dropped.

        :raises Problem: 503 with ``Retry-After`` when the queue is full.
        :raises ClientGoneError: when the client has left.
        """
        return await self.result(request, self.submit(function))

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
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Put a call into the queue.

        :raises Problem: 503 with ``Retry-After`` when the queue is full.
        """
        with self._lock:
            if self._load >= self._most:
                raise self._full()
            self._load += 1
        QUEUE.inc()
        future = self._pool.submit(copy_context().run, self._timed, function, time.perf_counter())
        future.add_done_callback(self._finished)
        return future

    def _timed(self, function: Callable[[], T], submitted: float) -> T:
        start = time.perf_counter()
        QUEUE_SECONDS.observe(start - submitted)
        try:
            return function()
        finally:
            self._seconds += _SMOOTHING * (time.perf_counter() - start - self._seconds)

    def _finished(self, _: Future[T]) -> None:
        with self._lock:
            self._load -= 1
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
