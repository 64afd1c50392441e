"""The HTTP API while a shard is missing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from index.sharding import remote
from index.sharding.errors import LostError
from index.sharding.layout import shard_folder
from index.sharding.remote import Answer, Here
from index.sharding.shard import Shard
from index.sharding.split import split
from index.storage.filters import EVERYTHING
from index.storage.snapshot import Snapshot
from index.storage.versions import Versions
from tests.conftest import HERE
from tests.support.command_line import one_line, run

QUESTION = {"question": "Who is the NATO spokeswoman?"}
LOST: set[str] = set()
"""The versions of the shards that are missing."""


@pytest.fixture(scope="module")
def folder(articles_snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an index in two shards."""
    place = tmp_path_factory.mktemp("data")
    split(articles_snapshot, Versions(load_settings(data_dir=place).index_dir), 2)
    return place


@pytest.fixture(scope="module", autouse=True)
def losing() -> Iterator[None]:
    begin = Here.begin

    def begin_or_fail(self: Here, method: str, *arguments: Any) -> Answer:
        if self._shard.version() in LOST:
            raise LostError("it is gone")
        return begin(self, method, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Here, "begin", begin_or_fail)
        patch.setattr(remote, "AGAIN_SECONDS", 0.02)
        yield


@pytest.fixture(scope="module")
def service(folder: Path, losing: None) -> Iterator[TestClient]:
    with TestClient(create_app(load_settings(data_dir=folder, threads=2)), base_url=HERE) as client:
        yield client


@pytest.fixture
def missing(service: TestClient, folder: Path) -> Iterator[set[str]]:
    """The ids of the articles in the shard that answers the question: it is missing."""
    [answer, *_] = service.post("/v1/ask", json={**QUESTION, "min_confidence": 0}).json()["answers"]
    cited = answer["citations"][0]["article_id"]
    version = Versions(load_settings(data_dir=folder).index_dir).current()
    assert version
    for number in range(2):
        shard = Shard.open(shard_folder(version, number))
        ids = {article.id for article in shard.articles(EVERYTHING, "", 1000)}
        if cited in ids:
            LOST.add(shard.version())
            break
    yield ids
    LOST.clear()


def test_an_answer_from_a_part_says_so_until_all_is_there_again(service: TestClient, missing: set[str]) -> None:
    asked = {"question": "Which spokeswoman does NATO have?"}
    part = service.post("/v1/ask", json=asked).json()
    assert part["complete"] is False
    assert 0 < part["coverage"] < 1
    assert [warning["code"] for warning in part["warnings"]] == ["incomplete"]
    assert service.get("/v1/ask", params={"q": asked["question"]}).json()["coverage"] == part["coverage"]
    found = service.post("/v1/search", json=asked).json()
    assert (found["complete"], found["coverage"]) == (False, part["coverage"])
    page = service.get("/", params={"q": asked["question"]}).text
    assert "A part of the articles could not be searched" in page
    assert "No article here answers that." not in page
    message = service.post("/v1/chat/completions", json={"model": "pullquote", "messages": said(asked["question"])})
    text = message.json()["choices"][0]["message"]["content"]
    assert re.search(r"Only \d+ % of the articles could be searched", text)
    assert "No article answers that." not in text
    texts = {"text": "Farah Dakhlallah is the NATO spokeswoman."}
    assert "incomplete" in [each["code"] for each in service.post("/v1/check", json=texts).json()["warnings"]]
    assert "A part of the articles could not be searched" in service.post("/check", data=texts).text
    LOST.clear()
    whole = None
    for _ in range(1000):
        whole = service.post("/v1/ask", json=asked).json()
        if whole["complete"]:
            break
    assert whole
    assert (whole["complete"], whole["coverage"], whole["warnings"]) == (True, 1.0, [])
    assert "incomplete" not in [each["code"] for each in service.post("/v1/check", json=texts).json()["warnings"]]


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def test_whoever_requires_all_of_it_gets_503(service: TestClient, missing: set[str]) -> None:
    asked = {"question": "What is the spokeswoman of NATO called?", "require_complete": True}
    answers = [
        service.post("/v1/ask", json=asked),
        service.get("/v1/ask", params={"q": asked["question"], "require_complete": True}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "incomplete")
        assert answer.headers["retry-after"] == "2"
    stream = service.post("/v1/ask", json=asked, headers={"accept": "text/event-stream"}).text
    assert "event: failed" in stream
    assert '"code":"incomplete"' in stream


def test_an_article_of_the_missing_part_is_not_said_to_be_nowhere(service: TestClient, missing: set[str]) -> None:
    for name in missing:
        answer = service.get(f"/v1/articles/{name}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "incomplete")
        assert answer.headers["retry-after"] == "2"
    assert service.get("/v1/articles").status_code == 503


def test_pages_of_the_missing_part_say_so_in_a_browser(service: TestClient, missing: set[str]) -> None:
    name = min(missing)
    for path in (f"/articles/{name}", f"/c/{name}.0.5.{'0' * 10}.{'0' * 10}", "/articles"):
        answer = service.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith("text/html")
        assert "Not ready" in answer.text or "could not" in answer.text


def test_the_command_line_says_so(folder: Path, missing: set[str]) -> None:
    shown = run("ask", QUESTION["question"], "--data-dir", folder)
    assert "of the articles could be searched" in " ".join(shown.stdout.split())
    assert "No article answers that." not in shown.stdout
    refused = run("ask", QUESTION["question"], "--require-complete", "--data-dir", folder)
    assert "of the articles could be searched" in one_line(refused)
