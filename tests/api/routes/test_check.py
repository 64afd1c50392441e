"""``POST /v1/check``: sentences with their places, statuses and citations; and what can't be checked."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.requests import MAX_CHECKED
from rag.checking.statements import MOST_STATEMENTS

TEXT = "The ferry can carry 240 passengers. Oslo has an opera."


@pytest.mark.parametrize("path", ["/v1/check", "/v1/collections/default/check"])
def test_a_text_is_checked(articles_client: TestClient, path: str) -> None:
    body = articles_client.post(path, json={"text": TEXT}).json()
    assert [TEXT[each["start"] : each["end"]] for each in body["sentences"]] == [
        each["text"] for each in body["sentences"]
    ]
    assert body["counts"] == {"supported": 0, "contradicted": 1, "not_found": 1}
    citation = body["sentences"][0]["citations"][0]
    assert articles_client.post("/v1/citations/verify", json={"citation": citation}).json()["status"] == "found"
    assert articles_client.get(citation["link"]).status_code == 200


def test_filters_are_obeyed(articles_client: TestClient) -> None:
    request = {"text": TEXT, "filters": {"tags": ["insurance"]}}
    found = articles_client.post("/v1/check", json=request).json()["sentences"]
    assert {citation["article_id"] for each in found for citation in each["citations"]} <= {"wire-001"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"text": " \n… 12"}, "it has no sentence"),
        ({"text": "It rains. " * (MOST_STATEMENTS + 1)}, "check it in parts"),
        ({"text": "a" * (MAX_CHECKED + 1)}, "check it in parts"),
        ({}, "missing"),
        ({"text": "It rains.", "question": "?"}, "question"),
    ],
)
def test_what_can_not_be_checked_is_told(client: TestClient, body: dict[str, Any], told: str) -> None:
    answer = client.post("/v1/check", json=body)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
