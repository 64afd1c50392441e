"""What a service process does from its start to its end besides answering: it follows the index and tends builds."""

import asyncio
import logging
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from api.http.advice import with_advice
from api.runtime.collections import Collections
from api.runtime.replication import Following, Publishing
from api.runtime.state import Runtime
from api.runtime.workers import Workers
from api.settings import Settings
from api.telemetry.logs import show_log
from api.telemetry.tracing import Tracing
from index.replication.bucket import BucketError
from index.storage.snapshot import SnapshotError

_SECONDS_BETWEEN_LOOKS = 0.25
_UPLOADS_AT_A_TIME = 3

_log = logging.getLogger("pullquote")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Runtime]:
    """Open the indexes, and live on without when that fails; follow them, and tend builds, until the end.

    It gives the runtime of the default collection.
    """
    show_log(settings.log_format)
    tracing = Tracing(settings.traces_endpoint) if settings.traces_endpoint else None
    replication = _replication(settings)
    collections = await asyncio.to_thread(Collections, settings)
    with suppress(Exception):  # each is told about in the log, once the index is followed
        await asyncio.to_thread(collections.refresh)
    workers = Workers(settings.workers, settings.queue_size)
    routines = [collections.refresh, collections.tend, *([replication.tend] if replication else [])]
    if multiprocessing.parent_process():
        routines.append(_end_with_parent)
    end = asyncio.Event()
    tasks = [asyncio.create_task(_again_and_again(routine, end)) for routine in routines]
    try:
        first = collections.default
        uploads = asyncio.Semaphore(_UPLOADS_AT_A_TIME)
        yield Runtime(settings, first.index, workers, first.written, uploads, first.book, collections=collections)
    finally:
        end.set()
        await asyncio.gather(*tasks)
        await asyncio.to_thread(collections.close_builds)
        if replication:
            await asyncio.to_thread(_close, replication)
        await asyncio.to_thread(workers.close)
        await asyncio.to_thread(collections.close)
        if tracing:
            await asyncio.to_thread(tracing.close)


def _replication(settings: Settings) -> Publishing | Following | None:
    if settings.follow:
        return Following(settings, settings.follow)
    return Publishing(settings, settings.publish_to) if settings.publish_to else None


def _close(replication: Publishing | Following) -> None:
    """End it; the service stops also when the bucket can't be reached."""
    try:
        replication.close()
    except (BucketError, SnapshotError, sqlite3.Error, OSError) as error:
        _log.error("%s", with_advice(error))


async def _again_and_again(routine: Callable[[], None], end: asyncio.Event) -> None:
    """Call ``routine`` on a thread, a few times a second. What it raises is logged once, until it changes."""
    logged = ""
    while not end.is_set():
        try:
            await asyncio.to_thread(routine)
            logged = ""
        except Exception as error:
            message = f"{type(error).__name__}: {with_advice(error)}"
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
