"""The queue in front of the models: its end, and what happens when clients leave."""

import asyncio
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.types import Message

from api.app import create_app
from api.http.errors import Problem
from api.http.examples import CITATION
from api.runtime.workers import ClientGoneError, Workers
from api.settings import load_settings


def request_that_leaves(departure: asyncio.Event) -> Request:
    async def receive() -> Message:
        await departure.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


def until_released(begun: threading.Event, release: threading.Event) -> bool:
    """Work that tells when it has begun, and ends when it is let go."""
    begun.set()
    return release.wait(60)


def test_a_full_queue_answers_503_and_says_when_to_come_again(seed_data: Path) -> None:
    app = create_app(load_settings(data_dir=seed_data, queue_size=1, workers=1))
    release = threading.Event()
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        running, waiting = (
            app.state.runtime.workers.submit(release.wait),
            app.state.runtime.workers.submit(release.wait),
        )
        try:
            responses = [
                client.post("/v1/ask", json={"question": "Who?"}),
                client.get("/v1/ask?q=Who%3F"),
                client.post("/v1/search", json={"question": "Who?"}),
                client.get("/?q=Who%3F"),
                client.post("/v1/citations/verify", json={"citation": CITATION}),
                client.get("/articles/storm?start=1&end=5"),
            ]
            assert client.get("/healthz").status_code == 200
            assert client.get("/v1/articles").status_code == 200
        finally:
            release.set()
        assert (running.result(), waiting.result()) == (True, True)
        for response in responses:
            assert response.status_code == 503
            assert int(response.headers["retry-after"]) >= 1
        assert responses[0].json()["error"]["code"] == "queue_full"
        assert client.post("/v1/ask", json={"question": "Who is Lloyd Austin?"}).status_code == 200


def test_work_that_has_not_begun_is_dropped_when_its_client_leaves() -> None:
    async def scenario() -> None:
        workers, release, calls = Workers(1, 5), threading.Event(), []
        stays, leaves = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(workers.run(request_that_leaves(stays), release.wait))
        second = asyncio.create_task(workers.run(request_that_leaves(leaves), lambda: calls.append("ran")))
        while workers.load < 2:
            await asyncio.sleep(0)
        leaves.set()
        with pytest.raises(ClientGoneError):
            await second
        release.set()
        assert await first is True
        workers.close()
        assert calls == []
        assert workers.load == 0

    asyncio.run(scenario())


def test_work_that_has_begun_counts_until_it_ends() -> None:
    async def scenario() -> None:
        workers, begun, release, leaves = Workers(1, 1), threading.Event(), threading.Event(), asyncio.Event()
        work = partial(until_released, begun, release)
        task = asyncio.create_task(workers.run(request_that_leaves(leaves), work))
        assert await asyncio.to_thread(begun.wait, 60)
        leaves.set()
        with pytest.raises(ClientGoneError):
            await task
        assert workers.load == 1
        release.set()
        workers.close()
        assert workers.load == 0

    asyncio.run(scenario())


def test_an_error_of_the_work_is_raised_where_it_is_awaited() -> None:
    async def scenario() -> None:
        workers = Workers(1, 1)
        with pytest.raises(ZeroDivisionError):
            await workers.run(request_that_leaves(asyncio.Event()), lambda: 1 // 0)
        workers.close()

    asyncio.run(scenario())


def test_closing_drops_what_waits_and_finishes_what_runs() -> None:
    workers, begun = Workers(1, 5), threading.Event()

    def work() -> str:
        begun.set()
        time.sleep(0.05)
        return "done"

    running, waiting = workers.submit(work), workers.submit(work)
    assert begun.wait(60)
    workers.close()
    assert running.result() == "done"
    assert waiting.cancelled()


def test_the_wait_that_is_told_grows_with_the_queue() -> None:
    workers, release = Workers(1, 100), threading.Event()
    for _ in range(101):
        workers.submit(release.wait)
    with pytest.raises(Problem) as caught:
        workers.submit(release.wait)
    release.set()
    workers.close()
    assert int((caught.value.headers or {})["Retry-After"]) > 1


def test_clients_take_turns() -> None:
    workers, release, order = Workers(1, 10), threading.Event(), []
    workers.submit(release.wait)
    for client, name in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1"), ("b", "b2")]:
        workers.submit(partial(order.append, name), client)
    release.set()
    workers.submit(order.copy, "a").result(60)
    workers.close()
    assert order == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_one_client_can_not_fill_the_queue() -> None:
    workers, release = Workers(1, 4), threading.Event()
    began = threading.Event()
    running = workers.submit(partial(until_released, began, release), "greedy")
    assert began.wait(60)
    greedy = [workers.submit(release.wait, "greedy") for _ in range(4)]
    with pytest.raises(Problem) as full:
        workers.submit(release.wait, "greedy")
    assert (full.value.status_code, full.value.code) == (503, "queue_full")
    others = [workers.submit(release.wait, name) for name in ("b", "c")]
    for dropped in greedy[2:]:
        problem = dropped.exception(60)
        assert isinstance(problem, Problem)
        assert int((problem.headers or {})["Retry-After"]) >= 1
    assert workers.load == 5
    with pytest.raises(Problem):
        workers.submit(release.wait, "b")
    with pytest.raises(Problem):
        workers.submit(release.wait, "greedy")
    workers.submit(release.wait, "d")
    release.set()
    assert all(each.result(60) for each in (running, greedy[0], *others))
    workers.close()
    assert workers.load == 0


def test_what_is_dropped_leaves_no_place_taken() -> None:
    workers, release = Workers(1, 3), threading.Event()
    running = workers.submit(release.wait)
    for _ in range(20):
        assert workers.submit(release.wait, "leaves").cancel()
    assert workers.load == 1
    stays = workers.submit(release.wait, "stays")
    left = workers.submit(release.wait, "left")
    release.set()
    assert all(each.result(60) for each in (running, stays, left))
    workers.close()


def test_closing_drops_what_waits() -> None:
    workers, begun, release = Workers(1, 3), threading.Event(), threading.Event()
    running, waiting = workers.submit(partial(until_released, begun, release)), workers.submit(release.wait)
    assert begun.wait(60)
    waiting.add_done_callback(lambda _: release.set())
    workers.close()
    assert running.result(60)
    assert waiting.cancelled()
    assert workers.load == 0


def test_what_a_call_raises_is_its_result() -> None:
    workers = Workers(1, 3)
    error = workers.submit(partial(int, "x")).exception(60)
    assert isinstance(error, ValueError)
    workers.close()
