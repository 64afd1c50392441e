"""Search, articles, citations, index and health."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from index.storage.snapshot import Snapshot


def test_search_gives_ranked_passages(articles_client: TestClient) -> None:
    body = articles_client.post("/v1/search", json={"question": "storm damage claims", "limit": 5}).json()
    assert len(body["passages"]) == 5
    scores = [passage["score"] for passage in body["passages"]]
    assert scores == sorted(scores, reverse=True)
    for passage in body["passages"]:
        article = articles_client.get(f"/v1/articles/{passage['article_id']}").json()
        assert article["text"][passage["start"] : passage["end"]] == passage["text"]


@pytest.mark.parametrize("name", ["query", "q"])
@pytest.mark.parametrize("path", ["/v1/search", "/v1/ask"])
def test_a_question_may_be_called_a_query(articles_client: TestClient, path: str, name: str) -> None:
    words = "Who is the harbour master?"
    assert articles_client.post(path, json={name: words}).json()["question"] == words
    told = articles_client.post(path, json={"words": words}).json()["detail"]
    assert "question: it is missing" in told or "question" in told
    assert articles_client.post(path, json={"question": words, name: "other"}).status_code == 422


def test_search_obeys_filters(articles_client: TestClient) -> None:
    request = {"question": "storm", "filters": {"tags": ["insurance"]}}
    found = articles_client.post("/v1/search", json=request).json()["passages"]
    assert {passage["article_id"] for passage in found} == {"wire-001"}


@pytest.mark.parametrize("body", [{"question": " "}, {"question": "x", "limit": 0}, {"question": "x", "history": []}])
def test_search_refuses(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/v1/search", json=body).status_code == 422


def test_articles_come_in_pages(articles_client: TestClient, articles_snapshot: Snapshot) -> None:
    seen: list[str] = []
    cursor = None
    for _ in range(100):
        page = articles_client.get("/v1/articles", params={"limit": 5, **({"cursor": cursor} if cursor else {})}).json()
        assert len(page["articles"]) <= 5
        seen += [article["id"] for article in page["articles"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(set(seen))
    assert len(seen) == articles_snapshot.manifest.articles


def test_a_page_that_is_exactly_full_is_the_last(articles_client: TestClient, articles_snapshot: Snapshot) -> None:
    page = articles_client.get("/v1/articles", params={"limit": articles_snapshot.manifest.articles}).json()
    assert page["next_cursor"] is None


def test_articles_are_filtered(articles_client: TestClient) -> None:
    query = {"sources": "brennick wire service", "published_from": "2023-01-01"}
    page = articles_client.get("/v1/articles", params=query).json()
    assert [article["id"] for article in page["articles"]] == ["wire-001", "wire-003"]
    assert "text" not in page["articles"][0]


@pytest.mark.parametrize("cursor", ["x", "!!", "%00", "a" * 401, "Li4vLi4", "/wAA", "é"])
def test_a_made_up_cursor_is_refused(articles_client: TestClient, cursor: str) -> None:
    response = articles_client.get("/v1/articles", params={"cursor": cursor})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "sort=title", "published_from=x"])
def test_a_bad_list_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/articles?{query}").status_code == 422


def test_an_article_has_text_blocks_and_metadata(client: TestClient) -> None:
    listed = client.get("/v1/articles").json()["articles"][0]
    article = client.get(f"/v1/articles/{listed['id']}").json()
    assert {name: article[name] for name in listed} == listed
    assert article["title"] == "U.S. Officials Confirm North Korea Sent Troops to Russia"
    assert article["characters"] == len(article["text"])
    first = article["blocks"][0]
    assert article["text"][first["start"] : first["end"]].startswith("A senior U.S. official confirmed Wednesday")


@pytest.mark.parametrize("article_id", ["no-such-article", "%00", "..%2f", "'; DROP TABLE articles", "a" * 3000])
def test_an_unknown_article_is_not_found(client: TestClient, article_id: str) -> None:
    response = client.get(f"/v1/articles/{article_id}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.fixture
def citation(client: TestClient) -> dict[str, Any]:
    answers = client.post("/v1/ask", json={"question": "Who is the NATO spokeswoman?"}).json()["answers"]
    found: dict[str, Any] = answers[0]["citations"][0]
    return found


def verify(client: TestClient, citation: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/v1/citations/verify", json={"citation": citation})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_a_citation_is_found_where_it_says(client: TestClient, citation: dict[str, Any]) -> None:
    same = {name: citation[name] for name in ("start", "end", "quote_start", "quote_end", "quote")}
    answer = citation["quote"][citation["start"] - citation["quote_start"] :][: citation["end"] - citation["start"]]
    assert verify(client, citation) == {"status": "found", **same, "text": answer, "similarity": 1.0}


def test_a_citation_may_be_sent_bare(client: TestClient, citation: dict[str, Any]) -> None:
    assert client.post("/v1/citations/verify", json=citation).json()["status"] == "found"


def test_a_citation_is_found_again_elsewhere(client: TestClient, citation: dict[str, Any]) -> None:
    earlier = {**citation, **{name: citation[name] - 40 for name in ("start", "end", "quote_start", "quote_end")}}
    body = verify(client, earlier)
    assert body["status"] == "moved"
    assert (body["start"], body["quote_start"]) == (citation["start"], citation["quote_start"])


def test_what_is_not_said_any_more_is_changed_or_gone(client: TestClient, citation: dict[str, Any]) -> None:
    other = {**citation, "quote": citation["quote"].replace("military", "alliance")}
    body = verify(client, other)
    assert (body["status"], body["start"], body["quote"]) == ("changed", citation["start"], citation["quote"])
    assert 0.8 < body["similarity"] < 1
    nothing = dict.fromkeys(("start", "end", "text", "quote_start", "quote_end", "quote", "similarity"))
    other = {**citation, "quote": "x" * len(citation["quote"]), "prefix": ""}
    assert verify(client, other) == {"status": "gone", **nothing}
    assert verify(client, {**citation, "article_id": "no-such-article"}) == {"status": "gone", **nothing}


@pytest.mark.parametrize(
    "change",
    [
        {"quote": ""},
        {"start": -1},
        {"start": "x"},
        {"start": 2**53},
        {"end": 0},
        {"end": 10**40},
        {"quote_start": 2**53 - 1},
        {"quote_start": 0},
        {"quote_end": 0},
        {"quote_end": -1},
        {"page": 2**53},
        {"article_id": ""},
        {"colour": 1},
        {"published": "soon"},
    ],
)
def test_a_bad_citation_is_refused(client: TestClient, citation: dict[str, Any], change: dict[str, Any]) -> None:
    response = client.post("/v1/citations/verify", json={"citation": {**citation, **change}})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == f"citation.{next(iter(change))}"


@pytest.mark.parametrize(("name", "shift"), [("end", "start"), ("quote_start", "start"), ("quote_end", "quote_start")])
def test_the_places_of_a_citation_agree(client: TestClient, citation: dict[str, Any], name: str, shift: str) -> None:
    change = {name: citation[shift] + (name == "quote_start")}
    response = client.post("/v1/citations/verify", json={"citation": {**citation, **change}})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == f"citation.{name}"


def test_the_index_tells_about_itself(client: TestClient, seed_snapshot: Snapshot) -> None:
    body = client.get("/v1/index").json()
    assert body["version"] == seed_snapshot.version
    assert (body["articles"], body["passages"]) == (1, seed_snapshot.manifest.passages)
    assert body["size_bytes"] > 10_000
    assert body["models"]["embedder"]["dimension"] == 384
    assert body["models"]["reader"]["precision"] == "int8"
    assert body["facets"]["authors"] == ["AFP"]


def test_health(client: TestClient, seed_snapshot: Snapshot) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "index_version": seed_snapshot.version}
    head = client.head("/healthz")
    assert (head.status_code, head.content) == (200, b"")
