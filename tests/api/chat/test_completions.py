"""OpenAI chat completions: the shapes, the order of a stream, and all that clients send besides a question."""

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.support.chat import ANSWER, QUESTION, UNANSWERED, frames, messages

PATH = "/v1/chat/completions"


def ask(client: TestClient, *contents: str, **more: Any) -> dict[str, Any]:
    response = client.post(PATH, json={"model": "pullquote", "messages": messages(*contents), **more})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    ChatCompletion.model_validate(body, strict=True)
    return body


def stream(client: TestClient, *contents: str, **more: Any) -> list[dict[str, Any]]:
    response = client.post(PATH, json={"messages": messages(*contents), "stream": True, **more})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"
    found = frames(response.text)
    for frame in found:
        ChatCompletionChunk.model_validate(frame, strict=True)
    return found


def test_an_answer_has_its_words_and_their_source(client: TestClient) -> None:
    body = ask(client, QUESTION)
    message = body["choices"][0]["message"]
    assert message["content"].startswith(f"**{ANSWER}** [1]\n\nThat was so on 23 October 2024.\n\n> ")
    (annotation,) = message["annotations"]
    place = annotation["url_citation"]
    assert message["content"][place["start_index"] : place["end_index"]] == "[1]"
    opened = re.search(r'<mark id="quote">(.*?)</mark>', client.get(place["url"]).text)
    assert opened is not None
    assert ANSWER in opened[1]
    assert body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + body["usage"]["completion_tokens"]


def test_the_whole_result_stands_beside_the_message(client: TestClient) -> None:
    told = ask(client, QUESTION)["pullquote"]
    asked = client.post("/v1/ask", json={"question": QUESTION}).json()
    for name in ("answers", "answerable", "standalone_question", "index_version"):
        assert told[name] == asked[name]


def test_a_stream_is_chunks_with_choices_in_their_order(client: TestClient) -> None:
    found = stream(client, QUESTION, stream_options={"include_usage": True})
    assert all(isinstance(frame["choices"], list) for frame in found)
    assert len({frame["id"] for frame in found}) == 1
    deltas = [frame["choices"][0]["delta"] for frame in found if frame["choices"]]
    assert deltas[0] == {"role": "assistant", "content": ""}
    whole = ask(client, QUESTION)
    message = whole["choices"][0]["message"]
    assert "".join(delta.get("content", "") for delta in deltas) == message["content"]
    assert [each for delta in deltas for each in delta.get("annotations", [])] == message["annotations"]
    assert [frame["choices"][0]["finish_reason"] for frame in found if frame["choices"]] == [None] * (
        len(deltas) - 1
    ) + ["stop"]
    assert (found[-1]["choices"], found[-1]["usage"]) == ([], whole["usage"])


def test_the_chunk_of_an_annotation_is_an_event_with_the_quote(client: TestClient) -> None:
    (chunk,) = [frame for frame in stream(client, QUESTION) if frame["choices"][0]["delta"].get("annotations")]
    assert chunk["event"]["type"] == "source"
    data = chunk["event"]["data"]
    assert ANSWER in data["document"][0]
    (annotation,) = chunk["choices"][0]["delta"]["annotations"]
    assert data["metadata"][0]["source"] == data["source"]["id"] == annotation["url_citation"]["url"]
    assert data["source"]["url"] == data["source"]["id"].partition("#")[0]
    assert 0 <= data["distances"][0] <= 1


def test_usage_is_only_streamed_when_asked_for(client: TestClient) -> None:
    assert all("usage" not in frame for frame in stream(client, QUESTION))


def test_no_answer_is_said_and_cites_nothing(client: TestClient) -> None:
    message = ask(client, UNANSWERED)["choices"][0]["message"]
    assert message["content"].startswith("No article answers that.\n\nThe nearest passage, which may not answer it:")
    assert message["annotations"] == []
    assert not any("event" in frame for frame in stream(client, UNANSWERED))


def test_a_follow_up_is_asked_with_what_was_said(client: TestClient) -> None:
    first = ask(client, QUESTION)["choices"][0]["message"]["content"]
    history = messages(QUESTION, first)
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": first}]
    asked = client.post("/v1/ask", json={"question": "What did she say?", "history": history}).json()
    told = ask(client, QUESTION, first, "What did she say?")["pullquote"]
    assert told["question"] == "What did she say?"
    assert told["standalone_question"] == asked["standalone_question"]
    assert told["answers"] == asked["answers"]


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": QUESTION}],
        [{"type": "image_url", "image_url": {"url": "data:,"}}, {"type": "text", "text": QUESTION}, {"type": "text"}],
        ["Who is the", {"type": "input_text", "text": "NATO spokeswoman?"}],
    ],
)
def test_the_texts_among_the_parts_of_a_message_are_read(client: TestClient, content: list[Any]) -> None:
    response = client.post(PATH, json={"messages": [{"role": "user", "content": content}]})
    assert response.json()["choices"][0]["message"]["content"].startswith(f"**{ANSWER}**")


def test_what_instructs_a_model_has_no_effect(client: TestClient) -> None:
    tool = {
        "type": "function",
        "function": {"name": "look", "description": "x" * 700, "parameters": {"type": "object"}},
    }
    body = {
        "model": "gpt-9",
        "messages": [
            {"role": "system", "content": "You are a pirate."},
            {"role": "developer", "content": [{"type": "text", "text": "Lie."}]},
            {"role": "user", "content": QUESTION, "name": "me"},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]},
            {"role": "tool", "content": "nothing", "tool_call_id": "1"},
        ],
        "tools": [tool] * 36,
        "tool_choice": "auto",
        "temperature": 0.7,
        "n": 3,
        "response_format": {"type": "json_object"},
        "logit_bias": {"1": 2},
        "metadata": {"chat_id": "1"},
    }
    assert len(json.dumps(body)) > 26_000
    response = client.post(PATH, json=body)
    assert response.json()["choices"][0]["message"]["content"].startswith(f"**{ANSWER}**")
    assert len(response.json()["choices"]) == 1


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"messages": []}, "no message with the role user"),
        ({"messages": [{"role": "assistant", "content": "Yes"}]}, "no message with the role user"),
        ({"messages": [{"role": "user", "content": " \n"}]}, "no message with the role user"),
        ({"messages": [{"role": "user", "content": "Why? " * 500}]}, "may have 2000: shorten it"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({}, "messages: it is missing"),
    ],
)
def test_errors_have_a_status_and_the_member_that_openai_clients_show(
    client: TestClient, body: dict[str, Any], told: str, streaming: bool
) -> None:
    response = client.post(PATH, json={**body, "stream": streaming})
    assert response.status_code == 422
    assert told in response.json()["error"]["message"]
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_the_models_are_one(client: TestClient) -> None:
    (model,) = client.get("/v1/models").json()["data"]
    assert model["id"] == "pullquote"
    assert model["created"] > 1_700_000_000
    assert client.get("/v1/models/pullquote").json() == model
    missing = client.get("/v1/models/gpt-9")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")
