"""Changes over HTTP: what is taken and what is not, who may, and that what was acknowledged gets into the index."""

import asyncio
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http import examples
from api.settings import Settings, load_settings
from index.article import Article
from index.collection.store import Collection
from tests.support.paths import SEED_ARTICLE
from tests.support.routes import every_route

HERE = "http://127.0.0.1:8000"
NEVER = 1000.0
SEED = examples.CITATION["article_id"]
TOKEN = "a-token-of-many-letters"


@pytest.fixture(scope="module")
def data_dir(seed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("changes") / "data"
    shutil.copytree(seed_data, folder, symlinks=True)
    return folder


def settings(data_dir: Path, **given: Any) -> Settings:
    return load_settings(data_dir=data_dir, threads=1, build_delay=NEVER, build_delay_most=NEVER, **given)


def client_of(wanted: Settings) -> TestClient:
    return TestClient(create_app(wanted), base_url=HERE, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def writer(data_dir: Path) -> Iterator[TestClient]:
    """A client of a service that takes changes and never builds them in."""
    with client_of(settings(data_dir)) as client:
        yield client


@pytest.fixture
def collection(data_dir: Path) -> Collection:
    return Collection(data_dir)


def articles(collection: Collection) -> dict[str, Article]:
    found = [item for written in collection.edits().written for item in written.load()[1]]
    return {item.id: item for item in found if isinstance(item, Article)}


def test_json_is_kept_with_its_metadata_and_gets_a_job(writer: TestClient, collection: Collection) -> None:
    response = writer.post("/v1/articles", json=examples.ARTICLE_TO_ADD)
    body = response.json()
    assert response.status_code == 202, body
    assert response.headers["location"] == body["job"]["link"]
    assert body["job"]["state"] == "queued"
    article = articles(collection)[body["articles"][0]]
    assert article.title == "A new bridge over the Lorn"
    assert (article.authors, str(article.published)) == (("Jo Marsh",), "2024-10-31")
    assert "Ada Finch" in article.text
    assert writer.get(body["job"]["link"]).json()["changes"] >= 1
    assert writer.get("/v1/jobs").json()["jobs"][0]["id"] == body["job"]["id"]


def test_a_file_keeps_its_format_and_what_is_told_of_it_wins(writer: TestClient, collection: Collection) -> None:
    page = b"---\ntitle: Said\nauthor: Adam\n---\n# Head\n\nThe lantern prize goes to Orla Quill.\n"
    told = {"title": "Told", "tags": "prize, lantern"}
    response = writer.post("/v1/articles", files={"file": ("C:\\notes\\prize.md", page)}, data=told)
    assert response.status_code == 202, response.text
    article = articles(collection)[response.json()["articles"][0]]
    assert (article.title, article.authors, article.tags) == ("Told", ("Adam",), ("prize", "lantern"))
    assert (article.path, article.media_type) == ("prize.md", "text/markdown")
    again = writer.post("/v1/articles", files={"file": ("prize.md", page)})
    assert again.status_code == 409
    assert "replace" in again.json()["detail"]
    assert writer.post("/v1/articles", files={"file": ("prize.md", page)}, data={"replace": "true"}).status_code == 202


def test_a_file_of_several_articles_tells_what_of_it_can_not_be_read(
    writer: TestClient, collection: Collection
) -> None:
    lines = '{"id": "wire-1", "text": "One."}\n{"id": "wire-2", "text": "Two."}\n{"id": "wire-3"}\n'
    body = writer.post("/v1/articles", files={"file": ("wire.jsonl", lines)}).json()
    assert body["articles"] == ["wire-1", "wire-2"]
    assert "line 3" in body["failures"][0]["reason"]
    assert writer.delete("/v1/articles/wire-1").status_code == 202
    assert {"wire-1", "wire-2"} & articles(collection).keys() == {"wire-2"}


def test_put_writes_and_overwrites(writer: TestClient, collection: Collection) -> None:
    for text in ("First words.", "Second words."):
        assert writer.put("/v1/articles/mine", json={"title": "Mine", "text": text}).status_code == 202
        assert articles(collection)["mine"].text == text
    assert writer.put("/v1/articles/mine", files={"file": ("x.txt", "Third\n\nThird words.")}).status_code == 202
    assert articles(collection)["mine"].path == "x.txt"
    assert [item.id for item in articles(collection).values() if item.id == "mine"] == ["mine"]


def test_an_article_of_a_source_is_a_conflict_is_replaced_and_deleted(
    writer: TestClient, collection: Collection
) -> None:
    new = {"id": SEED, "text": "Other words."}
    told = writer.post("/v1/articles", json=new)
    assert (told.status_code, told.json()["error"]["code"]) == (409, "article_exists")
    assert writer.post("/v1/articles", json={**new, "replace": True}).status_code == 202
    assert articles(collection)[SEED].text == "Other words."
    assert writer.delete(f"/v1/articles/{SEED}").status_code == 202
    assert SEED in collection.edits().deleted
    assert writer.post("/v1/articles", json=new).status_code == 202
    assert SEED not in collection.edits().deleted


def test_what_is_not_there_can_not_be_deleted(writer: TestClient) -> None:
    response = writer.delete("/v1/articles/no-such-article")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "article_not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"text": " \n"}, ""),
        ({"text": 3}, "text"),
        ({"text": "x", "id": "a/b"}, "id"),
        ({"text": "x", "published": "soon"}, "published"),
        ({"text": "x", "url": "ftp://a.example/"}, "url"),
        ({"text": "x", "colour": "red"}, "colour"),
        ([], ""),
    ],
)
def test_json_that_is_no_article_is_refused_with_the_field(writer: TestClient, body: Any, field: str) -> None:
    response = writer.post("/v1/articles", json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("request_", "status", "told"),
    [
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 422, "JSON object"),
        ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415, "multipart/form-data"),
        ({"content": b"x"}, 415, "multipart/form-data"),
        ({"files": {"file": ("film.mp4", b"x")}}, 422, "not supported"),
        ({"files": {"file": ("empty.txt", b"")}}, 422, "nothing can be read"),
        ({"files": {"other": ("a.txt", b"x")}}, 422, "'file'"),
        ({"files": {"file": ("a.txt", b"x")}, "data": {"published": "soon"}}, 422, "published"),
        ({"files": {"file": ("a.txt", b"x")}, "data": {f"a{n}": "b" for n in range(21)}}, 422, "at most 20 fields"),
        ({"files": [("file", ("a.txt", b"x")), ("file", ("b.txt", b"x"))]}, 422, "send one file"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 422, "boundary"),
        ({"content": b"x" * 25_000_000, "headers": {"content-type": "application/json"}}, 413, "20000000 bytes"),
        ({"json": {"url": "http://127.0.0.1:9/"}}, 422, "PULLQUOTE_FETCH_PRIVATE"),
    ],
)
def test_what_can_not_be_read_is_told_with_what_to_do(
    writer: TestClient, request_: dict[str, Any], status: int, told: str
) -> None:
    response = writer.post("/v1/articles", **request_)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert told in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            {"url": "ftp://a.example/"},
            "url: it is 'ftp://a.example/': it must be an address that begins with http:// or",
        ),
        ({"text": "x", "id": "a/b"}, "id: it is 'a/b': take 1 to 128 of"),
        ({"text": "x", "language": "English, mostly"}, "name a language as en or pt-BR"),
    ],
)
def test_what_has_a_form_is_told_in_words(writer: TestClient, body: dict[str, str], told: str) -> None:
    detail = writer.post("/v1/articles", json=body).json()["detail"]
    assert told in detail
    assert "pattern" not in detail


def test_a_reader_that_is_killed_is_no_fault_of_the_file(writer: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    start = asyncio.create_subprocess_exec

    async def start_and_kill(*_: str, **pipes: int) -> asyncio.subprocess.Process:
        process = await start("sleep", "60", **pipes)
        process.kill()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start_and_kill)
    response = writer.post("/v1/articles", files={"file": ("a.txt", b"Rain fell.")})
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert "send it again" in response.json()["detail"]


def test_only_articles_may_be_large(writer: TestClient) -> None:
    assert writer.post("/v1/articles", json={"text": "word " * 300_000}).status_code == 202
    assert writer.post("/v1/ask", json={"question": "word " * 300_000}).status_code == 413


@pytest.mark.parametrize("job_id", ["0", "999999", "x", "-1", "²", "9" * 30])
def test_a_job_that_is_not_there_is_told(writer: TestClient, job_id: str) -> None:
    assert writer.get(f"/v1/jobs/{job_id}").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"x-forwarded-for": "203.0.113.7"},
        {"x-forwarded-proto": "https"},
        {"via": "1.1 proxy"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/articles", "/v1/index/rebuild", "/v1/index/rollback"])
def test_pages_elsewhere_and_proxies_can_not_write(writer: TestClient, headers: dict[str, str], path: str) -> None:
    response = writer.post(path, json={}, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "writing_not_allowed")
    assert "PULLQUOTE_WRITE_TOKEN" in response.json()["detail"]


def test_a_page_of_this_very_site_can(writer: TestClient) -> None:
    headers = {"origin": HERE, "sec-fetch-site": "same-origin"}
    assert writer.post("/v1/index/rebuild", headers=headers).status_code == 202


def test_every_change_is_guarded(writer: TestClient) -> None:
    changing = [
        (method, path)
        for method, path in every_route(writer.app)  # type: ignore[arg-type]
        if method in {"PUT", "DELETE", "PATCH"}
        or (method == "POST" and path.startswith(("/v1/index/", "/v1/articles")))
    ]
    assert len(changing) >= 6
    for method, path in changing:
        asked = re.sub(r"\{[^}]*\}", "x", path)
        assert writer.request(method, asked, headers={"origin": "http://evil"}).status_code == 403, path


def test_beyond_this_machine_a_token_is_needed(data_dir: Path) -> None:
    with client_of(settings(data_dir, host="0.0.0.0")) as client:
        response = client.delete("/v1/articles/x")
        assert response.status_code == 403
        assert "PULLQUOTE_WRITE_TOKEN" in response.json()["detail"]
    with client_of(settings(data_dir, host="0.0.0.0", write_token=TOKEN)) as client:
        for given in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
            response = client.delete("/v1/articles/x", headers=given)
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Bearer")
        right = {"authorization": f"Bearer {TOKEN}", "origin": "https://cms.example"}
        assert client.delete("/v1/articles/x", headers=right).status_code == 404
        assert TOKEN not in client.get("/openapi.json").text


def test_an_article_is_fetched_from_its_address(data_dir: Path, collection: Collection, tmp_path: Path) -> None:
    import functools
    import threading
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    (tmp_path / "storm.txt").write_text("The storm\nBy Eve Brown\n\nThe storm broke the pier at Lorn on Friday.\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path))) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{web.server_port}/storm.txt"
        with client_of(settings(data_dir, fetch_private=True)) as client:
            response = client.post("/v1/articles", json={"url": url, "source": "Lorn Post"})
            missing = client.post("/v1/articles", json={"url": url + "x"})
        web.shutdown()
    assert response.status_code == 202, response.text
    article = articles(collection)[response.json()["articles"][0]]
    assert (article.url, article.source, article.authors) == (url, "Lorn Post", ("Eve Brown",))
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "url")


def wait_for(client: TestClient | httpx2.Client, link: str, state: str = "succeeded") -> dict[str, Any]:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        job: dict[str, Any] = client.get(link).json()
        if job["state"] in {"succeeded", "failed"}:
            assert job["state"] == state, job
            return job
        time.sleep(0.05)
    raise AssertionError(f"{link} did not end")


def test_a_file_that_is_in_the_sources_already_is_told(writer: TestClient) -> None:
    body = SEED_ARTICLE.read_bytes()
    told = writer.post("/v1/articles", files={"file": ("other.txt", body)}).json()
    assert told["same_as"] == [SEED]
    assert writer.post("/v1/articles", files={"file": ("more.txt", body + b" More.")}).json()["same_as"] == []


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_changes_get_into_the_index_together_and_a_rollback_undoes_them(seed_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(seed_data, folder, symlinks=True)
    source = str(SEED_ARTICLE)
    wanted = load_settings(data_dir=folder, threads=1, build_delay=3, sources=[source])
    with client_of(wanted) as client:
        before = client.get("/v1/index").json()["version"]
        jobs = {
            client.post("/v1/articles", json=examples.ARTICLE_TO_ADD).json()["job"]["id"],
            client.put("/v1/articles/pier", json={"text": "The pier at Lorn is 90 metres long."}).json()["job"]["id"],
            client.delete(f"/v1/articles/{SEED}").json()["job"]["id"],
        }
        assert len(jobs) == 1
        job = wait_for(client, f"/v1/jobs/{jobs.pop()}")
        assert job["changes"] == 3
        assert job["report"]["articles"] == 2
        assert job["progress"] == {"stage": None, "done": 1, "total": 1}
        wait_until(lambda: client.get("/v1/index").json()["version"] == job["version"])
        body = client.post("/v1/ask", json={"question": "Who is the mayor of Callory?", "min_confidence": 0}).json()
        assert (body["answers"][0]["text"], body["index_version"]) == ("Ada Finch", job["version"])
        assert client.get(f"/v1/articles/{SEED}").status_code == 404
        assert client.post("/v1/index/rollback").json()["error"]["code"] == "holds_deleted"
        assert client.post("/v1/index/rollback", json={"restore_deleted": True}).json() == {"version": before}
        wait_until(lambda: client.get("/v1/index").json()["version"] == before)
        assert client.get(f"/v1/articles/{SEED}").status_code == 200
        versions = client.get("/v1/index/versions").json()["versions"]
        assert [(each["version"], each["current"]) for each in versions] == [(before, True), (job["version"], False)]
        assert client.post("/v1/index/rollback", json={}).status_code == 404
        text = folder / "index" / "versions" / job["version"] / "text.sqlite"
        whole = text.read_bytes()
        text.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        damaged = client.post("/v1/index/rollback", json={"version": job["version"]})
        assert (damaged.status_code, damaged.json()["error"]["code"]) == (409, "version_damaged")
        assert (folder / "index" / "CURRENT").read_text().strip() == before
        text.write_bytes(whole)
        assert client.post("/v1/index/prune").json() == {"removed": []}
        assert client.post("/v1/index/prune", json={"keep": 1}).json() == {"removed": []}
        assert client.post("/v1/index/rollback", json={"version": job["version"]}).status_code == 200
        wait_until(lambda: client.post("/v1/index/prune", json={"keep": 1}).json() == {"removed": [before]})


def test_a_build_that_fails_says_why_and_the_old_version_stays(seed_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(seed_data, folder, symlinks=True)
    with client_of(load_settings(data_dir=folder, threads=1, sources=[str(tmp_path / "nowhere")])) as client:
        version = client.get("/v1/index").json()["version"]
        job = wait_for(client, client.post("/v1/index/rebuild").json()["link"], "failed")
        assert "nowhere" in job["error"]
        failed = {"job": job["id"], "reason": job["error"], "link": job["link"]}
        ready = {"status": "ready", "index_version": version, "failed_build": failed}
        assert client.get("/readyz").json() == ready


def test_a_broken_version_is_refused_told_and_the_old_one_answers(seed_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(seed_data, folder, symlinks=True)
    index = folder / "index"
    with client_of(load_settings(data_dir=folder, threads=1)) as client:
        good = client.get("/v1/index").json()["version"]
        bad = good.replace("000001", "000002")
        shutil.copytree(index / "versions" / good, index / "versions" / bad)
        manifest = json.loads((index / "versions" / bad / "manifest.json").read_text())
        (index / "versions" / bad / "manifest.json").write_text(json.dumps({**manifest, "version": bad}))
        with (index / "versions" / bad / "text.sqlite").open("r+b") as file:
            file.seek(5000)
            file.write(b"broken")
        (index / ".CURRENT").write_text(bad)
        (index / ".CURRENT").replace(index / "CURRENT")
        wait_until(lambda: "refused" in client.get("/readyz").json())
        body = client.get("/readyz").json()
        assert body["index_version"] == good
        assert body["refused"]["version"] == bad
        assert "altered" in body["refused"]["reason"]
        assert str(index.parent) not in str(body), "where files lie is for the log"
        assert client.get("/v1/index").json()["refused"] == body["refused"]
        assert client.post("/v1/ask", json={"question": "Who is the NATO spokeswoman?"}).json()["index_version"] == good
        (index / "CURRENT").write_text(good)
        wait_until(lambda: "refused" not in client.get("/readyz").json())


@pytest.mark.slow
def test_a_service_without_an_index_takes_the_first_one(tmp_path: Path) -> None:
    with client_of(load_settings(data_dir=tmp_path, threads=1, sources=[], build_delay=0)) as client:
        assert client.get("/readyz").status_code == 503
        link = client.put("/v1/articles/pier", json={"text": "The pier at Lorn is 90 metres long."}).json()["job"][
            "link"
        ]
        wait_for(client, link)
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert "90 metres" in client.post("/v1/ask", json={"question": "How long is the pier at Lorn?"}).text


@pytest.mark.slow
def test_words_are_erased_at_once_when_that_is_asked(seed_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(seed_data, folder, symlinks=True)
    wanted = load_settings(data_dir=folder, threads=1, build_delay=0, sources=[str(SEED_ARTICLE)])

    # from other processes: who opens and closes the file of a database drops the locks that its own process has on it
    def files_with(words: str) -> str:
        return subprocess.run(["grep", "-rl", words, folder], capture_output=True, text=True, check=False).stdout

    def doctor() -> dict[str, Any]:
        command = [sys.executable, "-P", "-m", "api", "doctor", "--json", "--data-dir", str(folder)]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
        return next(finding for finding in found if finding["check"] == "deleted articles")

    with client_of(wanted) as client:
        put = client.put("/v1/articles/pier", json={"text": "The pier at Lorn belongs to Wenceslas Quimby."})
        first = wait_for(client, put.json()["job"]["link"])["version"]
        wait_until(lambda: client.get("/v1/index").json()["version"] == first)
        assert files_with("Wenceslas Quimby")
        wait_for(client, client.delete("/v1/articles/pier").json()["job"]["link"])
        wait_until(lambda: client.get("/v1/index").json()["version"] != first)
        assert first in [each["version"] for each in client.get("/v1/index/versions").json()["versions"]]
        assert client.post("/v1/index/rollback", json={"version": first}).json()["error"]["code"] == "holds_deleted"
        kept = doctor()
        assert kept["is_fine"]
        assert first in kept["message"]
        client.put("/v1/articles/pier", json={"text": "The pier at Lorn belongs to the town."})
        wait_for(client, client.delete("/v1/articles/pier?erase=true").json()["job"]["link"])
        wait_until(lambda: not files_with("Wenceslas Quimby"))
        wait_until(lambda: not Collection(folder).erasures())
        assert doctor()["message"] == "no version and no log holds the words of 1 deleted article"


def test_a_collection_that_was_removed_takes_no_change(seed_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(seed_data, folder, symlinks=True)
    with client_of(load_settings(data_dir=folder, threads=1, build_delay=600)) as client:
        assert client.put("/v1/articles/pier", json={"text": "It is long."}).status_code == 202
        (folder / "collection.sqlite").unlink()
        refused = client.put("/v1/articles/mill", json={"text": "It is old."})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_collection")
        assert client.post("/v1/index/rebuild").status_code == 503


@pytest.mark.parametrize(("number", "status"), [(errno.EROFS, 503), (errno.ENOSPC, 507)])
def test_versions_stay_as_they_are_when_the_disk_takes_nothing(
    writer: TestClient, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def make_nothing(_: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("index.storage.versions.make_file", make_nothing)
    for path in ("/v1/index/rollback", "/v1/index/prune"):
        answer = writer.post(path, json={})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_an_upload_that_finds_no_room_to_wait_in_is_told_so(
    writer: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overflow(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", overflow)
    answer = writer.post("/v1/articles", files={"file": ("large.txt", b"It rained. " * 300_000)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full")
