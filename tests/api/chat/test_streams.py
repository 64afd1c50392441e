"""Streams of every dialect: the first frame at once, signs of life, clients that leave, servers that stop."""

import asyncio
import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.chat import stream
from api.runtime.service import Service
from api.settings import load_settings
from tests.support.chat import ANSWER, QUESTION, messages, served, ui_messages, until
from tests.support.running_server import running_server

DIALECTS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": messages(QUESTION), "stream": True},
    "/v1/responses": {"input": QUESTION, "stream": True},
    "/v1/messages": {"messages": messages(QUESTION), "stream": True},
    "/v1/ai-sdk/chat": {"messages": ui_messages(QUESTION)},
}
every_dialect = pytest.mark.parametrize("path", DIALECTS)

FIRST = {
    "/v1/chat/completions": '"role":"assistant"',
    "/v1/responses": '"response.created"',
    "/v1/messages": '"message_start"',
    "/v1/ai-sdk/chat": '"start"',
}


class Held:
    """An application whose only worker is busy until it is let go."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._release = threading.Event()

    def hold(self) -> None:
        self.app.state.runtime.workers.submit(self._release.wait)

    def let_go(self) -> None:
        self._release.set()

    @property
    def load(self) -> int:
        return int(self.app.state.runtime.workers.load)


@pytest.fixture
def held(seed_data: Path) -> Iterator[Held]:
    found = Held(create_app(load_settings(data_dir=seed_data, workers=1)))
    yield found
    found.let_go()


def opened(address: str, path: str) -> Any:
    return httpx2.stream("POST", address + path, json=DIALECTS[path], timeout=120)


@every_dialect
def test_the_first_frame_comes_before_the_answer(held: Held, path: str) -> None:
    with served(held.app) as (address, _):
        held.hold()
        with opened(address, path) as response:
            lines = response.iter_lines()
            assert FIRST[path] in next(line for line in lines if line.startswith("data: "))
            assert held.load == 2
            held.let_go()
            assert ANSWER in "".join(lines)


@every_dialect
def test_a_stream_that_waits_shows_signs_of_life(held: Held, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SIGN_OF_LIFE_SECONDS", 0.02)
    with served(held.app) as (address, _):
        held.hold()
        with opened(address, path) as response:
            lines = response.iter_lines()
            assert sum(1 for _ in zip(range(2), (line for line in lines if line == ": ping"), strict=False)) == 2
            held.let_go()
            assert ANSWER in "".join(lines)


@every_dialect
def test_work_of_a_client_that_leaves_is_dropped(held: Held, path: str) -> None:
    with served(held.app) as (address, server):
        held.hold()
        for _ in range(3):
            with opened(address, path) as response:
                lines = response.iter_lines()
                next(lines)
                assert held.load == 2
            until(lambda: held.load == 1)
        until(lambda: not server.server_state.tasks)
        held.let_go()
        until(lambda: held.load == 0)


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_work_of_an_mcp_client_that_leaves_is_dropped(held: Held, version: str) -> None:
    meta = {f"io.modelcontextprotocol/{name}": {} for name in ("clientInfo", "clientCapabilities")}
    meta["io.modelcontextprotocol/clientInfo"] = {"name": "test", "version": "1"}
    params = {
        "name": "ask",
        "arguments": {"question": QUESTION},
        "_meta": {**meta, "io.modelcontextprotocol/protocolVersion": version},
    }
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": version,
        "mcp-method": "tools/call",
        "mcp-name": "ask",
    }
    with served(held.app) as (address, _):
        assert ANSWER in httpx2.post(f"{address}/mcp", json=call, headers=headers, timeout=120).text
        held.hold()
        with closing(HTTPConnection(address.removeprefix("http://"))) as leaving:
            leaving.request("POST", "/mcp", json.dumps(call), {**headers, "content-type": "application/json"})
            until(lambda: held.load == 2)
        until(lambda: held.load == 1)
        held.let_go()


@every_dialect
def test_a_server_that_stops_ends_the_stream_with_an_error(held: Held, path: str) -> None:
    with served(held.app) as (address, server):
        held.hold()
        with opened(address, path) as response:
            lines = response.iter_lines()
            next(lines)
            server.should_exit = True
            rest = list(lines)
        held.let_go()
    told = "".join(rest)
    assert "the service is stopping" in told
    assert any(end in told[-600:] for end in ("data: [DONE]", '"response.failed"', '"type":"error"'))


def test_answers_under_way_are_streamed_to_their_end_when_the_server_is_told_to_stop(seed_data: Path) -> None:
    async def scenario(address: str, process: subprocess.Popen[str]) -> list[str]:
        async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
            waiting = set(range(2 * len(DIALECTS)))

            async def ask(number: int, path: str, body: dict[str, Any]) -> str:
                async with client.stream("POST", path, json=body) as response:
                    text = ""
                    async for piece in response.aiter_text():
                        text += piece
                        waiting.discard(number)
                    return text

            asked = [
                asyncio.create_task(ask(number, *dialect)) for number, dialect in enumerate([*DIALECTS.items()] * 2)
            ]
            while waiting:
                await asyncio.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            return [await each for each in asked]

    with running_server(seed_data, PULLQUOTE_DRAIN_SECONDS="120") as (address, process):
        bodies = asyncio.run(scenario(address, process))
    for body in bodies:
        assert ANSWER in body
        assert (
            body.rstrip().endswith("data: [DONE]")
            or "event: response.completed" in body
            or "event: message_stop" in body
        )


def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(Service, "ask", fail)
    return fail


@every_dialect
def test_an_error_after_the_beginning_is_told_in_the_stream(
    client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing(monkeypatch)
    response = client.post(path, json=DIALECTS[path], headers={"x-request-id": "me"})
    assert response.status_code == 200
    frames = [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: {")]
    assert "under the request id me" in json.dumps(frames[-1])
    assert "secret" not in response.text
    assert "a secret of the house" in caplog.text


@every_dialect
def test_a_full_queue_is_told_by_the_status(seed_data: Path, path: str) -> None:
    app = create_app(load_settings(data_dir=seed_data, queue_size=1, workers=1))
    release = threading.Event()
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        for _ in range(2):
            app.state.runtime.workers.submit(release.wait)
        try:
            response = client.post(path, json=DIALECTS[path])
        finally:
            release.set()
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert response.json()["error"]["code"] == "queue_full"


@every_dialect
def test_without_an_index_the_status_says_so(tmp_path: Path, path: str) -> None:
    with TestClient(create_app(load_settings(data_dir=tmp_path)), base_url="http://127.0.0.1:8000") as client:
        response = client.post(path, json=DIALECTS[path])
    assert response.status_code == 503
    assert "make index" in response.json()["error"]["message"]


@pytest.mark.parametrize("path", [*DIALECTS, "/mcp"])
def test_pages_of_the_origins_in_the_settings_may_call(seed_data: Path, path: str) -> None:
    origin = "https://chat.example.org"
    app = create_app(load_settings(data_dir=seed_data, cors_origins=[origin]))
    asked = "authorization,content-type,x-stainless-lang,mcp-protocol-version"
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        for given, status in ((origin, 200), ("https://other.example.org", 400)):
            headers = {
                "origin": given,
                "access-control-request-method": "POST",
                "access-control-request-headers": asked,
            }
            preflight = client.options(path, headers=headers)
            assert preflight.status_code == status
            assert (preflight.headers.get("access-control-allow-origin") == origin) == (status == 200)
