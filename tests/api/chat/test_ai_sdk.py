"""The UI message stream of the AI SDK: the parts, their order, and offsets in JavaScript's units."""

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.chat.ai_sdk import UIMessage, utf16_length
from api.chat.message import compose
from api.http.links import Links
from rag.answerer import Answerer
from rag.question import Question
from tests.support.chat import ANSWER, QUESTION, UNANSWERED, frames, in_javascript, ui_messages

PATH = "/v1/ai-sdk/chat"


def stream(client: TestClient, *contents: str) -> list[dict[str, Any]]:
    body = {"id": "chat", "messages": ui_messages(*contents), "trigger": "submit-message"}
    response = client.post(PATH, json=body)
    assert response.status_code == 200, response.text
    assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert response.headers["content-type"].startswith("text/event-stream")
    return frames(response.text)


def text_of(parts: list[dict[str, Any]]) -> str:
    return "".join(part["delta"] for part in parts if part["type"] == "text-delta")


def test_the_parts_come_in_their_order(client: TestClient) -> None:
    parts = stream(client, QUESTION)
    assert [part["type"] for part in parts] == [
        "start",
        "start-step",
        "text-start",
        "text-delta",
        "text-delta",
        "text-end",
        "source-url",
        "source-document",
        "data-citation",
        "finish-step",
        "finish",
    ]
    assert len({part["id"] for part in parts if part["type"].startswith("text")}) == 1
    sources = [part["sourceId"] for part in parts if "sourceId" in part]
    assert len(set(sources)) == len(sources)


def test_a_citation_has_the_quote_and_its_places(client: TestClient) -> None:
    parts = {part["type"]: part for part in stream(client, QUESTION)}
    text = text_of(stream(client, QUESTION))
    citation = parts["data-citation"]["data"]
    assert citation["answer"] == ANSWER
    assert in_javascript(text, citation["text_start"], citation["text_end"]) == "[1]"
    article = client.get(f"/v1/articles/{citation['article_id']}").json()
    assert article["text"][citation["start"] : citation["end"]] == ANSWER
    assert article["text"][citation["quote_start"] : citation["quote_end"]] == citation["quote"]
    assert parts["source-url"]["url"] == citation["link"]
    assert parts["source-document"]["mediaType"] == "text/plain"
    assert parts["source-document"]["filename"] == "000_c02cb47a3876a1ac.txt"


def test_places_in_the_text_count_utf_16(seed_answerer: Answerer) -> None:
    result = seed_answerer.ask(Question(QUESTION))
    said = replace(result.answers[0], text="😀 Farah 𝔇akhlallah")
    message = compose(replace(result, answers=(said,)), Links())
    parts = frames(b"".join(UIMessage().answer(message)).decode())
    (citation,) = [part["data"] for part in parts if part["type"] == "data-citation"]
    assert in_javascript(message.text, citation["text_start"], citation["text_end"]) == "[1]"
    assert message.text[citation["text_start"] : citation["text_end"]] != "[1]"
    assert utf16_length("a😀") == 3


def test_no_answer_has_no_sources(client: TestClient) -> None:
    parts = stream(client, UNANSWERED)
    assert not {part["type"] for part in parts} & {"source-url", "source-document", "data-citation"}
    assert text_of(parts).startswith("No article answers that.")
    assert parts[-1]["messageMetadata"]["answerable"] is False


def test_the_question_that_was_understood_is_told(client: TestClient) -> None:
    first = text_of(stream(client, QUESTION))
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": first}]
    asked = client.post("/v1/ask", json={"question": "What did she say?", "history": history}).json()
    metadata = stream(client, QUESTION, first, "What did she say?")[-1]["messageMetadata"]
    assert metadata["question"] == "What did she say?"
    assert metadata["standalone_question"] == asked["standalone_question"]


@pytest.mark.parametrize("messages", [[], [{"role": "user", "parts": [{"type": "file", "url": "data:,"}]}]])
def test_a_conversation_without_a_question_is_an_error(client: TestClient, messages: list[Any]) -> None:
    response = client.post(PATH, json={"messages": messages})
    assert response.status_code == 422
    assert "role user" in response.json()["detail"]
