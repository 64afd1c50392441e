"""``/metrics``: the figures of the service, for Prometheus."""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.access.caller import sees_everything
from api.http import examples
from api.http.errors import Problem
from api.routes.common import described
from api.runtime.state import Runtime, runtime_of
from api.telemetry.metrics import registry
from index.collection.jobs import Jobs
from index.storage.versions import Versions

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[Depends(sees_everything)],
    responses=described(examples.METRICS, 404, media_type=CONTENT_TYPE_LATEST),
)
def metrics(request: Request) -> Response:
    """The figures of the service, those of all its processes added up, as Prometheus reads them."""
    runtime = runtime_of(request)
    if not runtime.settings.metrics:
        raise Problem(404, "figures are switched off here: PULLQUOTE_METRICS=true switches them on")
    of_index = CollectorRegistry()
    of_index.register(_IndexFigures(runtime))
    return Response(generate_latest(registry()) + generate_latest(of_index), media_type=CONTENT_TYPE_LATEST)


class _IndexFigures(Collector):
    """What is the same in every process: the index and its builds, as the disk has them now."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        yield from self._index()
        with suppress(sqlite3.Error):
            yield from self._jobs()

    def _index(self) -> Iterator[Metric]:
        try:
            lease = self._runtime.index.lease()
        except Problem:
            yield _gauge("ready", "Whether an index is open.", 0)
            return
        with lease as service:
            manifest, size = service.manifest, service.size_bytes()
        yield _gauge("ready", "Whether an index is open.", 1)
        names = ["version", "embedder"]
        info = GaugeMetricFamily("pullquote_index_info", "The version that answers.", labels=names)
        info.add_metric([manifest.version, str(manifest.embedder["name"])], 1)
        yield info
        built = datetime.fromisoformat(manifest.created).timestamp()
        yield _gauge("index_created_timestamp_seconds", "When the version was made, in seconds since 1970.", built)
        yield _gauge("index_age_seconds", "Seconds since the version was made.", max(0.0, time.time() - built))
        yield _gauge("index_articles", "Articles in the index.", manifest.articles)
        yield _gauge("index_passages", "Passages in the index.", manifest.passages)
        yield _gauge("index_bytes", "Bytes that the version takes on disk.", size or 0)
        versions = Versions(self._runtime.settings.index_dir).names()
        yield _gauge("index_versions", "Versions on the disk.", len(versions))

    def _jobs(self) -> Iterator[Metric]:
        if self._runtime.collection is None:
            return
        jobs = Jobs(self._runtime.collection)
        by_state = GaugeMetricFamily("pullquote_jobs", "Jobs that are remembered, by their state.", labels=["state"])
        for state, count in jobs.counts().items():
            by_state.add_metric([state], count)
        yield by_state
        failed = jobs.last_failure()
        yield _gauge("last_job_failed", "Whether the last build failed.", int(failed is not None))
        last = jobs.last_success()
        if last and last.report:
            failures = last.report.get("failed", 0)
            yield _gauge("documents_failed", "Documents that the last build could not read.", failures)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"pullquote_{name}", text, value)
