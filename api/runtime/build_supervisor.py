"""Looks after the builds that changes ask for: one at a time, each in a child process.

Of all the service processes on one data folder, the one that holds a lock does this. A child inherits the lock, so that
when its parent dies nobody takes over before the child has ended, too; and whoever gets the lock knows that no build of
a service runs, and that a job that says so has lost its process.
"""

import logging
import time
from contextlib import suppress
from pathlib import Path

from api.questions.book import QuestionBookError
from api.runtime.build_process import BuildProcess
from api.runtime.erasing import erase_words
from api.runtime.leading import Leading
from api.settings import Settings
from api.telemetry.metrics import BUILDS
from index.collection.folders import DEFAULT
from index.collection.jobs import WAITING, Job, Jobs
from index.collection.looks import Looks
from index.collection.store import Collection
from index.sources.expand import SourceError, elsewhere
from index.storage.snapshot import SnapshotError
from index.storage.store import StoreError
from index.storage.versions import BusyError, Versions

_LOCK = "builds.lock"
_FIRST_RETRY, _LAST_RETRY = 30.0, 3600.0
_SECONDS_BETWEEN_ERASURES = 2.0
_SECONDS_AFTER_A_FAILED_ERASURE = 60.0
_SECONDS_BETWEEN_LOOKS = 1.0

_log = logging.getLogger("pullquote.builds")


def sources_of(settings: Settings, collection: Collection) -> list[str]:
    """What a service builds from: the sources it was told, else those of the last build, else the default if there.

    It is told those of the default collection alone.
    """
    if settings.collection == DEFAULT and "sources" in settings.model_fields_set:
        return settings.sources
    return collection.sources() or [source for source in settings.sources if Path(source).exists()]


class Builds:
    """The builds of one service process. Call :meth:`tend` again and again, from one thread at a time."""

    def __init__(self, settings: Settings, collection: Collection) -> None:
        self.settings = settings
        """A build that begins has these."""

        self._collection = collection
        self._jobs, self._looks = Jobs(collection), Looks(collection)
        self._leading = Leading(settings.folder / _LOCK)
        self._child: BuildProcess | None = None
        self._retry_at, self._retry_after = float("inf"), _FIRST_RETRY
        self._progress: tuple[str, str | None, int] | None = None
        self._progress_at = 0.0
        self._erase_at = self._look_at = 0.0
        self._followed: list[str] | None = None

    @property
    def is_building(self) -> bool:
        """Whether a build runs."""
        return self._child is not None

    @property
    def leads(self) -> bool:
        """Whether this is the process that looks after the builds."""
        return self._leading.descriptor is not None

    def tend(self, may_begin: bool = True) -> None:
        """Begin the build that is due, and see what became of the one that runs.

        :param may_begin: whether there is room for a build now.
        :raises OSError: when the lock can't be taken.
        :raises sqlite3.Error: when the collection can't be read or written.
        """
        if not self.leads and not self._lead():
            return
        if self._child:
            reason = self._child.end() or self._ended_for(self._child)
            if reason is None:
                return
            self._recover(self._child.job, reason)
            self._plan_retry()
            self._count(self._child.job)
            self._child = None  # only now: what could not be written down is tried again
        if time.monotonic() >= self._retry_at:
            self._retry_at = float("inf")
            self._ask()
        if time.monotonic() >= self._erase_at:
            self._erase()
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _SECONDS_BETWEEN_LOOKS
            self._follow()
            if self._looks.take_due():
                self._ask()
        if may_begin and self._jobs.is_due(self.settings.build_delay_most):
            self._begin()

    def close(self) -> None:
        """End the build that runs; its job waits for the next service.

        :raises OSError: when that can't be written down, because the collection was removed.
        """
        try:
            if self._child:
                self._child.stop()
                self._child = None
                self._jobs.give_back("the service was stopped")
        finally:
            self._leading.close()

    def _ended_for(self, child: BuildProcess) -> str | None:
        """End a build that was cancelled, or is stuck; why, in words. None while it goes on."""
        job, now = self._jobs.get(child.job.id), time.monotonic()
        progress = (job.state, job.stage, job.done) if job else None
        if progress != self._progress:
            self._progress, self._progress_at = progress, now
        if job and job.state == "cancelling":
            reason = "it was cancelled"
        elif now - self._progress_at > self.settings.build_stall_seconds and not (job and job.stage == WAITING):
            reason = f"it made no progress for {self.settings.build_stall_seconds:g} s"
            _log.error("build %s is stuck in %s: %s", child.job.id, job and job.stage, reason)
        else:
            return None
        child.stop(reason)
        return reason

    def _lead(self) -> bool:
        """Try to become the process that looks after builds; then take up what the one before left."""
        if not self._leading.is_ours():
            return False
        self._jobs.recover("its process was killed")
        if self._jobs.last_failure():
            self._ask()
        return True

    def _erase(self) -> None:
        self._erase_at = time.monotonic() + _SECONDS_BETWEEN_ERASURES
        try:
            with suppress(BusyError, SnapshotError):
                erase_words(self.settings, self._collection, Versions(self.settings.index_dir))
        except (QuestionBookError, StoreError) as error:
            self._erase_at = time.monotonic() + _SECONDS_AFTER_A_FAILED_ERASURE
            _log.error("the words of deleted articles are still kept: %s", error)

    def _follow(self) -> None:
        """Follow the sources elsewhere, which a build at the command line may have changed."""
        with suppress(SourceError):  # the build tells what is wrong with an address
            sources = elsewhere(sources_of(self.settings, self._collection))
            if sources != self._followed:
                self._looks.follow(sources, self.settings.refreshing)
                self._followed = sources

    def _begin(self) -> None:
        settings = self.settings.model_dump(mode="json", exclude={"write_token"}, exclude_none=True)
        settings["sources"] = sources_of(self.settings, self._collection)
        assert self._leading.descriptor is not None
        job = self._jobs.take()
        if job is None:
            return
        try:
            self._child = BuildProcess(job, settings, self._leading.descriptor)
            self._progress, self._progress_at = None, time.monotonic()
        except OSError as error:
            self._recover(job, f"no process can be started: {error}")
            self._plan_retry()

    def _recover(self, job: Job, reason: str) -> None:
        """Let a job whose process ended without a word on it be tried again, if it was not too often."""
        self._jobs.recover(reason)
        now = self._jobs.get(job.id)
        if now and now.state == "queued":
            _log.warning("build %s died (%s) and will be tried again: attempt %s", job.id, reason, now.attempts)

    def _count(self, job: Job) -> None:
        now = self._jobs.get(job.id)
        BUILDS.labels(self.settings.collection, now.state if now else "failed").inc()

    def _plan_retry(self) -> None:
        """What a failed build was asked for is still to be done: a full disk may have room again."""
        latest = self._jobs.latest(1)
        if latest and latest[0].state == "failed":
            _log.error("build %s failed: %s", latest[0].id, latest[0].error)
            self._retry_at = time.monotonic() + self._retry_after
            self._retry_after = min(2 * self._retry_after, _LAST_RETRY)
        elif latest and latest[0].state == "succeeded":
            self._retry_at, self._retry_after = float("inf"), _FIRST_RETRY

    def _ask(self) -> None:
        with self._collection.transaction() as connection:
            self._jobs.ask(connection, 0, 0)
