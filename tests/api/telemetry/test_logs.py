"""What the log tells, and that it tells no question unless it is asked to."""

import json
import logging
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from api.telemetry.logs import JsonLines
from tests.conftest import HERE
from tests.support.running_server import running_server

QUESTION = "Who is the NATO zebrafish spokeswoman?"


def in_every_dialect(address: str, question: str) -> None:
    """Ask in all ways that there are."""
    turn = {"role": "user", "content": question}
    part = {"id": "1", "role": "user", "parts": [{"type": "text", "text": question}]}
    call = {"name": "ask", "arguments": {"question": question}}
    bodies: dict[str, dict[str, Any]] = {
        "/v1/ask": {"question": question},
        "/v1/search": {"question": question},
        "/v1/chat/completions": {"messages": [turn]},
        "/v1/responses": {"input": question},
        "/v1/messages": {"messages": [turn]},
        "/v1/ai-sdk/chat": {"messages": [part]},
        "/v1/embeddings": {"input": question},
        "/v1/vector_stores/pullquote/search": {"query": question},
        "/retrieval": {"query": question},
        "/mcp": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
    }
    with httpx2.Client(base_url=address, timeout=60) as client:
        for path, body in bodies.items():
            client.post(path, json=body, headers={"accept": "application/json, text/event-stream"})
        for path in ("/", "/v1/ask"):
            client.get(path, params={"q": question})
        client.get("/v1/ask", params={"q": question, "limit": 99})


@pytest.mark.slow
def test_every_line_is_json_with_what_programs_look_for_and_no_question(seed_data: Path) -> None:
    folder = seed_data.parent
    before = set(folder.glob("serve-*.log"))
    with running_server(seed_data, PULLQUOTE_LOG_FORMAT="json", PULLQUOTE_THREADS="1") as (address, _):
        in_every_dialect(address, QUESTION)
        httpx2.get(f"{address}/v1/index", headers={"x-request-id": "my-own-id"}, timeout=60)
    (log,) = set(folder.glob("serve-*.log")) - before
    found = [json.loads(line) for line in log.read_text().splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in found)
    access = [line for line in found if line["logger"] == "pullquote.access"]
    assert len(access) == 14
    for line in access:
        assert line["duration_ms"] > 0
        assert line["request_id"]
        assert line["client"] == "127.0.0.1"
    own = next(line for line in access if line["request_id"] == "my-own-id")
    assert (own["method"], own["path"], own["status"]) == ("GET", "/v1/index", 200)
    asks = [line for line in found if line["logger"] == "pullquote.asks"]
    assert {line["request_id"] for line in asks} <= {line["request_id"] for line in access}
    assert len({line["request_id"] for line in asks}) >= 6
    assert "zebrafish" not in log.read_text()


def test_questions_are_told_when_that_is_wanted(seed_data: Path, caplog: pytest.LogCaptureFixture) -> None:
    for wanted in (True, False):
        caplog.clear()
        settings = load_settings(data_dir=seed_data, threads=1, log_questions=wanted)
        with TestClient(create_app(settings), base_url=HERE) as client, caplog.at_level(logging.INFO, "pullquote"):
            client.post("/v1/ask", json={"question": QUESTION})
        assert ("zebrafish" in caplog.text) == wanted


def test_text_of_others_cannot_begin_a_line_of_its_own(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pullquote"):
        client.get("/v1/articles/a%0AINFO:%20forged%1b[2J")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "pullquote.access"]
    assert "\n" not in line
    assert "\x1b" not in line
    record = logging.LogRecord("pullquote", logging.INFO, "", 1, "a\nb\x1b", None, None)
    assert "\n" not in JsonLines().format(record)
    assert "\x1b" not in JsonLines().format(record)


def test_a_failure_is_one_line_of_json_with_its_traceback() -> None:
    try:
        raise RuntimeError("over\nthere")
    except RuntimeError as error:
        record = logging.LogRecord("uvicorn.error", 40, "", 1, "failed", None, (type(error), error, None))
    written = json.loads(JsonLines().format(record))
    assert written["message"] == "failed"
    assert "RuntimeError" in written["exc_info"]
