"""A write that was acknowledged is built in, or it is told why not: whatever lies in the folder, whatever dies."""

import logging
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.runtime.build_supervisor import Builds
from api.settings import load_settings
from index.collection import jobs as job_records
from index.collection.jobs import MOST_ATTEMPTS, Jobs
from index.collection.store import Collection
from tests.support.own_modules import own_modules
from tests.support.paths import SEED_ARTICLE
from tests.support.running_server import running_server

_PIER = {"title": "Pier", "text": "The pier at Lorn is 90 metres long."}
_PATIENCE = 240.0


def _copied(data_dir: Path, to: Path) -> Path:
    return Path(shutil.copytree(data_dir, to / "data", symlinks=True))


def _ended(address: str, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE
    while job["state"] not in {"succeeded", "failed"}:
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
        job = httpx2.get(f"{address}{job['link']}", timeout=60).json()
    return job


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["module", "package"])
def test_a_folder_with_modules_of_the_users_own(seed_data: Path, tmp_path: Path, kind: str) -> None:
    data_dir, folder = _copied(seed_data, tmp_path), tmp_path / "project"
    folder.mkdir()
    trace = own_modules(folder, kind)
    with running_server(data_dir, folder=folder, PULLQUOTE_BUILD_DELAY="0.2") as (address, _):
        posted = httpx2.post(f"{address}/v1/articles", json=_PIER, timeout=60)
        assert _ended(address, posted.json()["job"])["state"] == "succeeded"
        posted = httpx2.post(
            f"{address}/v1/articles", files={"file": ("mill.txt", b"The mill at Lorn burned down.")}, timeout=60
        )
        assert posted.status_code == 202, posted.text
        assert _ended(address, posted.json()["job"])["attempts"] == 1
    assert not trace.exists()


@pytest.mark.slow
def test_a_typo_that_gets_into_the_settings_after_the_start(seed_data: Path, tmp_path: Path) -> None:
    data_dir, folder = _copied(seed_data, tmp_path), tmp_path / "project"
    folder.mkdir()
    (folder / "pullquote.toml").write_text("build_delay = 0.2\n")
    with running_server(data_dir, folder=folder) as (address, _):
        (folder / "pullquote.toml").write_text("keep_version = 3\n")
        job = _ended(address, httpx2.post(f"{address}/v1/articles", json=_PIER, timeout=60).json()["job"])
        assert (job["state"], job["attempts"]) == ("succeeded", 1), job
        (folder / "pullquote.toml").write_text("sources = 'nowhere'\n")
        job = _ended(address, httpx2.post(f"{address}/v1/index/rebuild", timeout=60).json())
        assert job["state"] == "succeeded", job


@pytest.fixture
def dying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Builders that die before they take note of their job; gives the file with a line for each that was started."""
    starts = tmp_path / "starts"
    python = tmp_path / "python"
    python.write_text(
        f"#!/bin/sh\necho started >>{starts}\necho one >&2\necho 'There is no such library.' >&2\nexit 3\n"
    )
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(job_records, "_FIRST_WAIT", 0.05)
    yield starts
    monkeypatch.undo()


def _tended(builds: Builds, jobs: Jobs, job_id: int) -> str:
    deadline = time.monotonic() + _PATIENCE
    while True:
        builds.tend()
        job = jobs.get(job_id)
        assert job
        if job.state not in {"queued", "running", "cancelling"}:
            return job.error or ""
        assert time.monotonic() < deadline, job
        time.sleep(0.01)


def test_builders_that_die_at_once_are_few_and_the_reason_is_told(
    dying: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pullquote")
    jobs = Jobs(collection := Collection(tmp_path))
    with collection.transaction() as connection:
        job_id = jobs.ask(connection, 0, 0).id
    builds = Builds(load_settings(data_dir=tmp_path), collection)
    try:
        error = _tended(builds, jobs, job_id)
        for _ in range(20):
            builds.tend()
    finally:
        builds.close()
    assert error == "the build died 3 times (exit status 3: There is no such library.): look into the log"
    assert dying.read_text().split() == ["started"] * MOST_ATTEMPTS
    assert f"build {job_id}: one" in caplog.messages
    assert f"build {job_id} failed: {error}" in caplog.messages


def test_what_could_not_be_written_down_of_a_dead_builder_is_tried_again(
    dying: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Jobs(collection := Collection(tmp_path))
    with collection.transaction() as connection:
        job_id = jobs.ask(connection, 0, 0).id
    builds = Builds(load_settings(data_dir=tmp_path), collection)
    recover, full = Jobs.recover, iter([True, True])

    def with_a_full_disk(self: Jobs, reason: str) -> None:
        if reason.startswith("exit status") and next(full, False):
            raise sqlite3.OperationalError("database or disk is full")
        recover(self, reason)

    monkeypatch.setattr(Jobs, "recover", with_a_full_disk)
    deadline, failures = time.monotonic() + _PATIENCE, 0
    try:
        while failures < 2:
            assert time.monotonic() < deadline
            try:
                builds.tend()
            except sqlite3.OperationalError:
                failures += 1
        assert "There is no such library." in _tended(builds, jobs, job_id)
    finally:
        builds.close()


@pytest.fixture
def stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Builders that do nothing, without end; gives the file with a line for each that was started."""
    starts, python = tmp_path / "starts", tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho started >>{starts}\nexec sleep 600\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(job_records, "_FIRST_WAIT", 0.05)
    yield starts
    monkeypatch.undo()


def test_a_build_without_progress_is_ended_and_tried_again(
    stuck: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = Jobs(collection := Collection(tmp_path))
    with collection.transaction() as connection:
        job_id = jobs.ask(connection, 0, 0).id
    builds = Builds(load_settings(data_dir=tmp_path, build_stall_seconds=0.2), collection)
    try:
        assert "it made no progress for 0.2 s" in _tended(builds, jobs, job_id)
    finally:
        builds.close()
    assert sum("is stuck" in message for message in caplog.messages) == MOST_ATTEMPTS


def test_a_build_is_cancelled_while_it_waits_and_while_it_runs(stuck: Path, tmp_path: Path) -> None:
    jobs = Jobs(collection := Collection(tmp_path))
    with collection.transaction() as connection:
        waiting = jobs.ask(connection, 0, 0).id
    assert jobs.cancel(waiting).state == "cancelled"  # type: ignore[union-attr]
    with collection.transaction() as connection:
        running = jobs.ask(connection, 0, 0).id
    builds = Builds(load_settings(data_dir=tmp_path), collection)
    try:
        builds.tend()
        assert jobs.cancel(running).state == "cancelling"  # type: ignore[union-attr]
        builds.tend()
        assert jobs.get(running).state == "cancelled"  # type: ignore[union-attr]
        assert jobs.cancel(running).state == "cancelled"  # type: ignore[union-attr]
        builds.tend()
    finally:
        builds.close()
    assert jobs.last_failure() is None
    assert jobs.cancel(12345) is None
    assert not jobs.waiting()


def test_a_build_that_was_being_cancelled_when_its_service_died_is_cancelled(tmp_path: Path) -> None:
    jobs = Jobs(collection := Collection(tmp_path))
    with collection.transaction() as connection:
        job_id = jobs.ask(connection, 0, 0).id
    jobs.take()
    jobs.cancel(job_id)
    jobs.recover("its process was killed")
    assert jobs.get(job_id).state == "cancelled"  # type: ignore[union-attr]


def test_a_job_is_cancelled_over_http(seed_data: Path, tmp_path: Path) -> None:
    wanted = load_settings(data_dir=_copied(seed_data, tmp_path), threads=1, build_delay=600, build_delay_most=600)
    with TestClient(create_app(wanted), base_url="http://127.0.0.1:8000") as client:
        link = client.post("/v1/articles", json=_PIER).json()["job"]["link"]
        cancelled = client.post(f"{link}/cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
        assert client.post("/v1/jobs/999/cancel").json()["error"]["code"] == "job_not_found"
        jobs = Jobs(Collection(wanted.data_dir))
        with Collection(wanted.data_dir).transaction() as connection:
            job = jobs.ask(connection, 600, 600)
        jobs.take()
        jobs.finish(job, "v", {}, None)
        assert client.post(f"/v1/jobs/{job.id}/cancel").status_code == 409


def test_a_python_that_is_not_there_is_told_too(tmp_path: Path, dying: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "uninstalled"))
    jobs = Jobs(collection := Collection(tmp_path))
    with collection.transaction() as connection:
        job_id = jobs.ask(connection, 0, 0).id
    builds = Builds(load_settings(data_dir=tmp_path), collection)
    try:
        assert "no process can be started" in _tended(builds, jobs, job_id)
    finally:
        builds.close()


@pytest.mark.slow
def test_ready_tells_of_the_failed_build_and_the_next_write_tries_again(
    seed_data: Path, tmp_path: Path, dying: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _copied(seed_data, tmp_path)
    wanted = load_settings(data_dir=folder, threads=1, build_delay=0, sources=[str(SEED_ARTICLE)])
    with TestClient(create_app(wanted), base_url="http://127.0.0.1:8000") as client:

        def end_of(job: dict[str, Any]) -> dict[str, Any]:
            deadline = time.monotonic() + _PATIENCE
            while job["state"] not in {"succeeded", "failed"}:
                assert time.monotonic() < deadline, job
                time.sleep(0.02)
                job = client.get(job["link"]).json()
            return job

        failed = end_of(client.put("/v1/articles/pier", json=_PIER).json()["job"])
        assert failed["state"] == "failed"
        assert "There is no such library." in failed["error"]
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["failed_build"] == {
            "job": failed["id"],
            "reason": failed["error"],
            "link": failed["link"],
        }
        monkeypatch.undo()
        job = end_of(client.put("/v1/articles/mill", json={"text": "The mill burned down."}).json()["job"])
        assert job["state"] == "succeeded"
        assert job["report"]["articles"] == 3, "what was written before the failure is built in, too"
        assert "failed_build" not in client.get("/readyz").json()


def test_a_service_without_an_index_tells_why_its_first_build_failed(
    tmp_path: Path, model_cache: Path, dying: Path
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "models").symlink_to(model_cache)
    wanted = load_settings(data_dir=data_dir, threads=1, build_delay=0, sources=[])
    with TestClient(create_app(wanted), base_url="http://127.0.0.1:8000") as client:
        job = client.put("/v1/articles/pier", json=_PIER).json()["job"]
        deadline = time.monotonic() + _PATIENCE
        while client.get(job["link"]).json()["state"] != "failed":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert "There is no such library." in ready.json()["detail"]
