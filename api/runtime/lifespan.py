"""What a service process does from its start to its end besides answering: it follows the index and tends builds."""

import asyncio
import logging
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from api.runtime.build_supervisor import Builds
from api.runtime.current_index import CurrentIndex
from api.runtime.state import Runtime
from api.runtime.workers import Workers
from api.settings import Settings
from api.telemetry.logs import show_log
from api.telemetry.tracing import Tracing
from index.collection.store import Collection

_SECONDS_BETWEEN_LOOKS = 0.25
_UPLOADS_AT_A_TIME = 3

_log = logging.getLogger("pullquote")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Runtime]:
    """Open the index, and live on without when that fails; follow it, and tend builds, until the end."""
    show_log(settings.log_format)
    tracing = Tracing(settings.traces_endpoint) if settings.traces_endpoint else None
    index = CurrentIndex(settings)
    await asyncio.to_thread(index.refresh)
    collection = await asyncio.to_thread(_collection, settings)
    builds = Builds(settings, collection) if collection else None
    workers = Workers(settings.workers, settings.queue_size)
    routines = [index.refresh, *([builds.tend] if builds else [])]
    if multiprocessing.parent_process():
        routines.append(_end_with_parent)
    end = asyncio.Event()
    tasks = [asyncio.create_task(_again_and_again(routine, end)) for routine in routines]
    try:
        yield Runtime(settings, index, workers, collection, asyncio.Semaphore(_UPLOADS_AT_A_TIME))
    finally:
        end.set()
        await asyncio.gather(*tasks)
        if builds:
            await asyncio.to_thread(builds.close)
        await asyncio.to_thread(workers.close)
        await asyncio.to_thread(index.close)
        if tracing:
            await asyncio.to_thread(tracing.close)


def _collection(settings: Settings) -> Collection | None:
    """What the service was given; without a place to keep it, it answers and takes no changes."""
    try:
        return Collection(settings.data_dir)
    except OSError as error:
        _log.error("no changes are taken: %s", error)
        return None


async def _again_and_again(routine: Callable[[], None], end: asyncio.Event) -> None:
    """Call ``routine`` on a thread, a few times a second. What it raises is logged once, until it changes."""
    logged = ""
    while not end.is_set():
        try:
            await asyncio.to_thread(routine)
            logged = ""
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            if message != logged:
                _log.error("%s", message)
                logged = message
        with suppress(TimeoutError):
            await asyncio.wait_for(end.wait(), _SECONDS_BETWEEN_LOOKS)


def _end_with_parent() -> None:
    """End when the process that watches over this one is gone, if there is one: nobody else would end it."""
    parent = multiprocessing.parent_process()
    if parent and not parent.is_alive():
        _log.error("the process that started this one is gone: it ends, too")
        os.kill(os.getpid(), signal.SIGTERM)
