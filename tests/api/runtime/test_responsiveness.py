"""Nobody holds the service up: it answers health checks while it works on what is made to keep it busy.

What else runs on the machine holds it up, too, and as much a service beside it that has nothing to do.
"""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.hostile import hostile
from tests.support.running_server import running_server

pytestmark = pytest.mark.slow

_MOST_SECONDS = 0.2
_MOST_TIMES = 3
"""On a machine that is so busy that the service beside takes long to answer: how many times as long others may take."""

_MOST_TRIES = 8
_PATIENCE = 600.0
_ARTICLES = {
    "rule": f"The pier at Lorn is 90 metres long.\n\n{'-' * 30_000}\n\nIt was built in 1871.",
    "spaces": f"He said so.{' ' * 400_000}” Then he left. It was late.",
    "cjk": "字" * 160_000,
    "sentences": "字。" * 80_000,
    "headings": "\n\n".join(["The pier at Lorn\nis old.", *["a" * 90] * 5_000]),
}
_PROMPTS = {
    "title": hostile(1_000_000, "\n.", "please generate a title for this conversation"),
    "documents": hostile(1_000_000, "### Task:"),
    "labels": hostile(1_000_000, 'user: "\n', "analyze this conversation and provide:"),
    "keys": hostile(1_000_000, '{ "', "### Task: "),
    "history": hostile(1_000_000, "[1](a "),
}


class _Pulse:
    """Asks for the health of a service again and again; ``slowest`` is the longest that an answer took, in seconds."""

    def __init__(self, address: str) -> None:
        self._address, self._end = address, threading.Event()
        self.slowest = 0.0

    def run(self) -> None:
        with httpx2.Client(timeout=_PATIENCE) as client:
            while self.slowest == 0 or not self._end.wait(0.01):
                began = time.monotonic()
                assert client.get(f"{self._address}/healthz").status_code == 200
                self.slowest = max(self.slowest, time.monotonic() - began)

    def stop(self) -> None:
        self._end.set()


@contextmanager
def _pulse(address: str) -> Iterator[_Pulse]:
    pulse = _Pulse(address)
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(pulse.run)
        try:
            yield pulse
        finally:
            pulse.stop()
        running.result()


def _held_up(address: str, beside: str, work: Callable[[], object]) -> float:
    """The longest that a health check took during ``work``, as a part of what it may take: the best of some runs.

    Other programs may hold up one service and not the other. Work that does so does it in every run.
    """
    found = []
    while len(found) < _MOST_TRIES and (not found or found[-1] > 1):
        with _pulse(address) as pulse, _pulse(beside) as idle:
            work()
        found.append(pulse.slowest / max(_MOST_SECONDS, _MOST_TIMES * idle.slowest))
    return min(found)


def _built(address: str, posted: httpx2.Response) -> dict[str, Any]:
    assert posted.status_code == 202, posted.text
    job: dict[str, Any] = posted.json()["job"]
    deadline = time.monotonic() + _PATIENCE
    while job["state"] not in {"succeeded", "failed"}:
        assert time.monotonic() < deadline, job
        time.sleep(0.2)
        job = httpx2.get(f"{address}{job['link']}", timeout=_PATIENCE).json()
    return job


def test_health_checks_are_answered_while_hostile_texts_are_worked_on(seed_data: Path, tmp_path: Path) -> None:
    data_dir, other = (shutil.copytree(seed_data, tmp_path / name, symlinks=True) for name in ("data", "other"))
    held_up: dict[str, float] = {}
    with (
        running_server(data_dir, PULLQUOTE_BUILD_DELAY="0.2") as (address, _),
        running_server(other) as (beside, _),
        httpx2.Client(base_url=address, timeout=_PATIENCE) as client,
    ):

        def put(name: str) -> None:
            job = _built(address, client.put(f"/v1/articles/{name}", json={"title": name, "text": _ARTICLES[name]}))
            assert job["state"] == "succeeded", job

        def ask(prompt: str, last: str = "") -> None:
            messages = [{"role": "user", "content": text} for text in (prompt, last) if text]
            assert client.post("/v1/chat/completions", json={"messages": messages}).status_code in {200, 413, 422}

        def verify(name: str) -> None:
            quote = _ARTICLES[name][-15_000:-100] + "?"
            citation = {"article_id": name, "start": 0, "end": 5, "quote": quote, "quote_start": 0}
            assert client.post("/v1/citations/verify", json={"citation": citation}).status_code == 200

        def look(what: str, work: Callable[[], object]) -> None:
            held_up[what] = _held_up(address, beside, work)

        for name in _ARTICLES:
            look(f"writing {name}", partial(put, name))
        for name in _ARTICLES:
            look(f"reading {name}", partial(client.get, f"/articles/{name}"))
            look(f"verifying {name}", partial(verify, name))
        for name, prompt in _PROMPTS.items():
            look(f"prompt {name}", partial(ask, prompt))
            look(f"history {name}", partial(ask, prompt, "And when?"))
        for question in ("Who said so?", "字", "How long is the pier at Lorn?"):
            look(f"asking {question}", partial(ask, question))
    print(held_up)
    assert {what: part for what, part in held_up.items() if part > 1} == {}
