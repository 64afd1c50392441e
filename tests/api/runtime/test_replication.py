"""A service that publishes, and replicas of it: they answer alike, take no changes and say when they are behind."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.access.keys import KeyStore
from api.app import create_app
from api.runtime import replication
from api.runtime.replication import Publishing
from api.settings import ConfigurationError, load_settings
from index.collection.folders import CollectionFolders
from index.replication import follower
from index.replication.bucket import Bucket
from index.replication.follower import Followed
from index.replication.publications import latest, stored_as
from index.replication.publisher import Publisher
from index.storage.snapshot import STORE
from index.storage.versions import Versions
from tests.conftest import HERE
from tests.support.chat import until
from tests.support.command_line import one_line, run
from tests.support.object_store import object_store
from tests.support.running_server import running_server

QUESTION = {"question": "Who is the NATO spokeswoman?"}
BUILDER = "https://build.example.org"
_PATIENCE = 240.0


@contextmanager
def service(**settings: object) -> Iterator[TestClient]:
    app = create_app(load_settings(threads=2, **settings))
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def published(seed_data: Path, tmp_path: Path) -> tuple[Bucket, str]:
    """A bucket with the seed article's index, and its version."""
    bucket, versions = Bucket(str(tmp_path / "bucket")), Versions(tmp_path / "builder" / "index")
    shutil.copytree(seed_data, tmp_path / "builder")
    made = Publisher(bucket, versions, BUILDER, delay=0).publish()
    assert made
    return bucket, made.version


def test_a_replica_answers_as_the_builder_does_and_takes_no_changes(
    published: tuple[Bucket, str], client: TestClient, tmp_path: Path
) -> None:
    bucket, version = published
    with service(data_dir=tmp_path / "replica", follow=bucket.url) as replica:
        until(lambda: replica.get("/readyz").status_code == 200)
        answers = [each.post("/v1/ask", json=QUESTION).json() for each in (replica, client)]
        assert answers[0]["index_version"] == version
        assert answers[0]["answers"] == answers[1]["answers"]
        for refused in (
            replica.put("/v1/articles/pier", json={"title": "Pier", "text": "It is long."}),
            replica.post("/v1/index/rebuild"),
            replica.post("/v1/index/rollback", json={}),
            replica.get("/v1/jobs"),
            replica.post("/v1/collections", json={"name": "x"}),
            replica.patch("/v1/collections/default", json={"settings": {"keep_days": 1}}),
        ):
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "replica")
            assert BUILDER in refused.json()["detail"]
        same = replica.post("/v1/ask", json={**QUESTION, "min_index_version": version})
        assert same.json()["answers"] == answers[0]["answers"]
        later = f"{Versions.number(version) + 1:06d}-00000000"
        for too_early in (
            replica.post("/v1/ask", json={**QUESTION, "min_index_version": later}),
            replica.get("/v1/ask", params={"q": QUESTION["question"], "min_index_version": later}),
        ):
            assert (too_early.status_code, too_early.json()["error"]["code"]) == (503, "index_too_old")
            assert too_early.headers["retry-after"] == "1"
        wrong = replica.post("/v1/ask", json={**QUESTION, "min_index_version": "the newest"})
        assert (wrong.status_code, "name a version as it stands" in wrong.json()["detail"]) == (422, True)


def test_an_index_that_was_published_whole_is_said_to_be_in_no_shards(
    published: tuple[Bucket, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bucket, _ = published
    with service(data_dir=tmp_path / "replica", follow=bucket.url, ray="auto") as replica:
        until(lambda: any("is in no shards" in message for message in caplog.messages))
        [said] = {message for message in caplog.messages if "is in no shards" in message}
        assert "pullquote split --to FOLDER --publish-to BUCKET" in said
        assert replica.get("/readyz").status_code == 503


def test_a_replica_that_could_not_switch_is_not_ready(published: tuple[Bucket, str], tmp_path: Path) -> None:
    bucket, version = published
    with service(data_dir=tmp_path / "replica", follow=bucket.url) as replica:
        assert replica.get("/readyz").status_code in {200, 503}
        until(lambda: replica.get("/readyz").status_code == 200)
        [first] = latest(bucket)
        sums = {"bytes": 1, "sha256": "0" * 64}
        manifest = {**first.manifest, "files": {**first.manifest["files"], STORE: sums}}
        coming = replace(first, number=2, version="000009-00000000", switch_at=time.time() - 60, manifest=manifest)
        assert bucket.create(coming.name, coming.json())
        until(lambda: replica.get("/readyz").status_code == 503)
        late = replica.get("/readyz").json()
        assert (late["error"]["code"], "000009-00000000" in late["detail"]) == ("late", True)
        assert replica.post("/v1/ask", json=QUESTION).json()["index_version"] == version


def test_a_replica_follows_every_collection_with_its_settings(
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (replication, follower):
        for name in dir(module):
            if name.startswith("_SECONDS_BETWEEN"):
                monkeypatch.setattr(module, name, 0.0)
    folders, url = CollectionFolders(tmp_path / "builder"), str(tmp_path / "bucket")
    folders.create("news", {"keep_versions": 3})
    shutil.copytree(seed_data / "index", folders.path("news") / "index")
    builder = Publishing(load_settings(data_dir=tmp_path / "builder", publish_delay=0), url)
    builder.tend()
    half_deleted = tmp_path / "replica" / "collections" / "old" / "index"
    half_deleted.mkdir(parents=True)
    with service(data_dir=tmp_path / "replica", follow=url) as replica:
        ask = "/v1/collections/news/ask"
        until(lambda: replica.post(ask, json=QUESTION).status_code == 200)
        assert replica.post(ask, json=QUESTION).json()["answers"]
        assert [each["name"] for each in replica.get("/v1/collections").json()["collections"]] == ["default", "news"]
        assert replica.get("/readyz").status_code == 200
        late = Followed("000009-00000000", time.time() - 60, None)
        with monkeypatch.context() as patched:
            patched.setattr(replication, "followed", lambda versions: late if "news" in versions.folder.parts else None)
            ready = [replica.get(path) for path in ("/readyz", "/collections/news/readyz")]
        assert [each.json()["error"]["code"] for each in ready] == ["late", "late"]
        refused = replica.patch("/v1/collections/news", json={"settings": {"keep_days": 1}})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "replica")

        folders.change("news", {"public_ask": False, "write_token": "whoever can write into the bucket"})
        builder.tend()
        until(lambda: replica.post(ask, json=QUESTION).status_code == 401)
        assert CollectionFolders(tmp_path / "replica").read("news").settings.keys() == {"keep_versions", "public_ask"}
        KeyStore(tmp_path / "replica").create("reader", collections=("news",))

        assert not half_deleted.exists(), "a replica that was killed while it removed a collection goes on with it"
        folders.delete("news")
        builder.tend()
        until(lambda: not CollectionFolders(tmp_path / "replica").names())
        assert replica.post(ask, json=QUESTION).status_code == 404
        [key] = KeyStore(tmp_path / "replica").all()
        assert key.revoked, "no old key opens another collection of this name"
    builder.close()


def test_a_replica_of_nothing_says_so(tmp_path: Path) -> None:
    with service(data_dir=tmp_path / "replica", follow=str(tmp_path / "bucket")) as replica:
        assert "has not pulled a version yet" in replica.get("/readyz").json()["detail"]


def test_a_service_publishes_what_it_builds_and_backs_up_what_was_written(seed_data: Path, tmp_path: Path) -> None:
    shutil.copytree(seed_data, tmp_path / "data")
    bucket = Bucket(str(tmp_path / "bucket"))
    with service(data_dir=tmp_path / "data", publish_to=bucket.url, public_url=BUILDER) as builder:
        until(lambda: latest(bucket) and bucket.size("collection/collection.sqlite"))
        [made] = latest(bucket)
        assert made.version == builder.get("/readyz", headers={"host": "127.0.0.1"}).json()["index_version"]
        assert made.address == BUILDER
        assert all(bucket.size(stored_as(sums)) == sums.bytes for _, sums in made.files())


@pytest.mark.slow
def test_publishing_and_restoring_at_the_command_line(seed_data: Path, tmp_path: Path) -> None:
    shutil.copytree(seed_data, tmp_path / "data")
    bucket = str(tmp_path / "bucket")
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "note.txt").write_text("The pier at Lorn is 90 metres long.")
    assert run("collections", "create", "news", "--data-dir", tmp_path / "data").exit_code == 0
    further = run("build", seeds, "--collection", "news", "--to", bucket, "--data-dir", tmp_path / "data")
    assert (further.exit_code, f"published to {bucket}/collections/news;" in further.stdout) == (0, True), (
        further.output
    )
    built = run("build", seeds, "--to", bucket, "--data-dir", tmp_path / "data")
    assert (built.exit_code, f"published to {bucket}" in built.stdout) == (0, True), built.output
    restored = run("restore", bucket, "--data-dir", tmp_path / "new")
    assert (restored.exit_code, restored.stdout.count("is current")) == (0, 2), restored.output
    assert "which restoring would mix up" in one_line(run("restore", bucket, "--data-dir", tmp_path / "new"))
    (seeds / "more.txt").write_text("The mill at Lorn burned down.")
    assert run("build", seeds, "--to", bucket, "--data-dir", tmp_path / "new").exit_code == 0
    told = one_line(run("build", seeds, "--to", bucket, "--data-dir", tmp_path / "data"))
    assert "another builder publishes into" in told
    assert "pullquote restore" in told


def test_a_replica_builds_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULLQUOTE_FOLLOW", str(tmp_path / "bucket"))
    assert "a replica builds nothing" in one_line(run("build", "--data-dir", tmp_path), 2)
    monkeypatch.setenv("PULLQUOTE_PUBLISH_TO", str(tmp_path / "bucket"))
    with pytest.raises(ConfigurationError, match="don't go together"):
        load_settings()


def _eventually(condition: Callable[[], bool]) -> None:
    """Wait for what takes a build, or a process to start."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.2)


@pytest.mark.slow
def test_replicas_follow_an_object_store_while_each_of_all_is_killed(
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(seed_data, tmp_path / "builder" / "data")
    with ExitStack() as stack:
        address = stack.enter_context(object_store(tmp_path / "store"))
        given = {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": "us-east-1",
        }
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        assert httpx2.put(f"{address}/news", timeout=60).status_code == 200
        bucket = Bucket("s3://news/index")
        builder_is = {
            "PULLQUOTE_PUBLISH_TO": bucket.url,
            "PULLQUOTE_PUBLISH_DELAY": "3",
            "PULLQUOTE_BUILD_DELAY": "0.1",
        }
        builder, _ = stack.enter_context(running_server(tmp_path / "builder" / "data", **builder_is))

        def replica(name: str) -> tuple[str, subprocess.Popen[str]]:
            (tmp_path / name).mkdir(exist_ok=True)
            return stack.enter_context(running_server(tmp_path / name / "data", PULLQUOTE_FOLLOW=bucket.url))

        def version_of(service: str) -> str:
            return str(httpx2.get(f"{service}/readyz", timeout=60).json().get("index_version"))

        (one, _), (two, two_process) = replica("one"), replica("two")
        _eventually(lambda: version_of(one) == version_of(two) == version_of(builder) != "None")
        before = version_of(one)

        os.kill(two_process.pid, signal.SIGKILL)
        two_process.wait()
        put = httpx2.put(
            f"{builder}/v1/articles/pier", json={"title": "Pier", "text": "Lorn's pier is 90 m long."}, timeout=60
        )
        assert put.status_code == 202, put.text
        _eventually(lambda: version_of(builder) != before)
        written = version_of(builder)
        asked = {"question": "How long is the pier?", "min_index_version": written, "min_confidence": 0}
        two, _ = replica("two")
        _eventually(lambda: version_of(one) == version_of(two) == written)
        answers = [httpx2.post(f"{each}/v1/ask", json=asked, timeout=60).json() for each in (one, two, builder)]
        assert {each["index_version"] for each in answers} == {written}
        for answer in (answer for each in answers for answer in each["answers"]):
            for citation in answer["citations"]:
                del citation["link"], citation["long_link"]  # which begin with the address that was asked
        assert answers[0]["answers"] == answers[1]["answers"] == answers[2]["answers"] != []

        won = [bucket.create("races/1", str(at).encode()) for at in range(8)]
        assert won.count(True) == 1
    answering = TestClient(create_app(load_settings(data_dir=tmp_path / "one" / "data", threads=2)), base_url=HERE)
    with answering as alone:  # the store is gone
        assert alone.get("/readyz").json()["index_version"] == written
