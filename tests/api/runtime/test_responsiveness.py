"""Nobody holds the service up: it answers health checks while it works on what is made to keep it busy."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.hostile import hostile
from tests.support.running_server import running_server

pytestmark = pytest.mark.slow

_MOST_SECONDS = 0.2
_MOST_TIMES = 3
"""On a machine that is so busy that a check beside nothing takes long: how many times as long others may take."""

_PATIENCE = 300.0
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


def _slowest(address: str, work: Callable[[], object]) -> float:
    """The slowest health check during ``work``: the best of some runs, because other programs hold checks up, too."""
    found = []
    for _ in range(4):
        with _pulse(address) as pulse:
            work()
        found.append(pulse.slowest)
        if found[-1] < _MOST_SECONDS:
            break
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
    data_dir = Path(shutil.copytree(seed_data, tmp_path / "data", symlinks=True))
    slow: dict[str, float] = {}
    with (
        running_server(data_dir, PULLQUOTE_BUILD_DELAY="0.2") as (address, _),
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

        slow["nothing"] = _slowest(address, lambda: time.sleep(1))
        for name in _ARTICLES:
            slow[f"writing {name}"] = _slowest(address, lambda name=name: put(name))  # type: ignore[misc]
        for name in _ARTICLES:
            slow[f"reading {name}"] = _slowest(address, lambda name=name: client.get(f"/articles/{name}"))  # type: ignore[misc]
            slow[f"verifying {name}"] = _slowest(address, lambda name=name: verify(name))  # type: ignore[misc]
        for name, prompt in _PROMPTS.items():
            slow[f"prompt {name}"] = _slowest(address, lambda prompt=prompt: ask(prompt))  # type: ignore[misc]
            slow[f"history {name}"] = _slowest(address, lambda prompt=prompt: ask(prompt, "And when?"))  # type: ignore[misc]
        for question in ("Who said so?", "字", "How long is the pier at Lorn?"):
            slow[f"asking {question}"] = _slowest(address, lambda question=question: ask(question))  # type: ignore[misc]
    print(slow)
    most = max(_MOST_SECONDS, _MOST_TIMES * slow["nothing"])
    assert {what: seconds for what, seconds in slow.items() if seconds > most} == {}
