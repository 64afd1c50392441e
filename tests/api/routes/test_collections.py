"""Collections over HTTP: made, asked, kept apart, deleted."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.access.keys import KeyStore, KeyStoreError
from api.app import create_app
from api.settings import load_settings
from index.collection.folders import FOLDER, CollectionFolders
from index.storage.versions import Versions
from rag.ranking.calibration import SMALL, Calibrator, own_path
from tests.conftest import HERE
from tests.support.running_server import running_server

QUESTION = "Who lit the lamp of Heronport?"
LAMP = {"id": "lamp", "title": "The lamp", "text": "Lighthouse keeper Clara Wick lit the lamp of Heronport on Friday."}
TOKEN = "a-token-of-many-letters"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def data_dir(seed_data: Path, articles_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seed article in the default collection, and ``tests/articles`` in the collection ``news``."""
    folder = tmp_path_factory.mktemp("collections") / "data"
    shutil.copytree(seed_data, folder, symlinks=True)
    CollectionFolders(folder).create("news", {"keep_versions": 2})
    shutil.copytree(articles_data / "index", folder / FOLDER / "news" / "index", symlinks=True)
    return folder


@pytest.fixture(scope="module")
def service(data_dir: Path) -> Iterator[TestClient]:
    settings = load_settings(
        data_dir=data_dir, threads=1, build_delay=1e6, build_delay_most=1e6, write_token=TOKEN, keep_versions=7
    )
    with TestClient(create_app(settings), base_url=HERE, raise_server_exceptions=False) as client:
        yield client


def code(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_each_has_its_own_index_and_both_ways_lead_there(service: TestClient) -> None:
    default, news = service.get("/v1/index").json(), service.get("/v1/collections/news/index").json()
    assert (default["articles"], news["articles"]) == (1, service.get("/collections/news/v1/index").json()["articles"])
    assert news["articles"] > 1
    assert service.get("/v1/collections/default/index").json() == default
    listed = service.get("/v1/collections").json()["collections"]
    assert [(each["name"], each["articles"]) for each in listed] == [("default", 1), ("news", news["articles"])]
    assert service.get("/v1/collections/news").json() == listed[1]
    assert listed[1]["settings"] == {"keep_versions": 2}
    assert service.get(listed[1]["link"]).status_code == 200


def test_models_are_loaded_once(service: TestClient) -> None:
    collections = service.app.state.runtime.collections  # type: ignore[attr-defined]
    with collections.get("news").index.lease() as news, collections.default.index.lease() as default:
        assert news.embedder is default.embedder
        assert news.reader is default.reader
        assert news.cache is not default.cache


def test_each_has_its_own_settings_and_calibration(data_dir: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(data_dir, tmp_path / "data", symlinks=True)
    own = load_settings(data_dir=folder, collection="news")
    shipped = Calibrator.read(SMALL)
    replace(shipped, threshold=0.99).write(own_path(own.index_dir))
    with TestClient(create_app(load_settings(data_dir=folder, threads=1)), base_url=HERE) as client:
        collections = client.app.state.runtime.collections  # type: ignore[attr-defined]
        with collections.get("news").index.lease() as news, collections.default.index.lease() as default:
            assert (news.threshold, default.threshold) == (0.99, shipped.threshold)
    assert (own.keep_versions, load_settings(data_dir=folder).keep_versions) == (2, 5)
    assert load_settings(data_dir=folder, collection="news", keep_versions=4).keep_versions == 4


def test_what_can_not_be_is_told(service: TestClient) -> None:
    def make(**body: Any) -> httpx2.Response:
        return service.post("/v1/collections", json=body, headers=BEARER)

    bad = make(name="No Such Name")
    assert code(bad) == (422, "invalid_request")
    assert "a-z 0-9" in bad.json()["detail"]
    assert code(make(name="news")) == (409, "collection_exists")
    assert code(make(name="default")) == (409, "collection_exists")
    assert code(make(name="x", settings={"port": 1})) == (422, "invalid_request")
    assert code(make(name="x", settings={"keep_versions": 0})) == (422, "invalid_request")
    assert code(service.delete("/v1/collections/default", headers=BEARER)) == (409, "bad_collection_name")
    assert code(service.delete("/v1/collections/none", headers=BEARER)) == (404, "collection_not_found")
    assert code(service.get("/v1/collections/none")) == (404, "collection_not_found")
    assert code(service.post("/v1/collections/none/ask", json={"question": QUESTION})) == (404, "collection_not_found")
    for path in ("/v1/collections/news/collections", "/v1/collections/news/collections/default/index"):
        assert service.get(path).status_code == 404
    assert service.post("/v1/collections", json={"name": "x"}).status_code == 401
    assert service.delete("/v1/collections/news").status_code == 401


def test_one_is_made_written_to_and_deleted_with_every_trace(service: TestClient, data_dir: Path) -> None:
    made = service.post("/v1/collections", json={"name": "lamps"}, headers=BEARER)
    assert (made.status_code, made.headers["location"]) == (201, "/v1/collections/lamps")
    assert made.json()["index_version"] is None
    key, _ = KeyStore(data_dir).create("alone", collections=["lamps"])
    other, _ = KeyStore(data_dir).create("both", collections=["lamps", "news"])
    assert code(service.get("/v1/collections/lamps/index")) == (503, "not_ready")
    written = service.post("/v1/collections/lamps/articles", json=LAMP, headers=BEARER)
    assert written.status_code == 202
    job = service.get(written.headers["location"]).json()
    assert (job["changes"], job["link"]) == (1, written.headers["location"])
    assert service.get(f"/v1/jobs/{job['id']}").status_code == 404
    assert b"Clara Wick" in b"".join(path.read_bytes() for path in (data_dir / FOLDER / "lamps").iterdir())
    deleted = service.delete("/v1/collections/lamps", headers=BEARER)
    assert deleted.json() == {"name": "lamps", "revoked_keys": [key.id]}
    assert [path.name for path in (data_dir / FOLDER).iterdir()] == ["news"]
    assert code(service.get("/v1/collections/lamps/index")) == (404, "collection_not_found")
    kept = {each.id: each for each in KeyStore(data_dir).all()}
    assert (kept[key.id].trouble, kept[other.id].collections) == ("was revoked", ("news",))
    audit = [json.loads(line) for line in (data_dir / "audit.jsonl").read_text().splitlines()]
    actions = [each["action"] for each in audit if each.get("collection") == "lamps"]
    assert actions == ["collection.create", "article.put", "collection.delete"]


def test_no_collection_is_deleted_whose_keys_can_not_be_revoked(
    service: TestClient, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CollectionFolders(data_dir).create("kept", {})

    def unusable(*_: object) -> None:
        raise KeyStoreError("the disk is busy")

    monkeypatch.setattr(KeyStore, "forget_collection", unusable)
    assert code(service.delete("/v1/collections/kept", headers=BEARER)) == (503, "keys_unusable")
    assert service.get("/v1/collections/kept").status_code == 200
    CollectionFolders(data_dir).delete("kept")


def test_settings_are_changed_while_questions_are_answered(service: TestClient, data_dir: Path) -> None:
    def change(name: str = "news", key: dict[str, str] = BEARER, **settings: Any) -> httpx2.Response:
        return service.patch(f"/v1/collections/{name}", json={"settings": settings}, headers=key)

    collections = service.app.state.runtime.collections  # type: ignore[attr-defined]
    before = collections.get("news")
    with before.index.lease() as version:
        changed = change(keep_versions=4, public_ask=False)
        assert changed.json()["settings"] == {"keep_versions": 4, "public_ask": False}
        assert service.get("/v1/collections/news/index").status_code == 401
        assert change(keep_versions=None, public_ask=None).json()["settings"] == {}
        now = collections.get("news")
        assert (now.settings.keep_versions, now.builds.settings) == (7, now.settings)
        with now.index.lease() as same:
            assert same is version  # nobody waits for an index to be opened
    CollectionFolders(data_dir).change("news", {"keep_versions": 2})  # as a command or another process does
    assert service.get("/v1/collections/news").json()["settings"] == {"keep_versions": 2}
    assert service.get("/v1/collections/news/index").status_code == 200

    unknown = change(port=1)
    assert code(unknown) == (422, "invalid_request")
    assert "settings.port" in unknown.json()["detail"]
    assert code(change(keep_versions=0)) == (422, "invalid_request")
    assert code(service.patch("/v1/collections/news", json={}, headers=BEARER)) == (422, "invalid_request")
    assert code(change("default", keep_versions=1)) == (409, "bad_collection_name")
    assert code(change("none", keep_versions=1)) == (404, "collection_not_found")
    assert change(key={}, keep_versions=1).status_code == 401


def test_others_make_and_delete_them_while_a_service_runs(service: TestClient, data_dir: Path) -> None:
    """As another process or a command does. What is written goes to the one that is there, not to the one before."""
    folders = CollectionFolders(data_dir)
    for _ in range(2):
        folders.create("tides", {})
        assert service.post("/v1/collections/tides/articles", json=LAMP, headers=BEARER).status_code == 202
        assert service.post("/v1/collections/tides/articles", json=LAMP, headers=BEARER).status_code == 409
        folders.delete("tides")
        assert service.post("/v1/collections/tides/articles", json=LAMP, headers=BEARER).status_code == 404
    assert service.get("/v1/collections/news/index").status_code == 200


def test_figures_have_the_collection(service: TestClient) -> None:
    service.post("/v1/collections/news/ask", json={"question": QUESTION})
    text = service.get("/metrics").text
    assert 'pullquote_asks_total{cached="no",collection="news",' in text
    assert 'pullquote_ready{collection="default"} 1.0' in text
    assert 'pullquote_ready{collection="news"} 1.0' in text
    assert service.get("/collections/news/metrics").status_code == 404


def test_a_service_whose_default_collection_is_empty_is_ready_when_another_answers(
    data_dir: Path, tmp_path: Path
) -> None:
    CollectionFolders(tmp_path).create("news", {})
    with TestClient(create_app(load_settings(data_dir=tmp_path, threads=1)), base_url=HERE) as client:
        assert client.get("/readyz").status_code == 503
    shutil.copytree(data_dir / FOLDER / "news" / "index", tmp_path / FOLDER / "news" / "index", symlinks=True)
    with TestClient(create_app(load_settings(data_dir=tmp_path, threads=1)), base_url=HERE) as client:
        assert client.get("/readyz").json() == {"status": "ready"}
        assert client.get("/collections/news/readyz").json()["index_version"]
        assert client.get("/v1/models").json()["data"][0]["id"] == "pullquote/news"


@pytest.mark.slow
def test_builds_take_turns_and_each_gets_its_own_articles(tmp_path: Path, seed_data: Path) -> None:
    data_dir = shutil.copytree(seed_data, tmp_path / "data", symlinks=True)
    with running_server(data_dir, PULLQUOTE_BUILD_DELAY="0.1", PULLQUOTE_THREADS="1", PULLQUOTE_PROCESSES="2") as (
        address,
        _,
    ):
        jobs = []
        for name, keeper in (("north", "Clara Wick"), ("south", "Ada Finch")):
            assert httpx2.post(f"{address}/v1/collections", json={"name": name}, timeout=60).status_code == 201
            text = LAMP["text"].replace("Clara Wick", keeper)
            posted = httpx2.post(f"{address}/v1/collections/{name}/articles", json={**LAMP, "text": text}, timeout=60)
            jobs.append(posted.json()["job"]["link"])
        running = set()
        until = time.monotonic() + 480
        while jobs and time.monotonic() < until:
            looks = [{job: httpx2.get(f"{address}{job}", timeout=60).json() for job in jobs} for _ in range(2)]
            states = looks[1]  # one that was running in both looks ran between them, while the others were looked at
            running.add(sum({look[job]["state"] for look in looks} == {"running"} for job in jobs))
            assert all(job["state"] != "failed" for job in states.values()), states
            jobs = [job for job, state in states.items() if state["state"] != "succeeded"]
            time.sleep(0.1)
        assert not jobs
        assert max(running) == 1
        for name, keeper in (("north", "Clara Wick"), ("south", "Ada Finch")):
            until = time.monotonic() + 120
            while (
                asked := httpx2.post(f"{address}/v1/collections/{name}/ask", json={"question": QUESTION}, timeout=60)
            ).status_code != 200:
                assert time.monotonic() < until, asked.text
                time.sleep(0.1)
            assert keeper in asked.json()["answers"][0]["text"]
            assert Versions(data_dir / FOLDER / name / "index").names()
        assert httpx2.delete(f"{address}/v1/collections/north", timeout=60).status_code == 200
        assert not (data_dir / FOLDER / "north").exists()
