"""``/metrics``: the figures of the service, for Prometheus."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.access.caller import knows_every_collection
from api.http import examples
from api.http.errors import Problem
from api.routes.common import described
from api.runtime.state import Runtime, runtimes_of, service_settings
from api.telemetry.metrics import registry
from index.collection.jobs import Jobs
from index.storage.versions import Versions

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[Depends(knows_every_collection)],
    responses=described(examples.METRICS, 404, media_type=CONTENT_TYPE_LATEST),
)
def metrics(request: Request) -> Response:
    """The figures of the service, those of all its processes added up, as Prometheus reads them."""
    if not service_settings(request).metrics:
        raise Problem(404, "figures are switched off here: PULLQUOTE_METRICS=true switches them on")
    of_indexes = CollectorRegistry()
    of_indexes.register(_IndexFigures(runtimes_of(request)))
    return Response(generate_latest(registry()) + generate_latest(of_indexes), media_type=CONTENT_TYPE_LATEST)


class _IndexFigures(Collector):
    """What is the same in every process: the indexes and their builds, as the disk has them now."""

    def __init__(self, runtimes: Sequence[Runtime]) -> None:
        self._runtimes = runtimes
        self._found: dict[str, GaugeMetricFamily] = {}

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        self._found = {}
        for runtime in self._runtimes:
            self._index(runtime)
            with suppress(sqlite3.Error):
                self._jobs(runtime)
        return self._found.values()

    def _index(self, runtime: Runtime) -> None:
        name = runtime.settings.collection
        try:
            lease = runtime.index.lease()
        except Problem:
            return self._add("ready", "Whether an index is open.", 0, name)
        with lease as service:
            manifest, size = service.manifest, service.size_bytes()
        self._add("ready", "Whether an index is open.", 1, name)
        about = {"version": manifest.version, "embedder": str(manifest.embedder["name"])}
        self._add("index_info", "The version that answers.", 1, name, **about)
        built = datetime.fromisoformat(manifest.created).timestamp()
        self._add("index_created_timestamp_seconds", "When the version was made, in seconds since 1970.", built, name)
        self._add("index_age_seconds", "Seconds since the version was made.", max(0.0, time.time() - built), name)
        self._add("index_articles", "Articles in the index.", manifest.articles, name)
        self._add("index_passages", "Passages in the index.", manifest.passages, name)
        self._add("index_bytes", "Bytes that the version takes on disk.", size or 0, name)
        versions = Versions(runtime.settings.index_dir).names()
        return self._add("index_versions", "Versions on the disk.", len(versions), name)

    def _jobs(self, runtime: Runtime) -> None:
        if runtime.collection is None:
            return
        name, jobs = runtime.settings.collection, Jobs(runtime.collection)
        for state, count in jobs.counts().items():
            self._add("jobs", "Jobs that are remembered, by their state.", count, name, state=state)
        failed = jobs.last_failure()
        self._add("last_job_failed", "Whether the last build failed.", int(failed is not None), name)
        last = jobs.last_success()
        if last and last.report:
            failures = last.report.get("failed", 0)
            self._add("documents_failed", "Documents that the last build could not read.", failures, name)

    def _add(self, name: str, text: str, value: float, collection: str, **labels: str) -> None:
        """A value of a collection in the family ``name``."""
        if name not in self._found:
            self._found[name] = GaugeMetricFamily(f"pullquote_{name}", text, labels=["collection", *labels])
        self._found[name].add_metric([collection, *labels.values()], value)
