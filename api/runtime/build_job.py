"""One build that a service asked for, in a process of its own.

``python -m api.runtime.build_job`` with JSON on stdin: ``job``, the id of one that was taken, and ``settings``, those
of the service. No others are read: what the file and the variables say may have changed since the service began.
"""

import json
import os
import sqlite3
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from api.http.advice import advised, with_advice
from api.questions.book import QuestionBookError
from api.runtime.erasing import erase_words
from api.runtime.service import open_embedder
from api.runtime.suggesting import suggesting
from api.settings import Settings, passed_settings
from api.telemetry.logs import show_log
from index.building.builder import BuildError, BuildReport, build
from index.collection.jobs import WAITING, Job, Jobs
from index.collection.looks import Looks
from index.collection.store import Collection
from index.limited.pool import shared_processes
from index.models.onnx_model import ModelError
from index.sources.fetch import Fetcher
from index.sources.fetch_cache import FETCHED, FetchCache
from index.sources.reading import Reading
from index.sources.unread import SourceError
from index.storage.versions import BusyError, Versions

_NICENESS = 5
_SECONDS_BETWEEN_NOTES = 0.5
_FAILURES_SHOWN = 50
_COUNTS = ("articles", "passages", "added", "changed", "removed", "unchanged", "embedded")


def main() -> int:
    """Do the job; the exit status."""
    show_log()
    os.nice(_NICENESS)  # questions come first
    given = json.load(sys.stdin)
    settings = passed_settings(given["settings"])
    collection = Collection(settings.folder)
    jobs = Jobs(collection)
    job = jobs.get(given["job"])
    if job is None or job.state != "running":
        return 0
    try:
        report = _build(settings, collection, jobs, job)
    except (SourceError, BuildError, ModelError, OSError, sqlite3.Error) as error:
        jobs.finish(job, None, None, with_advice(error))
        return 1
    except Exception as error:
        traceback.print_exc()
        jobs.finish(job, None, None, f"{type(error).__name__}: {error}; the log of the service tells more")
        return 1
    jobs.finish(job, report.version, _summary(report), None)
    return 0


def _build(settings: Settings, collection: Collection, jobs: Jobs, job: Job) -> BuildReport:
    noted_at = 0.0

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal noted_at
        if time.monotonic() - noted_at > _SECONDS_BETWEEN_NOTES:
            noted_at = time.monotonic()
            jobs.report_progress(job, stage, done, total)

    progress(WAITING, 0, 0)
    Reading(shared_processes(settings.limits)).warm_up()
    versions, embedder = Versions(settings.index_dir), open_embedder(settings)
    deleted, looks = collection.erasures(), Looks(collection)
    unwanted = looks.unwanted()
    fetcher = Fetcher(settings.fetch_policy, FetchCache(versions.folder / FETCHED))
    report = build(
        settings.sources,
        versions,
        embedder,
        settings.passage_tokens,
        progress,
        fetcher=fetcher,
        edits=collection.edits,
        limits=settings.limits,
        columns=settings.named_columns,
        recognised=settings.ocr,
        suggest=suggesting(settings, embedder),
        wait=True,
        is_due=lambda source: source not in unwanted,
    )
    looks.note(report.looks, fetcher.waits)
    collection.built_without(deleted, report.version)
    with suppress(BusyError, QuestionBookError):  # the service tries again
        versions.prune(settings.keep_versions, settings.keep_days)
        erase_words(settings, collection, versions)
    return report


def _summary(report: BuildReport) -> dict[str, Any]:
    failures = [{"source": failure.key, "reason": advised(failure.reason, failure.code)} for failure in report.failures]
    return {
        **{name: getattr(report, name) for name in _COUNTS},
        "failed": len(failures),
        "failures": failures[:_FAILURES_SHOWN],
        "notes": [{"source": note.key, "text": note.text} for note in report.notes[:_FAILURES_SHOWN]],
        "changes": [{"what": each.what, "article": each.article_id, "source": each.key} for each in report.changes],
        "looks": [{"source": source, **asdict(look)} for source, look in report.looks.items()],
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
