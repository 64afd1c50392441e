"""The version that answers, and how it is switched while questions are being answered.

Whoever uses a version leases it. A switch gives new leases the new version; the old one is closed when its last lease
ends, and at that moment.
"""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from api.http.advice import with_advice
from api.http.errors import Problem
from api.runtime.service import Models, Service, open_service
from api.settings import Settings
from index.collection.folders import DEFAULT
from index.models.onnx_model import ModelError
from index.storage.filters import Filters
from index.storage.known_sums import KnownSums
from index.storage.snapshot import SnapshotError
from index.storage.versions import Versions

_AGAIN_SECONDS = 10.0

_log = logging.getLogger("pullquote.index")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that could not be taken, and why."""

    version: str | None
    reason: str
    code: str = ""


def without_paths(reason: str, settings: Settings) -> str:
    """What went wrong as clients are told it: without where this machine keeps its files. The log tells that."""
    folders = {"data": settings.data_dir, "index": settings.index_dir, "model": settings.model_cache}
    for name, folder in folders.items():
        for written in dict.fromkeys((str(folder.resolve()), str(folder.absolute()), str(folder))):
            if len(written) > 1:
                reason = reason.replace(written, f"the {name} folder")
    return reason


class _Open:
    """An open version, which is closed when it is no longer current and nobody leases it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._leases = 1
        """The first is the index's own, as long as the version is current."""

    def lease(self) -> None:
        with self._lock:
            self._leases += 1

    def release(self) -> None:
        with self._lock:
            self._leases -= 1
            is_last = self._leases == 0
        if is_last:
            self.service.close()


class Lease:
    """The right to use one version of the index, until it is released: in a ``with`` block, which gives the service, or
    by :meth:`release`. End it where the work ends, not where somebody stops waiting for it.
    """

    def __init__(self, version: _Open) -> None:
        self.service = version.service
        self._version: _Open | None = version

    def release(self) -> None:
        """Give the version back. Once is enough."""
        version, self._version = self._version, None
        if version:
            version.release()

    def __enter__(self) -> Service:
        return self.service

    def __exit__(self, *_: object) -> None:
        self.release()


class CurrentIndex:
    """Holds the current version open, or the reason why there is none.

    :meth:`refresh` and :meth:`close` are called by one thread at a time, the rest by any.
    """

    def __init__(self, settings: Settings, models: Models | None = None) -> None:
        """:param models: those that other collections use, too."""
        self._settings = settings
        self._models = models or Models(settings)
        self._versions = Versions(settings.index_dir)
        self._sums = KnownSums()
        """When the service starts, every file is hashed. Later those whose sums no build and no version before told."""
        self._lock = threading.Lock()
        self._open: _Open | None = None
        self._refusal: Refusal | None = None
        self._tried_at = 0.0
        self._is_closed = False

    def lease(self) -> Lease:
        """Lease the version that is current now, and stays the same until the lease ends.

        :raises Problem: 503 when there is none, saying what to do about it.
        """
        with self._lock:
            if self._open:
                self._open.lease()
                return Lease(self._open)
        raise Problem(503, self.reason or "", "not_ready", {"Retry-After": "30"})

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to open because nothing was ever built."""
        return self._open is None and self._refusal is not None and self._refusal.code == "no_index"

    @property
    def refusal(self) -> Refusal | None:
        """The current version, when it was refused."""
        return self._refusal

    @property
    def reason(self) -> str | None:
        """Why there is no version to lease, None when there is one."""
        if self._open:
            return None
        if self._is_closed:
            return "the service is stopping: ask again in a moment"
        if self._refusal is None:
            return "the service is starting: try again in a moment"
        return f"{self._refusal.reason.rstrip('.')}. This service takes a sound index up by itself."

    def refresh(self) -> None:
        """Take the current version if it is not the one that is open.

        A version that can't be taken is refused, and what is open stays. It is tried again now and then: what was wrong
        may have been the disk, or the memory.
        """
        try:
            current = self._versions.current()
        except SnapshotError as error:
            return self._refuse(None, with_advice(error))
        if self._open and current and current.name == self._open.service.version:
            self._refusal = None
        elif self._is_worth_trying(current):
            self._tried_at = time.monotonic()
            self._take(current.name if current else None)
        return None

    def close(self) -> None:
        """Lease no version any more, and close the open one when its last lease ends."""
        self._is_closed = True
        self._replace(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def seen(self, scope: Filters) -> "SeenIndex":
        """The same for somebody who sees only the articles that pass ``scope``."""
        return SeenIndex(self, scope)

    def _is_worth_trying(self, current: Path | None) -> bool:
        known = self._refusal is not None and self._refusal.version == (current.name if current else None)
        return not known or (current is not None and time.monotonic() - self._tried_at > _AGAIN_SECONDS)

    def _take(self, name: str | None) -> None:
        before = self._open.service if self._open else None
        if before:
            self._sums.learn(self._versions.sums)
        try:
            service = open_service(self._settings, models=self._models, sums=self._sums.of)
        except (SnapshotError, ModelError) as error:
            if error.code == "no_index" and self._settings.follow:
                return self._refuse(name, "this replica has not pulled a version yet", error.code)
            return self._refuse(name, with_advice(error), error.code)
        except Exception as error:  # whatever is wrong with a new version must not end the old one
            reason = f"index or models can't be opened: {error}. Mend that, or build the index again with 'make index'."
            return self._refuse(name, reason)
        if before:
            _log.info("version %s answers from now on, in place of %s", service.version, before.version)
        self._replace(service)
        self._refusal = None
        return None

    def _replace(self, service: Service | None) -> None:
        with self._lock:
            before, self._open = self._open, _Open(service) if service else None
        if before:
            before.release()

    def _refuse(self, name: str | None, reason: str, code: str = "") -> None:
        public = without_paths(reason, self._settings)
        if self._refusal is None or self._refusal.reason != public:
            kept = f"; version {self._open.service.version} goes on answering" if self._open else ""
            is_new = code == "no_index" and self._settings.collection != DEFAULT
            about = f"version {name} is refused" if name else "not ready"
            _log.log(logging.INFO if is_new else logging.ERROR, "%s: %s%s", about, reason.rstrip("."), kept)
        self._refusal = Refusal(name, public, code)


class SeenIndex:
    """The current index for somebody who sees only some articles: every lease gives a service within that scope."""

    def __init__(self, index: CurrentIndex, scope: Filters) -> None:
        self._index = index
        self._scope = scope

    def lease(self) -> Lease:
        """As :meth:`CurrentIndex.lease`."""
        lease = self._index.lease()
        lease.service = lease.service.within(self._scope)
        return lease

    @property
    def reason(self) -> str | None:
        """As :attr:`CurrentIndex.reason`."""
        return self._index.reason

    @property
    def is_empty(self) -> bool:
        """As :attr:`CurrentIndex.is_empty`."""
        return self._index.is_empty

    @property
    def refusal(self) -> None:
        """Nothing: a version that was refused is about all articles."""
