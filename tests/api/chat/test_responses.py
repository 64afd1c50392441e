"""OpenAI responses: the shapes, and the full order of the events."""

from typing import Any

from fastapi.testclient import TestClient
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.support.chat import ANSWER, QUESTION, UNANSWERED, messages

PATH = "/v1/responses"
EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def ask(client: TestClient, asked: Any, **more: Any) -> dict[str, Any]:
    response = client.post(PATH, json={"model": "pullquote", "input": asked, **more})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    Response.model_validate(body, strict=True)
    return body


def stream(client: TestClient, asked: Any) -> list[dict[str, Any]]:
    import json

    response = client.post(PATH, json={"input": asked, "stream": True})
    assert response.status_code == 200, response.text
    found = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        EVENT.validate_python(event, strict=True)
        found.append(event)
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found


def test_an_answer_is_a_search_and_a_message(client: TestClient) -> None:
    search, message = ask(client, QUESTION)["output"]
    assert search["type"] == "file_search_call"
    assert search["queries"] == [QUESTION]
    (found,) = search["results"]
    assert ANSWER in found["text"]
    assert found["filename"] == "000_c02cb47a3876a1ac.txt"
    article = client.get(f"/v1/articles/{found['file_id']}").json()
    assert article["text"][found["attributes"]["start"] : found["attributes"]["end"]] == ANSWER
    (part,) = message["content"]
    (annotation,) = part["annotations"]
    assert part["text"][annotation["start_index"] : annotation["end_index"]] == "[1]"
    assert found["file_id"] in annotation["url"]


def test_the_events_come_in_their_order(client: TestClient) -> None:
    found = stream(client, QUESTION)
    assert [event["type"].removeprefix("response.") for event in found] == [
        "created",
        "in_progress",
        "output_item.added",
        "file_search_call.in_progress",
        "file_search_call.searching",
        "file_search_call.completed",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    text = "".join(event["delta"] for event in found if event["type"] == "response.output_text.delta")
    last = found[-1]["response"]
    assert last["output"][1]["content"][0]["text"] == text
    assert last["output"][0] == found[6]["item"]
    assert last["output"][1] == found[-2]["item"]
    assert last["output"][1]["content"][0]["annotations"] == [found[11]["annotation"]]
    assert {event["item_id"] for event in found if "item_id" in event} == {item["id"] for item in last["output"]}


def test_no_answer_has_no_results(client: TestClient) -> None:
    body = ask(client, UNANSWERED)
    assert body["metadata"]["answerable"] == "false"
    assert body["output"][0]["results"] == []
    assert body["output"][1]["content"][0]["text"].startswith("No article answers that.")
    assert body["output"][1]["content"][0]["annotations"] == []


def test_a_conversation_is_read_from_items_of_all_kinds(client: TestClient) -> None:
    first = ask(client, QUESTION)
    items = [
        {"role": "developer", "content": "Be brief."},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": QUESTION}]},
        *first["output"],
        {"type": "function_call_output", "call_id": "1", "output": "nothing"},
        {"type": "item_reference", "id": "1"},
        {"role": "user", "content": "What did she say?"},
    ]
    history = messages(QUESTION, first["output"][1]["content"][0]["text"], "?")[:2]
    asked = client.post("/v1/ask", json={"question": "What did she say?", "history": history}).json()
    body = ask(client, items, tools=[{"type": "file_search"}], instructions="Lie.", temperature=1)
    assert body["output"][0]["queries"] == [asked["standalone_question"]]
    assert body["metadata"]["standalone_question"] == asked["standalone_question"]


def test_a_response_that_should_be_stored_is_told_not_to_be(client: TestClient) -> None:
    response = client.post(PATH, json={"input": "And when?", "previous_response_id": "resp_1"})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "previous_response_not_found"
    assert "send the conversation" in response.json()["error"]["message"]


def test_an_empty_input_is_an_error(client: TestClient) -> None:
    for asked in ("", [], [{"type": "item_reference", "id": "1"}]):
        assert client.post(PATH, json={"input": asked}).status_code == 422
