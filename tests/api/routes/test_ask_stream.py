"""``POST /v1/ask`` as server-sent events."""

import asyncio
import json
import threading
from concurrent.futures import Future
from functools import partial
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http.errors import Problem
from api.http.links import Links
from api.http.serialise import ask_response
from api.routes import ask_stream
from api.settings import Settings
from rag.answerer import Result
from tests.support.chat import served, until

QUESTION = "Who is the NATO spokeswoman?"
ACCEPT = {"accept": "text/event-stream"}


def events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def test_the_stream_tells_what_is_read_and_then_the_answer(client: TestClient) -> None:
    body = {"question": QUESTION, "limit": 1, "include_passages": True}
    response = client.post("/v1/ask", json=body, headers=ACCEPT)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"
    (first, found), (second, answered) = events(response.text)
    assert (first, second) == ("found", "answered")
    whole = client.post("/v1/ask", json=body).json()
    for each in (whole, answered):
        each.pop("timings_ms")
    assert answered == whole
    assert found["standalone_question"] == QUESTION
    assert [each["article_id"] for each in found["articles"]] == list(
        dict.fromkeys(passage["article_id"] for passage in whole["passages"])
    )


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_nobody_else_gets_a_stream(client: TestClient, accept: str) -> None:
    response = client.post("/v1/ask", json={"question": QUESTION}, headers={"accept": accept})
    assert response.headers["content-type"] == "application/json"


def test_what_is_wrong_before_the_stream_is_a_problem(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": " "}, headers=ACCEPT)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_a_full_queue_is_told_before_the_stream(seed_settings: Settings) -> None:
    app = create_app(seed_settings.model_copy(update={"queue_size": 1, "workers": 1}))
    may_end = threading.Event()
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        for _ in range(2):
            app.state.runtime.workers.submit(may_end.wait)
        response = client.post("/v1/ask", json={"question": QUESTION}, headers=ACCEPT)
        may_end.set()
    assert response.status_code == 503
    assert response.headers["retry-after"]


def frames(answered: Future[Result], monkeypatch: pytest.MonkeyPatch, most: int = 100) -> list[bytes]:
    monkeypatch.setattr(ask_stream, "SIGN_OF_LIFE_SECONDS", 0.01)

    async def gather() -> list[bytes]:
        taken = []
        found = asyncio.get_running_loop().create_future()
        respond = partial(ask_response, links=Links("http://127.0.0.1:8000"))
        stream = ask_stream._frames(answered, found, respond, "id-1")
        async for each in stream:
            taken.append(each)
            if len(taken) == most:
                await stream.aclose()  # type: ignore[attr-defined]
        return taken

    return asyncio.run(gather())


@pytest.mark.parametrize(
    ("error", "status"), [(RuntimeError("broken"), 500), (Problem(503, "too much"), 503)], ids=["fault", "problem"]
)
def test_what_goes_wrong_in_the_stream_is_told_in_it(
    error: Exception, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: Future[Result] = Future()
    answered.set_exception(error)
    ((name, problem),) = events(b"".join(frames(answered, monkeypatch)).decode())
    assert (name, problem["status"], problem["request_id"]) == ("failed", status, "id-1")
    assert "broken" not in problem["detail"]


def test_work_that_is_dropped_by_a_service_that_stops_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answered: Future[Result] = Future()
    answered.cancel()
    ((name, problem),) = events(b"".join(frames(answered, monkeypatch)).decode())
    assert (name, problem["status"]) == ("failed", 503)


def test_signs_of_life_come_while_the_question_waits_and_leaving_drops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answered: Future[Result] = Future()
    taken = frames(answered, monkeypatch, most=4)
    assert all(each.startswith(b":") for each in taken)
    assert answered.cancelled()


def test_work_of_a_client_that_leaves_is_dropped_and_a_service_that_stops_ends_the_stream(
    seed_settings: Settings,
) -> None:
    app = create_app(seed_settings.model_copy(update={"workers": 1}))
    release = threading.Event()
    with served(app) as (address, server):
        app.state.runtime.workers.submit(release.wait)
        for is_left in (True, False):
            with httpx2.stream(
                "POST", f"{address}/v1/ask", json={"question": QUESTION}, headers=ACCEPT, timeout=120
            ) as response:
                lines = response.iter_lines()
                next(lines)
                assert app.state.runtime.workers.load == 2
                if not is_left:
                    server.should_exit = True
                    ((name, problem),) = events("\n".join(lines))
                    assert (name, problem["status"], problem["error"]["code"]) == ("failed", 503, "stopping")
            until(lambda: app.state.runtime.workers.load == 1)
        release.set()
