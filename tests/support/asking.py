"""Asks a service while something happens to it, and looks at every answer."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

import httpx2

Answers = dict[str, dict[str, Any]]
"""What is expected to each question."""


@dataclass
class Load:
    """What became of the questions that were asked during one event."""

    asked: int = 0
    failed: int = 0
    """Questions that got no answer, asked twice."""

    incomplete: int = 0
    wrong: list[str] = field(default_factory=list)
    """Questions whose answer calls itself complete and is not that of the whole index."""

    mixed: list[str] = field(default_factory=list)
    """Questions that were answered from the old version after another was from the new one."""

    slowest: float = 0.0
    seconds: float = 0.0
    """Until what was waited for."""


def plain(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without its times."""
    return {name: value for name, value in answer.items() if name != "timings_ms"}


class Asking:
    """Asks a service, a second time what fails."""

    def __init__(self, address: str, expected: dict[str, Answers]) -> None:
        """``expected`` is by version of the index."""
        self._client = httpx2.Client(base_url=address, timeout=60)
        self._expected = expected
        self._lock = threading.Lock()
        self._newest = ""

    def ask(self, text: str, **more: Any) -> httpx2.Response:
        return self._client.post("/v1/ask", json={"question": text, **more})

    def answers(self, questions: Sequence[str]) -> Answers:
        return {text: plain(self.ask(text).json()) for text in questions}

    @contextmanager
    def load(self, questions: Sequence[str], at_once: int = 2) -> Iterator[Load]:
        """Ask until the end of the block."""
        load, end = Load(), threading.Event()

        def keep_asking(first: int) -> None:
            for text in islice(cycle(questions), first, None):
                if end.is_set():
                    return
                self._note(load, text)

        started = [threading.Thread(target=keep_asking, args=[number]) for number in range(at_once)]
        for thread in started:
            thread.start()
        begun = time.monotonic()
        try:
            yield load
        finally:
            load.seconds = time.monotonic() - begun
            end.set()
            for thread in started:
                thread.join()

    def _note(self, load: Load, text: str) -> None:
        known, begun = self._newest, time.monotonic()
        given = self._twice(text)
        with self._lock:
            load.asked += 1
            load.slowest = max(load.slowest, time.monotonic() - begun)
            if given is None:
                load.failed += 1
                return
            version = given["index_version"]
            if version < known:
                load.mixed.append(text)
            self._newest = max(self._newest, version)
            if given["complete"]:
                if given != self._expected[version][text]:
                    load.wrong.append(text)
            else:
                load.incomplete += 1
                if given["coverage"] >= 1:
                    load.wrong.append(text)

    def _twice(self, text: str) -> dict[str, Any] | None:
        for _ in range(2):
            try:
                answer = self.ask(text)
            except httpx2.HTTPError:
                continue
            if answer.status_code == 200:
                return plain(answer.json())
        return None
