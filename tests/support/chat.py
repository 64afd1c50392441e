"""What the tests of the chat dialects share."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

QUESTION = "Who is the NATO spokeswoman?"
ANSWER = "Farah Dakhlallah"
UNANSWERED = "Who won the football world cup in 1998?"

_PATIENCE = 120


def messages(*contents: str) -> list[dict[str, Any]]:
    """A conversation in which user and assistant take turns, the user last."""
    roles = ("user", "assistant") if len(contents) % 2 else ("assistant", "user")
    return [{"role": roles[place % 2], "content": content} for place, content in enumerate(contents)]


def ui_messages(*contents: str) -> list[dict[str, Any]]:
    """The same as UI messages of the AI SDK."""
    return [
        {"id": str(place), "role": message["role"], "parts": [{"type": "text", "text": message["content"]}]}
        for place, message in enumerate(messages(*contents))
    ]


def frames(body: str) -> list[dict[str, Any]]:
    """The JSON in the events of a stream, without the last one, which has to be [DONE]."""
    data = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data: ")]
    assert data.pop() == "[DONE]"
    return [json.loads(each) for each in data]


def in_javascript(text: str, start: int, end: int) -> str:
    """``text.slice(start, end)`` as JavaScript has it."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


@contextmanager
def served(app: FastAPI, grace: int = 1) -> Iterator[tuple[str, uvicorn.Server]]:
    """``app`` on a free port of this process, so that a test can hold its workers; gives its address."""
    config = uvicorn.Config(app, port=0, log_level="warning", ws="none", timeout_graceful_shutdown=grace)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)


def until(condition: Any) -> None:
    """Wait for ``condition``."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
