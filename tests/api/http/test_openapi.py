"""The description of the service is complete and self-contained."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http import examples

METHODS = {"get", "post", "put", "delete", "patch"}


@pytest.fixture(scope="module")
def description(client: TestClient) -> dict[str, Any]:
    body: dict[str, Any] = client.get("/openapi.json").json()
    return body


def operations(description: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def resolved(description: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = description["components"]["schemas"][name] if name else schema
    return found


def test_every_route_is_there(description: dict[str, Any]) -> None:
    names = {name for name, _ in operations(description)}
    copies = {name for name in names if "/v1/collections/{collection}/" in name}
    assert names - copies == {
        "POST /v1/ask",
        "GET /v1/ask",
        "POST /v1/search",
        "POST /v1/check",
        "POST /v1/feedback",
        "GET /v1/articles",
        "GET /v1/articles/{article_id}",
        "POST /v1/articles",
        "PUT /v1/articles/{article_id}",
        "DELETE /v1/articles/{article_id}",
        "POST /v1/citations/verify",
        "GET /v1/index",
        "POST /v1/index/rebuild",
        "GET /v1/index/export",
        "GET /v1/index/versions",
        "POST /v1/index/rollback",
        "POST /v1/index/prune",
        "GET /v1/jobs",
        "GET /v1/sources",
        "GET /v1/jobs/{job_id}",
        "POST /v1/jobs/{job_id}/cancel",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
        "GET /v1/models",
        "GET /v1/models/{model}",
        "POST /v1/chat/completions",
        "POST /v1/responses",
        "POST /v1/messages",
        "POST /v1/ai-sdk/chat",
        "GET /v1/collections",
        "POST /v1/collections",
        "GET /v1/collections/{name}",
        "PATCH /v1/collections/{name}",
        "DELETE /v1/collections/{name}",
        "POST /v1/embeddings",
        "GET /v1/vector_stores",
        "GET /v1/vector_stores/{store}",
        "POST /v1/vector_stores/{store}/search",
        "POST /retrieval",
    }
    each = {name for name in names - copies if " /v1/" in name and " /v1/collections" not in name}
    assert copies == {name.replace(" /v1/", " /v1/collections/{collection}/") for name in each}


def test_every_route_has_an_example_and_a_description(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        assert operation["description"], name
        (status,) = operation["responses"].keys() & {"200", "201", "202"}
        successes = operation["responses"][status]["content"].values()
        assert successes, name
        assert all(success["example"] for success in successes), name
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert resolved(description, schema)["examples"], name


def test_every_error_is_described_as_a_problem(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        for status, response in operation["responses"].items():
            if status not in {"200", "201", "202", "304"}:
                assert list(response["content"]) == ["application/problem+json"], (name, status)
    assert "HTTPValidationError" not in description["components"]["schemas"]


def test_the_examples_of_requests_are_taken(client: TestClient, description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        changes = any(part in name for part in ("/articles", "/index", "/collections"))  # the session's must not change
        if "requestBody" not in operation or changes:
            continue
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        for example in resolved(description, schema)["examples"]:
            expected = 409 if name == "POST /v1/feedback" else 200  # no questions are kept here
            address = name.split()[1].format(store="pullquote")
            assert client.post(address, json=example).status_code == expected, name


def test_the_examples_of_responses_have_the_form_of_responses(client: TestClient, description: dict[str, Any]) -> None:
    asked = client.post("/v1/ask", json={"question": "Who is the NATO spokeswoman?"}).json()
    example = description["paths"]["/v1/ask"]["post"]["responses"]["200"]["content"]["application/json"]["example"]
    assert set(example) <= set(asked)
    assert set(example["answers"][0]) <= set(asked["answers"][0])
    assert set(example["answers"][0]["citations"][0]) <= set(asked["answers"][0]["citations"][0])
    citation = example["answers"][0]["citations"][0]
    start, end = citation["start"] - citation["quote_start"], citation["end"] - citation["quote_start"]
    assert citation["quote"][start:end] == example["answers"][0]["text"]


def test_the_example_of_a_citation_holds(client: TestClient) -> None:
    assert "<mark" in client.get(examples.CITATION["link"]).text
    assert "has changed" not in client.get(examples.CITATION["link"]).text
    assert client.post("/v1/citations/verify", json=examples.CITATION).json()["status"] == "found"
    assert client.get(f"/v1/articles/{examples.CITATION['article_id']}").json()["sha256"] == examples.CITATION["sha256"]


def test_the_example_of_an_attribution_holds(client: TestClient) -> None:
    answers = client.post("/v1/ask", json=examples.ASK).json()["answers"]
    example = examples.ANSWERS["answers"][0]
    assert answers[0]["attribution"] == example["attribution"] == example["citations"][0]["attribution"]["text"]
    assert answers[0]["citations"][0]["attribution"] == example["citations"][0]["attribution"]
