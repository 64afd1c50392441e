"""Dify's external knowledge: the shapes that its documentation has."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.support.chat import QUESTION

ASKED: dict[str, Any] = {
    "knowledge_id": "any",
    "query": QUESTION,
    "retrieval_setting": {"top_k": 2, "score_threshold": 0.0},
}


def retrieve(client: TestClient, **more: Any) -> list[dict[str, Any]]:
    response = client.post("/retrieval", json={**ASKED, **more}, headers={"authorization": "Bearer none"})
    assert response.status_code == 200, response.text
    records: list[dict[str, Any]] = response.json()["records"]
    return records


def test_records_have_what_dify_reads(client: TestClient) -> None:
    first, second = retrieve(client)
    assert 1 >= first["score"] >= second["score"] >= 0
    assert first["title"] == "U.S. Officials Confirm North Korea Sent Troops to Russia"
    place = first["metadata"]
    article = client.get(f"/v1/articles/{place['article_id']}").json()
    assert article["text"][place["start"] : place["end"]] == first["content"]
    assert place["page"].endswith(f"/articles/{article['id']}")
    assert place["author"] == "AFP"


def test_a_threshold_and_conditions_hold_back(client: TestClient) -> None:
    first, second = retrieve(client)
    assert first["score"] > second["score"]
    kept = retrieve(client, retrieval_setting={"top_k": 5, "score_threshold": first["score"]})
    assert [each["content"] for each in kept] == [first["content"]]

    def by(author: str) -> dict[str, Any]:
        condition = {"name": ["author"], "comparison_operator": "is", "value": author}
        return {"logical_operator": "and", "conditions": [condition]}

    assert retrieve(client, metadata_condition=by("afp"))
    assert retrieve(client, metadata_condition=by("nobody")) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"query": "  "}, "query: it is empty"),
        ({"retrieval_setting": {"top_k": 0}}, "top_k"),
        (
            {"metadata_condition": {"conditions": [{"name": "size", "comparison_operator": ">", "value": "3"}]}},
            "'>' on 'size' is not possible: take is or in on source, author, tag, article_id",
        ),
        (
            {
                "metadata_condition": {
                    "logical_operator": "or",
                    "conditions": [
                        {"name": "tag", "comparison_operator": "is", "value": "a"},
                        {"name": "author", "comparison_operator": "is", "value": "b"},
                    ],
                }
            },
            "joined with and",
        ),
    ],
)
def test_what_can_not_be_is_refused_with_what_can(client: TestClient, more: dict[str, Any], why: str) -> None:
    response = client.post("/retrieval", json={**ASKED, **more})
    assert response.status_code == 422
    assert why in response.json()["detail"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (
            {"metadata_condition": {"conditions": [{"name": "tag", "comparison_operator": "is", "value": "\ud800"}]}},
            200,
        ),
        (
            {
                "metadata_condition": {
                    "conditions": [{"name": "tag", "comparison_operator": "in", "value": ["x"] * 101}]
                }
            },
            422,
        ),
        ({"knowledge_id": "pullquote/\ud800"}, 404),
    ],
)
def test_what_is_no_text_and_what_is_too_much_is_foreseen(
    client: TestClient, more: dict[str, Any], status: int
) -> None:
    headers = {"content-type": "application/json"}
    assert client.post("/retrieval", content=json.dumps({**ASKED, **more}), headers=headers).status_code == status
