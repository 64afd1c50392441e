"""The service as a process of its own: load, start, memory of what it imports, and its end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from tests.api.telemetry.test_metrics import figures
from tests.support.running_server import running_server

ASKS = 200
QUESTION = "Who is the NATO spokeswoman?"
_GENEROUS = 10.0


@pytest.mark.slow
def test_200_concurrent_asks_lose_none_and_block_no_health_check(seed_data: Path) -> None:
    async def scenario(address: str) -> tuple[list[int], list[float]]:
        limits = httpx2.Limits(max_connections=None)
        async with httpx2.AsyncClient(base_url=address, limits=limits, timeout=300) as client:
            asks = [asyncio.create_task(client.post("/v1/ask", json={"question": QUESTION})) for _ in range(ASKS)]
            waits: list[float] = []
            while not all(ask.done() for ask in asks):
                start = time.perf_counter()
                assert (await client.get("/healthz")).status_code == 200
                waits.append(time.perf_counter() - start)
                await asyncio.sleep(0.05)
            answers = [(await ask).json()["answers"][0]["text"] for ask in asks]
            assert len(set(answers)) == 1
            return [(await ask).status_code for ask in asks], waits

    with running_server(seed_data) as (address, _):
        statuses, waits = asyncio.run(scenario(address))
    assert statuses == [200] * ASKS
    assert waits
    assert max(waits) < _GENEROUS


def test_more_asks_than_the_queue_holds_are_told_to_come_again(seed_data: Path) -> None:
    async def scenario(address: str) -> list[httpx2.Response]:
        async with httpx2.AsyncClient(
            base_url=address, limits=httpx2.Limits(max_connections=None), timeout=300
        ) as client:
            asks = [{"question": f"{QUESTION} {number}"} for number in range(30)]  # no answer is kept for another
            return list(await asyncio.gather(*(client.post("/v1/ask", json=ask) for ask in asks)))

    with running_server(seed_data, PULLQUOTE_QUEUE_SIZE="2") as (address, _):
        responses = asyncio.run(scenario(address))
    statuses = {response.status_code for response in responses}
    assert statuses == {200, 503}
    assert all(response.headers["retry-after"] for response in responses if response.status_code == 503)


def test_the_service_starts_answers_and_ends_when_told(seed_data: Path) -> None:
    with running_server(seed_data) as (address, process):
        assert httpx2.get(f"{address}/readyz", timeout=60).status_code == 200
        answer = httpx2.post(
            f"{address}/v1/ask", json={"question": QUESTION}, headers={"x-request-id": "me"}, timeout=60
        )
        assert answer.json()["answers"][0]["citations"][0]["link"].startswith(address)
        assert answer.headers["x-request-id"] == "me"
        assert "server" not in answer.headers
        assert httpx2.head(f"{address}/v1/index", timeout=60).status_code == 200
        large = httpx2.post(
            f"{address}/v1/ask", content=b" " * 3_000_000, headers={"content-type": "application/json"}, timeout=60
        )
        assert large.status_code == 413
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) in {0, -signal.SIGTERM}


def test_an_answer_under_way_is_given_before_the_end(seed_data: Path) -> None:
    async def scenario(address: str, process: subprocess.Popen[str]) -> list[int]:
        async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
            questions = [{"question": f"{QUESTION} {number}"} for number in range(8)]  # no answer is kept for another
            asks = [asyncio.create_task(client.post("/v1/ask", json=question)) for question in questions]
            while await taken(client) < len(asks):
                await asyncio.sleep(0)
            process.send_signal(signal.SIGTERM)
            return [(await ask).status_code for ask in asks]

    async def taken(client: httpx2.AsyncClient) -> float:
        """How many questions wait, are being answered or have their answer."""
        told = figures((await client.get("/metrics")).text)
        answered = sum(value for name, value in told.items() if name.startswith("pullquote_asks_total"))
        return told["pullquote_queue"] + answered

    settings = {"PULLQUOTE_THREADS": "1", "PULLQUOTE_WORKERS": "1", "PULLQUOTE_DRAIN_SECONDS": "120"}
    with running_server(seed_data, **settings) as (address, process):
        assert asyncio.run(scenario(address, process)) == [200] * 8


_IMPORTS = """
import sys
from fastapi.testclient import TestClient
from api.app import create_app
from api.cli.serving import serve_on
from api.settings import load_settings
with TestClient(create_app(load_settings(data_dir=sys.argv[1])), base_url="http://127.0.0.1:8000") as client:
    assert client.post("/v1/ask", json={"question": "Who is the NATO spokeswoman?"}).json()["answerable"]
    assert client.get("/?q=Who").status_code == 200
slow = {"torch", "transformers", "sentence_transformers", "onnx", "trafilatura", "sklearn", "scipy", "dateparser"}
slow.add("mcp")
print(sorted(slow & set(sys.modules)))
"""


def test_the_service_imports_neither_torch_nor_what_only_builds_need(seed_data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTS, str(seed_data)], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "[]"
