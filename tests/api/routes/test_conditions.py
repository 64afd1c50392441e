"""``ETag``, ``If-None-Match`` and ``If-Match`` on articles: nobody writes over a state that they have not seen."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http import examples
from api.http.conditions import names
from api.settings import load_settings

SEED = examples.CITATION["article_id"]
OTTERS = {"title": "Otters", "text": "Otters hold hands while they sleep."}


@pytest.fixture
def writer(seed_data: Path, tmp_path: Path) -> Iterator[TestClient]:
    data = shutil.copytree(seed_data, tmp_path / "data")
    settings = load_settings(data_dir=data, threads=1, build_delay=60, build_delay_most=60)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        yield client


def test_an_article_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get(f"/v1/articles/{SEED}")
    tag = first.headers["etag"]
    for given in (tag, f"W/{tag}", f'"another", {tag}', "*"):
        again = client.get(f"/v1/articles/{SEED}", headers={"if-none-match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(f"/v1/articles/{SEED}", headers={"if-none-match": '"another"'}).json() == first.json()


def test_a_change_of_a_state_that_was_seen_is_made_once(writer: TestClient) -> None:
    tag = writer.get(f"/v1/articles/{SEED}").headers["etag"]
    condition = {"if-match": tag}
    for stale in ('"another"', f"W/{tag}", "nonsense"):
        refused = writer.put(f"/v1/articles/{SEED}", json=OTTERS, headers={"if-match": stale})
        assert (refused.status_code, refused.json()["error"]["code"]) == (412, "precondition_failed")
    assert writer.put(f"/v1/articles/{SEED}", json=OTTERS, headers=condition).status_code == 202
    # the index still has the state that was seen, but somebody has changed it since
    for method in ("PUT", "DELETE"):
        again = writer.request(method, f"/v1/articles/{SEED}", json=OTTERS, headers=condition)
        assert (again.status_code, again.json()["error"]["code"]) == (412, "change_waits")
    assert writer.delete(f"/v1/articles/{SEED}").status_code == 202
    gone = writer.put(f"/v1/articles/{SEED}", json=OTTERS, headers=condition)
    assert (gone.status_code, gone.json()["error"]["code"]) == (412, "change_waits")


def test_what_is_not_there_matches_nothing(writer: TestClient) -> None:
    for given in ("*", '"any"'):
        assert writer.put("/v1/articles/otters", json=OTTERS, headers={"if-match": given}).status_code == 412
    assert writer.get("/v1/jobs").json()["jobs"] == []


@pytest.mark.slow
def test_what_was_built_can_be_changed_again(seed_data: Path, tmp_path: Path) -> None:
    data = shutil.copytree(seed_data, tmp_path / "data")
    settings = load_settings(data_dir=data, threads=1, build_delay=0, build_delay_most=0)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as writer:
        before = ""
        for number in range(2):
            body = {**OTTERS, "text": f"{OTTERS['text']} There are {number} of them."}
            headers = {"if-match": before} if before else {}
            assert writer.put("/v1/articles/otters", json=body, headers=headers).status_code == 202
            deadline = time.monotonic() + 240
            while time.monotonic() < deadline:
                now = writer.get("/v1/articles/otters")
                if now.status_code == 200 and now.headers["etag"] != before:
                    break
                time.sleep(0.1)
            assert now.headers["etag"] != before
            before = now.headers["etag"]


def test_a_header_may_come_in_several_lines() -> None:
    assert names(['"a"', '"b"'], '"b"', strongly=True)
    assert not names([], '"b"', strongly=True)
