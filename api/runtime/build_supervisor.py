"""Looks after the builds that changes ask for: one at a time, each in a child process that can be killed and leaves no
memory behind.

Of all the service processes on one data folder, the one that holds a lock does this. A child inherits the lock, so that
when its parent dies nobody takes over before the child has ended, too; and whoever gets the lock knows that no build of
a service runs, and that a job that says so has lost its process.
"""

import fcntl
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

from api.settings import Settings
from index.collection.jobs import Jobs
from index.collection.store import Collection

_LOCK = "builds.lock"
_END_SECONDS = 10
_FIRST_RETRY, _LAST_RETRY = 30.0, 3600.0

_log = logging.getLogger("uvicorn.error")


def sources_of(settings: Settings, collection: Collection) -> list[str]:
    """What a service builds from: the sources it was told, else those of the last build, else the default if there."""
    if "sources" in settings.model_fields_set:
        return settings.sources
    return collection.sources() or [source for source in settings.sources if Path(source).exists()]


class Builds:
    """The builds of one service process. Call :meth:`tend` again and again, from one thread at a time."""

    def __init__(self, settings: Settings, collection: Collection) -> None:
        self._settings = settings
        self._collection = collection
        self._jobs = Jobs(collection)
        self._lock: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._retry_at, self._retry_after = float("inf"), _FIRST_RETRY

    def tend(self) -> None:
        """Begin the build that is due, and see what became of the one that runs.

        :raises OSError: when no child process can be started.
        :raises sqlite3.Error: when the collection can't be read or written.
        """
        if self._lock is None and not self._lead():
            return
        if self._child:
            status = self._child.poll()
            if status is None:
                return
            self._child = None
            self._jobs.recover(f"exit status {status}")
            self._plan_retry()
        if time.monotonic() >= self._retry_at:
            self._retry_at = float("inf")
            self._ask()
        if self._jobs.is_due(self._settings.build_delay_most):
            self._begin()

    def close(self) -> None:
        """End the build that runs; its job waits for the next service."""
        if self._child:
            self._child.terminate()
            try:
                self._child.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
            self._child = None
            self._jobs.recover("the service was stopped")
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _lead(self) -> bool:
        """Try to become the process that looks after builds; then take up what the one before left."""
        descriptor = os.open(self._settings.data_dir / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        self._jobs.recover("its process was killed")
        if self._has_failed():
            self._ask()
        return True

    def _begin(self) -> None:
        settings = self._settings.model_dump(mode="json", exclude={"write_token"}, exclude_none=True)
        settings["sources"] = sources_of(self._settings, self._collection)
        assert self._lock is not None
        self._child = subprocess.Popen(
            [sys.executable, "-m", "api.runtime.build_job"], stdin=subprocess.PIPE, pass_fds=[self._lock]
        )
        assert self._child.stdin
        with self._child.stdin as pipe:
            pipe.write(json.dumps(settings).encode())

    def _has_failed(self) -> bool:
        latest = self._jobs.latest(1)
        return bool(latest) and latest[0].state == "failed"

    def _plan_retry(self) -> None:
        """What a failed build was asked for is still to be done: a full disk may have room again."""
        if self._has_failed():
            _log.error("build %s: %s", self._jobs.latest(1)[0].id, self._jobs.latest(1)[0].error)
            self._retry_at = time.monotonic() + self._retry_after
            self._retry_after = min(2 * self._retry_after, _LAST_RETRY)
        else:
            self._retry_at, self._retry_after = float("inf"), _FIRST_RETRY

    def _ask(self) -> None:
        with self._collection.transaction() as connection:
            self._jobs.ask(connection, 0, 0)
