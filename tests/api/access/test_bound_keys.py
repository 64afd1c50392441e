"""A key that is bound to some articles learns nothing of the others, by whatever route or dialect it asks.

Two audiences share one index. Every route of the application has its requests: one that is added and not classified
fails the test.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.access.keys import KeyStore
from api.app import create_app
from api.questions.book import Pin, QuestionBook, Shown
from api.settings import load_settings
from index.collection.jobs import Jobs
from index.collection.store import Collection
from tests.conftest import HERE, DataDir
from tests.support.audiences import (
    ASKING,
    CHANGES,
    EVERYBODY,
    MANAGING,
    NOT_FOR_BOUND_KEYS,
    OURS,
    QUESTIONS,
    SECRET,
    THEIRS,
    bearer,
    without_echo,
)
from tests.support.routes import every_route


@pytest.fixture(scope="module")
def data_dir(make_data_dir: DataDir, tmp_path_factory: pytest.TempPathFactory) -> Path:
    wire = tmp_path_factory.mktemp("wire") / "wire.jsonl"
    wire.write_text("".join(json.dumps(each) + "\n" for each in (*OURS, *THEIRS)))
    folder = make_data_dir(wire)
    collection = Collection(folder)
    with collection.transaction() as connection:
        Jobs(collection).ask(connection, 1e6, 1e6)
    tell_of_theirs(QuestionBook(folder, is_on=True))
    return folder


def tell_of_theirs(book: QuestionBook) -> None:
    """The other audience has asked, and an editor has chosen an answer for it."""
    text = THEIRS[0]["text"]
    start = text.index("Bruno Quarr")
    for _ in range(5):
        book.note(
            "Who is Bruno Quarr of Badgerton?", True, Shown("Bruno Quarr", 0.9, "badger-1", start, start + 11, text)
        )
    for question in QUESTIONS[:2]:
        book.pin(Pin(question, "badger-1", start, start + 11, "Bruno Quarr", "0" * 64))


@pytest.fixture(scope="module")
def service(data_dir: Path) -> Iterator[TestClient]:
    given = {"public_ask": False, "question_log": True, "build_delay": 1e6, "build_delay_most": 1e6}
    settings = load_settings(data_dir=data_dir, threads=1, write_token="a-token-of-many-letters", **given)
    with TestClient(create_app(settings), base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module", params=[{"tags": ["Heron"]}, {"sources": ["heron herald"]}], ids=["tag", "source"])
def bound(request: pytest.FixtureRequest, data_dir: Path) -> dict[str, str]:
    return bearer(KeyStore(data_dir).create("bound", **request.param)[1])


@pytest.fixture(scope="module")
def free(data_dir: Path) -> dict[str, str]:
    return bearer(KeyStore(data_dir).create("free")[1])


def said(client: TestClient, route: tuple[str, str], key: dict[str, str]) -> list[str]:
    """What the requests of a route get: the head and the body of each response."""
    texts = []
    for path, given in ASKING[route]:
        asked = {**given, "headers": {**given.get("headers", {}), **key}}
        response = client.request(route[0], path, **asked)
        assert response.status_code in {200, 404}, (path, given, response.text)
        texts.append(f"{response.headers} {response.text}")
    return texts


def test_every_route_is_classified(service: TestClient) -> None:
    routes = set(every_route(service.app))  # type: ignore[arg-type]
    assert routes == EVERYBODY | NOT_FOR_BOUND_KEYS | CHANGES | MANAGING | ASKING.keys()


@pytest.mark.parametrize("route", ASKING, ids=lambda route: " ".join(route))
def test_a_bound_key_learns_nothing_of_other_articles(
    service: TestClient, route: tuple[str, str], bound: dict[str, str]
) -> None:
    for text in said(service, route, bound):
        assert not SECRET.findall(without_echo(text)), text


def test_these_requests_would_find_what_is_hidden(service: TestClient, free: dict[str, str]) -> None:
    telling = [route for route in ASKING if any(map(SECRET.search, map(without_echo, said(service, route, free))))]
    silent = {("GET", "/v1/models"), ("GET", "/v1/models/{model:path}"), ("GET", "/chat"), ("GET", "/docs")}
    silent |= {("GET", "/check"), ("GET", "/v1/collections"), ("GET", "/v1/collections/{name}")}
    silent |= {("POST", "/v1/citations/verify"), ("GET", "/follow-ups")}
    silent |= {("POST", "/v1/embeddings"), ("GET", "/v1/vector_stores"), ("GET", "/v1/vector_stores/{store}")}
    silent |= {("POST", "/v1/feedback"), ("POST", "/feedback")}
    assert set(telling) >= ASKING.keys() - silent


def test_a_bound_key_gets_its_own_articles_and_counts(service: TestClient, bound: dict[str, str]) -> None:
    index = service.get("/v1/index", headers=bound).json()
    assert (index["articles"], index["passages"], index["size_bytes"]) == (2, 2, None)
    assert index["facets"] == {"sources": ["Heron Herald"], "authors": ["Hera Hale"], "tags": ["heron"]}
    listed = service.get("/v1/articles", headers=bound).json()
    assert [article["id"] for article in listed["articles"]] == ["heron-1", "heron-2"]
    answered = service.post("/v1/ask", json={"question": "Who is the harbour master?"}, headers=bound).json()
    assert answered["answers"][0]["text"] == "Ada Finch"
    lamp = service.post("/v1/ask", json={"question": "Who lit the lamp?"}, headers=bound).json()
    assert [each["article_id"] for each in lamp["answers"][0]["citations"]] == ["heron-2"]
    assert lamp["answers"][0]["witnesses"] == 1


def test_an_answer_that_was_kept_for_another_is_not_given(
    service: TestClient, bound: dict[str, str], free: dict[str, str]
) -> None:
    asked = {"question": "Who was fined by the port?", "min_confidence": 0.0}
    assert SECRET.search(service.post("/v1/ask", json=asked, headers=free).text)
    assert not SECRET.search(service.post("/v1/ask", json=asked, headers=bound).text)


@pytest.mark.parametrize("route", sorted(NOT_FOR_BOUND_KEYS | CHANGES | MANAGING), ids=lambda route: " ".join(route))
def test_a_bound_key_gets_no_jobs_versions_and_figures_and_changes_nothing(
    service: TestClient, route: tuple[str, str], bound: dict[str, str], free: dict[str, str]
) -> None:
    method, path = route[0], re.sub(r"\{[^}]*\}", "1", route[1])
    response = service.request(method, path, headers=bound)
    assert response.status_code == 403
    assert response.json()["error"]["code"] in {"key_is_bound", "role_too_small"}
    assert not SECRET.search(response.text)
    if route in NOT_FOR_BOUND_KEYS:
        assert service.request(method, path, headers=free).status_code == 200


@pytest.mark.parametrize("route", sorted(EVERYBODY), ids=lambda route: " ".join(route))
def test_what_everybody_gets_tells_of_no_article(service: TestClient, route: tuple[str, str]) -> None:
    path = "/static/style.css" if route[1] == "/static" else route[1]
    response = service.request(route[0], path)
    assert response.status_code == {"/admin/enter": 422, "/logo": 404}.get(route[1], 200)
    assert not SECRET.search(response.text)


@pytest.mark.parametrize(
    "route", sorted(ASKING.keys() | NOT_FOR_BOUND_KEYS | CHANGES | MANAGING), ids=lambda route: " ".join(route)
)
def test_without_a_key_nothing_is_told(service: TestClient, route: tuple[str, str]) -> None:
    response = service.request(route[0], re.sub(r"\{[^}]*\}", "heron-1", route[1]))
    assert response.status_code == 401
    assert response.headers["www-authenticate"]
    assert "heron-1" not in response.text.replace("/heron-1", "")
