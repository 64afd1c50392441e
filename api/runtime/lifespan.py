"""What a service process does from its start to its end besides answering: it follows the index and tends builds."""

import asyncio
import logging
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

from api.runtime.build_supervisor import Builds
from api.runtime.workers import Workers
from api.settings import Settings
from index.collection.store import Collection

_SECONDS_BETWEEN_LOOKS = 0.25

_log = logging.getLogger("uvicorn.error")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the index, and live on without when that fails; follow it, and tend builds, until the end."""
    settings: Settings = app.state.settings
    app.state.workers = Workers(settings.workers, settings.queue_size)
    await asyncio.to_thread(app.state.door.refresh)
    builds = await asyncio.to_thread(_builds, app, settings)
    routines = [app.state.door.refresh, *([builds.tend] if builds else [])]
    if multiprocessing.parent_process():
        routines.append(_end_with_parent)
    end = asyncio.Event()
    tasks = [asyncio.create_task(_again_and_again(routine, end)) for routine in routines]
    try:
        yield
    finally:
        end.set()
        await asyncio.gather(*tasks)
        if builds:
            await asyncio.to_thread(builds.close)
        await app.state.mcp.close()
        await asyncio.to_thread(app.state.workers.close)


def _builds(app: FastAPI, settings: Settings) -> Builds | None:
    """Open what the service was given; without a place to keep it, it answers and takes no changes."""
    try:
        app.state.collection = Collection(settings.data_dir)
    except OSError as error:
        _log.error("no changes are taken: %s", error)
        return None
    return Builds(settings, app.state.collection)


async def _again_and_again(routine: Callable[[], None], end: asyncio.Event) -> None:
    """Call ``routine`` on a thread, a few times a second. What it raises is told once, until it changes."""
    told = ""
    while not end.is_set():
        try:
            await asyncio.to_thread(routine)
            told = ""
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            if message != told:
                _log.error("%s", message)
                told = message
        with suppress(TimeoutError):
            await asyncio.wait_for(end.wait(), _SECONDS_BETWEEN_LOOKS)


def _end_with_parent() -> None:
    """End when the process that watches over this one is gone, if there is one: nobody else would end it."""
    parent = multiprocessing.parent_process()
    if parent and not parent.is_alive():
        _log.error("the process that started this one is gone: it ends, too")
        os.kill(os.getpid(), signal.SIGTERM)
