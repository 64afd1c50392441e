"""The version that answers, and how it is switched while questions are being answered.

Whoever answers holds a reference to the whole :class:`Service` of one version. A switch replaces the reference that new
questions take; the old version is closed when the last question lets go of it, by Python's own reference count.
"""

import logging
import time
import weakref
from dataclasses import dataclass
from pathlib import Path

from api.http.advice import explained
from api.http.errors import Problem
from api.runtime.service import Service, open_service
from api.settings import Settings
from index.models.onnx_model import ModelError
from index.storage.snapshot import SnapshotError
from index.storage.versions import Versions

_AGAIN_SECONDS = 10.0

_log = logging.getLogger("uvicorn.error")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that could not be taken, and why."""

    version: str | None
    reason: str


def without_paths(reason: str, settings: Settings) -> str:
    """What went wrong as clients are told it: without where this machine keeps its files. The log tells that."""
    folders = {"data": settings.data_dir, "index": settings.index_dir, "model": settings.model_cache}
    for name, folder in folders.items():
        for written in dict.fromkeys((str(folder.resolve()), str(folder.absolute()), str(folder))):
            if len(written) > 1:
                reason = reason.replace(written, f"the {name} folder")
    return reason


class Door:
    """Holds the open service, or the reason why there is none. :meth:`refresh` is called by one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._versions = Versions(settings.index_dir)
        self._service: Service | None = None
        self._refusal: Refusal | None = None
        self._tried_at = 0.0

    def refresh(self) -> None:
        """Take the current version if it is not the one that is open.

        A version that can't be taken is refused, and what is open stays. It is tried again now and then: what was wrong
        may have been the disk, or the memory.
        """
        try:
            current = self._versions.current()
        except SnapshotError as error:
            return self._refuse(None, explained(error))
        if self._service and current and current.name == self._service.manifest.version:
            self._refusal = None
        elif self._is_worth_trying(current):
            self._tried_at = time.monotonic()
            self._take(current.name if current else None)
        return None

    def _is_worth_trying(self, current: Path | None) -> bool:
        known = self._refusal is not None and self._refusal.version == (current.name if current else None)
        return not known or (current is not None and time.monotonic() - self._tried_at > _AGAIN_SECONDS)

    def _take(self, name: str | None) -> None:
        try:
            service = open_service(self._settings, before=self._service)
        except (SnapshotError, ModelError) as error:
            return self._refuse(name, explained(error))
        except Exception as error:  # whatever is wrong with a new version must not end the old one
            reason = f"index or models can't be opened: {error}. Mend that, or build the index again with 'make index'."
            return self._refuse(name, reason)
        weakref.finalize(service.answerer, service.answerer.snapshot.close)
        if self._service:
            versions = service.manifest.version, self._service.manifest.version
            _log.info("version %s answers from now on, in place of %s", *versions)
        self._service, self._refusal = service, None
        return None

    def _refuse(self, name: str | None, reason: str) -> None:
        public = without_paths(reason, self._settings)
        if self._refusal is None or self._refusal.reason != public:
            kept = f"; version {self._service.manifest.version} goes on answering" if self._service else ""
            _log.error("%s: %s%s", f"version {name} is refused" if name else "not ready", reason.rstrip("."), kept)
        self._refusal = Refusal(name, public)

    @property
    def refusal(self) -> Refusal | None:
        """The current version, when it was refused."""
        return self._refusal

    @property
    def reason(self) -> str | None:
        """Why there is no service, None when there is one."""
        if self._service:
            return None
        if self._refusal is None:
            return "the service is starting: try again in a moment"
        return f"{self._refusal.reason.rstrip('.')}. This service takes a sound index up by itself."

    def service(self) -> Service:
        """The open service. Keep it as long as a question is being answered, and take it once a question.

        :raises Problem: 503 when there is none, saying what to do about it.
        """
        service = self._service
        if service is None:
            raise Problem(503, self.reason or "", "not_ready", {"Retry-After": "30"})
        return service
