"""A key that is bound to some articles learns nothing of the others, by whatever route or dialect it asks.

Two audiences share one index. The words of the second, which the first must never see, are in titles, texts, tags,
names of files, publishers and authors. Every route of the application has its requests here: one that is added and not
classified fails the test.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.access.keys import KeyStore
from api.app import create_app
from api.chat.mcp_tools import TOOLS
from api.settings import load_settings
from index.collection.jobs import Jobs
from index.collection.store import Collection
from tests.conftest import HERE, DataDir
from tests.support.routes import every_route

OURS = [
    {
        "id": "heron-1",
        "title": "Heronport has a new harbour master",
        "text": "Harbour master Ada Finch said that the port ships 1,200 tonnes of salt a year.",
        "tags": ["heron"],
        "source": "Heron Herald",
        "authors": ["Hera Hale"],
    },
    {
        "id": "heron-2",
        "title": "The lamp of Heronport",
        "text": "Lighthouse keeper Clara Wick lit the new lamp on Friday.",
        "tags": ["heron"],
        "source": "Heron Herald",
    },
]
THEIRS = [
    {
        "id": "badger-1",
        "title": "Badgerton has a new harbour master",
        "text": "Harbour master Bruno Quarr said that the port ships 9,800 tonnes of salt a year. Nine were fined.",
        "tags": ["badger"],
        "source": "Badger Bugle",
        "authors": ["Bram Burrow"],
    },
    {**OURS[1], "id": "badger-2", "title": "A badger saw the lamp", "tags": ["badger"], "source": "Badger Bugle"},
    {"id": "zz-badger", "title": "Bruno Quarr is fined", "text": "Bruno Quarr paid 9,800 crowns.", "tags": ["badger"]},
]
SECRET = re.compile("badger|bruno|quarr|9,800|bugle|burrow|nine were", re.IGNORECASE)
QUESTIONS = ["Who is the harbour master?", "How much salt does the port ship?", "Who lit the lamp?", "Who was fined?"]
CITATION = {"article_id": "badger-1", "start": 15, "end": 20, "quote": THEIRS[0]["text"][:79], "quote_start": 0}  # type: ignore[index]

EVERYBODY = {
    ("GET", "/openapi.json"),
    ("HEAD", "/openapi.json"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/widget.js"),
    ("GET", "/static"),
}
NOT_FOR_BOUND_KEYS = {
    ("GET", "/v1/index/versions"),
    ("GET", "/v1/jobs"),
    ("GET", "/v1/jobs/{job_id}"),
    ("GET", "/metrics"),
}
CHANGES = {
    ("POST", "/v1/articles"),
    ("PUT", "/v1/articles/{article_id}"),
    ("DELETE", "/v1/articles/{article_id}"),
    ("POST", "/v1/index/rebuild"),
    ("POST", "/v1/index/rollback"),
    ("POST", "/v1/index/prune"),
    ("GET", "/v1/index/export"),
    ("POST", "/v1/jobs/{job_id}/cancel"),
}
Asked = tuple[str, dict[str, Any]]


def chats(question: str) -> list[dict[str, Any]]:
    message = [{"role": "user", "content": question}]
    return [{"messages": message}, {"messages": message, "stream": True}]


def calls(method: str, *params: dict[str, Any]) -> list[Asked]:
    headers = {"accept": "application/json, text/event-stream"}
    return [
        ("/mcp", {"json": {"jsonrpc": "2.0", "id": 1, "method": method, "params": each}, "headers": headers})
        for each in params
    ]


def tools() -> list[dict[str, Any]]:
    arguments: dict[str, list[dict[str, Any]]] = {
        "ask": [{"question": question, "limit": 10, "include_passages": True} for question in QUESTIONS],
        "search": [{"question": question, "limit": 20} for question in QUESTIONS],
        "get_article": [{"article_id": article} for article in ("badger-1", "badger-2", "heron-2")],
        "verify_citation": [{"citation": CITATION}],
    }
    assert arguments.keys() == TOOLS.keys(), "a tool is not classified"
    return [{"name": name, "arguments": each} for name, every in arguments.items() for each in every]


def filters(question: str) -> list[dict[str, Any]]:
    """Questions that try to get out of what a key is bound to by filters of their own."""
    wide = {"question": question, "limit": 20, "min_confidence": 0.0, "include_passages": True}
    return [
        wide,
        {**wide, "filters": {"tags": ["badger"]}},
        {**wide, "filters": {"tags": ["heron", "badger"], "sources": ["Badger Bugle", "Heron Herald"]}},
        {**wide, "filters": {"article_ids": ["badger-1", "badger-2", "zz-badger"]}},
    ]


def search(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("question", "limit", "filters") if name in body}


ASKING: dict[tuple[str, str], list[Asked]] = {
    ("POST", "/v1/ask"): [
        ("/v1/ask", {"json": body, "headers": headers})
        for question in QUESTIONS
        for body in filters(question)
        for headers in ({}, {"accept": "text/event-stream"})
    ],
    ("GET", "/v1/ask"): [("/v1/ask", {"params": {"q": question, "limit": 9}}) for question in QUESTIONS],
    ("POST", "/v1/search"): [
        ("/v1/search", {"json": search(body)}) for question in QUESTIONS for body in filters(question)
    ],
    ("GET", "/v1/articles"): [
        ("/v1/articles", {}),
        ("/v1/articles", {"params": {"limit": 1}}),
        ("/v1/articles", {"params": {"tags": "badger"}}),
    ],
    ("GET", "/v1/articles/{article_id}"): [
        (f"/v1/articles/{article}", {}) for article in ("badger-1", "badger-2", "heron-2")
    ],
    ("POST", "/v1/citations/verify"): [("/v1/citations/verify", {"json": {"citation": CITATION}})],
    ("GET", "/v1/index"): [("/v1/index", {})],
    ("GET", "/v1/models"): [("/v1/models", {})],
    ("GET", "/v1/models/{model}"): [("/v1/models/pullquote", {})],
    ("POST", "/v1/chat/completions"): [
        ("/v1/chat/completions", {"json": body}) for question in QUESTIONS for body in chats(question)
    ],
    ("POST", "/v1/responses"): [
        ("/v1/responses", {"json": {"input": question, "stream": stream}})
        for question in QUESTIONS
        for stream in (False, True)
    ],
    ("POST", "/v1/ai-sdk/chat"): [("/v1/ai-sdk/chat", {"json": chats(question)[0]}) for question in QUESTIONS],
    ("POST", "/mcp"): [
        *calls("tools/list", {}),
        *calls("tools/call", *tools()),
        *calls("resources/list", {}),
        *calls("resources/templates/list", {}),
        *calls("resources/read", *({"uri": f"pullquote://articles/{each}"} for each in ("badger-1", "heron-2"))),
    ],
    ("GET", "/"): [
        ("/", {}),
        *(("/", {"params": {"q": question, "limit": 9}}) for question in QUESTIONS),
        ("/", {"params": {"article_ids": "badger-1"}}),
    ],
    ("GET", "/follow-ups"): [("/follow-ups", {"params": {"q": question}}) for question in QUESTIONS],
    ("GET", "/chat"): [("/chat", {})],
    ("GET", "/docs"): [("/docs", {})],
    ("GET", "/articles/{article_id}"): [
        (f"/articles/{article}", {}) for article in ("heron-1", "heron-2", "badger-1", "badger-2")
    ],
}


@pytest.fixture(scope="module")
def data_dir(make_data_dir: DataDir, tmp_path_factory: pytest.TempPathFactory) -> Path:
    wire = tmp_path_factory.mktemp("wire") / "wire.jsonl"
    wire.write_text("".join(json.dumps(each) + "\n" for each in (*OURS, *THEIRS)))
    folder = make_data_dir(wire)
    collection = Collection(folder)
    with collection.transaction() as connection:
        Jobs(collection).ask(connection, 1e6, 1e6)
    return folder


@pytest.fixture(scope="module")
def service(data_dir: Path) -> Iterator[TestClient]:
    settings = load_settings(data_dir=data_dir, threads=1, public_ask=False, build_delay=1e6, build_delay_most=1e6)
    with TestClient(create_app(settings), base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module", params=[{"tags": ["Heron"]}, {"sources": ["heron herald"]}], ids=["tag", "source"])
def bound(request: pytest.FixtureRequest, data_dir: Path) -> dict[str, str]:
    return bearer(KeyStore(data_dir).create("bound", **request.param)[1])


@pytest.fixture(scope="module")
def free(data_dir: Path) -> dict[str, str]:
    return bearer(KeyStore(data_dir).create("free")[1])


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def said(client: TestClient, route: tuple[str, str], key: dict[str, str]) -> list[str]:
    """What the requests of a route get: the head and the body of each response."""
    texts = []
    for path, given in ASKING[route]:
        asked = {**given, "headers": {**given.get("headers", {}), **key}}
        response = client.request(route[0], path, **asked)
        assert response.status_code in {200, 404}, (path, given, response.text)
        texts.append(f"{response.headers} {response.text}")
    return texts


def without_echo(text: str) -> str:
    """Ids that were asked for stand in messages that there is no such article."""
    return re.sub(r"there is no article '[a-z0-9-]+'|pullquote://articles/badger-\d|value=\"badger-1\"", "", text)


def test_every_route_is_classified(service: TestClient) -> None:
    routes = set(every_route(service.app))  # type: ignore[arg-type]
    assert routes == EVERYBODY | NOT_FOR_BOUND_KEYS | CHANGES | ASKING.keys()


@pytest.mark.parametrize("route", ASKING, ids=lambda route: " ".join(route))
def test_a_bound_key_learns_nothing_of_other_articles(
    service: TestClient, route: tuple[str, str], bound: dict[str, str]
) -> None:
    for text in said(service, route, bound):
        assert not SECRET.findall(without_echo(text)), text


def test_these_requests_would_find_what_is_hidden(service: TestClient, free: dict[str, str]) -> None:
    telling = [route for route in ASKING if any(map(SECRET.search, map(without_echo, said(service, route, free))))]
    silent = {("GET", "/v1/models"), ("GET", "/v1/models/{model}"), ("GET", "/chat"), ("GET", "/docs")}
    silent |= {("POST", "/v1/citations/verify"), ("GET", "/follow-ups")}
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


@pytest.mark.parametrize("route", sorted(NOT_FOR_BOUND_KEYS | CHANGES), ids=lambda route: " ".join(route))
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
    assert response.status_code == 200
    assert not SECRET.search(response.text)


@pytest.mark.parametrize(
    "route", sorted(ASKING.keys() | NOT_FOR_BOUND_KEYS | CHANGES), ids=lambda route: " ".join(route)
)
def test_without_a_key_nothing_is_told(service: TestClient, route: tuple[str, str]) -> None:
    response = service.request(route[0], re.sub(r"\{[^}]*\}", "heron-1", route[1]))
    assert response.status_code == 401
    assert response.headers["www-authenticate"]
    assert "heron-1" not in response.text.replace("/heron-1", "")
