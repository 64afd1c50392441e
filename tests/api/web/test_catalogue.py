"""The list of articles and the page for administrators, without a browser."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from index.collection.looks import Looks
from index.collection.store import Collection
from index.sources.refresh import Look, Refresh
from tests.conftest import HERE, DataDir
from tests.support.chat import until

TITLES = re.compile(r'<p class="title" dir="auto"><a href="/articles/[^"]+">([^<]+)</a>')
FROM_HERE = {"origin": HERE, "accept": "text/html"}


@pytest.fixture(scope="module")
def data_dir(articles_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(articles_data, tmp_path_factory.mktemp("catalogue") / "data", symlinks=True)


@pytest.fixture(scope="module")
def writer(data_dir: Path) -> Iterator[TestClient]:
    """A client of a service that takes changes and never builds them in."""
    settings = load_settings(data_dir=data_dir, threads=1, build_delay=1e6, build_delay_most=1e6)
    with TestClient(create_app(settings), base_url=HERE) as client:
        yield client


def test_articles_are_listed_searched_sorted_and_filtered(articles_client: TestClient) -> None:
    everything = articles_client.get("/articles").text
    assert len(TITLES.findall(everything)) == 16
    assert "16 articles" in everything
    assert re.search(r'Brennick Wire Service</span> <span class="count">4</span>', everything)
    wire = articles_client.get("/articles", params={"sources": "Brennick Wire Service", "sort": "newest"}).text
    assert TITLES.findall(wire)[0].startswith("Insurers put Storm Ottilie")
    assert len(TITLES.findall(wire)) == 4
    found = articles_client.get("/articles", params={"q": "meteorite cabb"}).text
    assert TITLES.findall(found) == ["Thieves swap meteorite for a cabbage"]
    dated = articles_client.get("/articles", params={"published_from": "2025-01-01", "published_to": "2025-02-01"}).text
    assert len(TITLES.findall(dated)) == 1


@pytest.mark.parametrize(
    "query", ["?page=9", "?page=-1", "?page=x", "?sort=none", "?published_from=soon", "?utm_source=x"]
)
def test_parameters_that_can_not_be_used_are_left_out(articles_client: TestClient, query: str) -> None:
    assert articles_client.get(f"/articles{query}").status_code == 200


def test_behind_the_last_page_comes_the_last(articles_client: TestClient) -> None:
    shown = articles_client.get("/articles?page=9").text
    assert len(TITLES.findall(shown)) == 16


def test_what_a_form_leaves_empty_is_taken_out_of_the_address(articles_client: TestClient) -> None:
    asked = articles_client.get("/articles?q=storm&sort=title&published_from=&published_to=", follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/articles?q=storm&sort=title")


def test_words_that_nothing_has_lead_back_to_all(articles_client: TestClient) -> None:
    shown = articles_client.get("/articles", params={"q": "xylophone"}).text
    assert TITLES.findall(shown) == []
    assert "Show all" in shown


def test_a_text_a_file_and_a_deletion_are_taken_from_forms(writer: TestClient, data_dir: Path) -> None:
    text = {"title": "A toll", "text": "The toll is 3 crowns.", "source": "Post", "published": "2024-03-01"}
    shown = writer.post("/articles", data=text, headers=FROM_HERE)
    assert shown.status_code == 200
    assert "waits for the next build" in shown.text
    assert re.search(r'data-job="/v1/jobs/\d+" data-state="queued"', shown.text)
    assert (
        writer.post("/articles", files={"file": ("a.txt", "A bridge.\n\nIt is new.")}, headers=FROM_HERE).status_code
        == 200
    )
    article = writer.get("/v1/articles").json()["articles"][0]["id"]
    deleted = writer.post(f"/articles/{article}/delete", headers=FROM_HERE)
    assert "a change waits for the next build" in deleted.text
    collection = Collection(data_dir)
    assert collection.deleted_ids([article]) == {article}
    changed = collection.changed([each for (each,) in collection.rows("SELECT article_id FROM written")])
    assert len(changed) == 2
    assert all(0 <= time.time() - when < 600 for when in changed.values())


def test_what_is_wrong_with_a_form_is_told_on_its_page(writer: TestClient) -> None:
    for given, words in (
        ({"title": "T", "text": "…"}, "text has no letter or digit"),
        ({"url": "no address"}, "it must be an address"),
        ({"url": "http://127.0.0.1:1/x"}, "url:"),
        ({}, "there is neither text nor url"),
    ):
        shown = writer.post("/articles", data=given, headers=FROM_HERE)
        assert (shown.status_code, words in shown.text) == (422, True), given
        assert "<h1>Articles</h1>" in shown.text
    assert writer.post("/articles/none/delete", headers=FROM_HERE).status_code == 404
    assert writer.post("/articles/none/fetch", headers=FROM_HERE).status_code == 409


def test_a_script_gets_what_programs_get(writer: TestClient) -> None:
    asks = {"origin": HERE, "accept": "application/json"}
    kept = writer.post("/articles", files={"file": ("b.txt", "A tower.\n\nIt is tall.")}, headers=asks)
    assert (kept.status_code, kept.json()["job"]["state"]) == (202, "queued")
    refused = writer.post("/articles", files={"file": ("b.txt", b"")}, headers=asks)
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_page_of_another_site_changes_nothing(writer: TestClient) -> None:
    for path in (
        "/articles",
        "/articles/x/delete",
        "/articles/x/fetch",
        "/admin/rebuild",
        "/admin/rollback",
        "/admin/cancel/1",
    ):
        refused = writer.post(path, headers={"origin": "http://evil.example", "accept": "text/html"})
        assert refused.status_code == 403, path
        assert refused.headers["content-type"].startswith("text/html")


def test_forms_of_these_pages_tell_where_they_come_from(writer: TestClient) -> None:
    assert [writer.get(path).headers["referrer-policy"] for path in ("/articles", "/admin", "/")] == [
        "same-origin",
        "same-origin",
        "no-referrer",
    ]


def test_without_the_right_to_write_nothing_to_write_with_is_shown(data_dir: Path) -> None:
    settings = load_settings(data_dir=data_dir, threads=1, write_token="a-token-of-many-letters")
    with TestClient(create_app(settings), base_url=HERE) as client:
        shown = client.get("/articles", params={"job": "1"}).text
        assert "Add articles" not in shown
        assert "data-job" not in shown
        assert 'class="unbuilt"' not in shown
        assert 'type="password"' in client.get("/admin").text


def test_an_empty_index_can_be_filled(tmp_path: Path) -> None:
    with TestClient(create_app(load_settings(data_dir=tmp_path / "data", threads=1)), base_url=HERE) as client:
        shown = client.get("/articles", headers={"accept": "text/html"})
        assert "There are no articles here yet" in shown.text
        assert '<details class="add" id="add" open>' in shown.text
        assert client.get("/admin").status_code == 200


def test_builds_versions_and_keys_are_told(writer: TestClient) -> None:
    assert writer.post("/admin/rebuild", headers=FROM_HERE).status_code == 200
    shown = writer.get("/admin").text
    assert all(f'id="{part}"' in shown for part in ("health", "calibration", "builds", "versions", "sources", "keys"))
    version = writer.get("/v1/index").json()["version"]
    assert f"<code>{version}</code>" in shown
    job = re.search(r"/admin/cancel/(\d+)", shown)
    assert job is not None
    assert "cancelled" in writer.post(job[0], headers=FROM_HERE).text


def test_sources_elsewhere_are_shown_with_their_schedule(writer: TestClient, data_dir: Path) -> None:
    feed, broken = "https://a.example/feed.xml", "https://b.example/"
    looks = Looks(Collection(data_dir))
    looks.follow([feed, broken], Refresh(7200.0, ((broken, 90.0),)))
    looks.note({feed: Look(12, added=3), broken: Look(error="it answered 503")}, {})
    try:
        shown = writer.get("/admin").text
        assert "every 2 hours" in shown
        assert "every 90 seconds" in shown
        assert "12 articles, 3 added" in shown
        assert "failed once: it answered 503" in " ".join(re.sub("<[^>]+>", "", shown).split())
        assert f'name="source" value="{feed}"' in shown
        assert writer.post("/admin/rebuild", data={"source": feed}, headers=FROM_HERE).status_code == 200
        assert feed not in looks.unwanted()
        unknown = writer.post("/admin/rebuild", data={"source": "https://c.example"}, headers=FROM_HERE)
        assert unknown.status_code == 404
        assert "none of the sources elsewhere" in unknown.text
    finally:
        looks.follow([], Refresh())


@pytest.mark.slow
def test_one_goes_back_to_a_version_and_restores_what_was_deleted_only_on_purpose(
    make_data_dir: DataDir, tmp_path: Path
) -> None:
    source = tmp_path / "news"
    source.mkdir()
    (source / "a.txt").write_text("A bridge\n\nThe bridge is new.")
    settings = load_settings(data_dir=make_data_dir(source), threads=1, sources=[str(source)], build_delay=0)
    with TestClient(create_app(settings), base_url=HERE) as client:
        first = client.get("/v1/index").json()["version"]
        article = client.get("/v1/articles").json()["articles"][0]["id"]
        client.delete(f"/v1/articles/{article}")
        client.post("/v1/articles", json={"title": "A toll", "text": "The toll is 3 crowns."})
        until(lambda: {job["state"] for job in client.get("/v1/jobs").json()["jobs"]} == {"succeeded"})
        until(lambda: client.get("/v1/index").json()["version"] != first)
        held = client.post("/admin/rollback", data={"version": first}, headers=FROM_HERE)
        assert held.status_code == 409
        assert 'name="restore_deleted"' in held.text
        restored = client.post("/admin/rollback", data={"version": first, "restore_deleted": "true"}, headers=FROM_HERE)
        assert restored.status_code == 200
        assert client.get("/v1/index/versions").json()["versions"][0]["current"]
