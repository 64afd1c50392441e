"""The figures of a service for Prometheus, counted where the work is done.

With several processes each writes its own into files in ``PROMETHEUS_MULTIPROC_DIR``, and whichever is asked adds them
up. ``pullquote serve`` makes that folder; whoever starts processes by other means sets the variable.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    multiprocess,
)

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_TENTHS = tuple(tenth / 10 for tenth in range(1, 11))
_LIVE_FILE = re.compile(r"gauge_live[a-z]*_(\d+)\.db")

disable_created_metrics()  # type: ignore[no-untyped-call]
_OWN = CollectorRegistry()
ProcessCollector(registry=_OWN)

REQUESTS = Counter("pullquote_requests", "Requests that were answered.", ["method", "route", "status"], registry=_OWN)
REQUEST_SECONDS = Histogram(
    "pullquote_request_seconds",
    "Seconds from a request's first line to the end of its response.",
    ["route"],
    buckets=_SECONDS,
    registry=_OWN,
)
REFUSALS = Counter(
    "pullquote_refusals", "Requests that were answered with a problem, by its code.", ["code"], registry=_OWN
)
ASKS = Counter(
    "pullquote_asks",
    "Questions that were answered: outcome is answered or unanswered; cached is yes for one that was asked before.",
    ["collection", "outcome", "cached"],
    registry=_OWN,
)
STAGE_SECONDS = Histogram(
    "pullquote_ask_stage_seconds",
    "Seconds of a question in each stage, and in total; what came from the cache is not in it.",
    ["stage"],
    buckets=_SECONDS,
    registry=_OWN,
)
CONFIDENCE = Histogram(
    "pullquote_confidence",
    "Confidence of the best answer to a question, given or held back.",
    ["collection"],
    buckets=_TENTHS,
    registry=_OWN,
)
QUEUE = Gauge(
    "pullquote_queue",
    "Calls of the models that are running or waiting.",
    multiprocess_mode="livesum",
    registry=_OWN,
)
QUEUE_SECONDS = Histogram(
    "pullquote_queue_seconds", "Seconds that a call of the models waited.", buckets=_SECONDS, registry=_OWN
)
BUILDS = Counter(
    "pullquote_builds",
    "Builds of the service that ended, by the state of their job then.",
    ["collection", "state"],
    registry=_OWN,
)


def observe_ask(
    collection: str, confidence: float | None, answerable: bool, timings_ms: Mapping[str, float] | None
) -> None:
    """Count a question to a collection.

    :param confidence: of its best answer, None when there was none, not even one to hold back.
    :param timings_ms: milliseconds by stage; None when the answer was kept from before.
    """
    ASKS.labels(collection, "answered" if answerable else "unanswered", "no" if timings_ms else "yes").inc()
    if confidence is not None:
        CONFIDENCE.labels(collection).observe(confidence)
    for stage, milliseconds in (timings_ms or {}).items():
        STAGE_SECONDS.labels(stage).observe(milliseconds / 1000)


def registry() -> CollectorRegistry:
    """The figures of this process, or, where several write them down, of all of them."""
    folder = os.environ.get(_FOLDER)
    if not folder:
        return _OWN
    for file in Path(folder).iterdir():
        match = _LIVE_FILE.fullmatch(file.name)
        if match and not _lives(int(match[1])):
            file.unlink(missing_ok=True)
    added_up = CollectorRegistry()
    multiprocess.MultiProcessCollector(added_up, folder)  # type: ignore[no-untyped-call]
    return added_up


@contextmanager
def shared_by_processes() -> Iterator[None]:
    """Let the processes that are started in this block add up their figures, in a folder that goes with its end."""
    if os.environ.get(_FOLDER):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="pullquote-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]


def _lives(process: int) -> bool:
    with suppress(ProcessLookupError):
        try:
            os.kill(process, 0)
        except PermissionError:
            return True
        return True
    return False
