"""Asking shards that may be on other machines: what does not answer in time is left alone until it answers again."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from index.models.onnx_model import available_threads
from index.sharding.errors import LostError
from index.sharding.shard import Shard

_log = logging.getLogger("pullquote.shards")

AGAIN_SECONDS = 1.0
"""How often a shard that was lost is asked whether it is there again."""


Answer = Callable[[float], Any]
"""Waits so many seconds for what a shard gives.

:raises LostError: when that does not come in time, or the shard is gone.
"""


class Remote(Protocol):
    """Begins calls of a :class:`index.sharding.shard.Shard`, wherever it is. Safe to share between threads."""

    def begin(self, method: str, *arguments: Any) -> Answer:
        """Call a method; errors of its own are raised by the answer as they are.

        :raises LostError: when it is known at once that the shard is gone.
        """

    def close(self) -> None:
        """Let go of it. Nothing must be asking it any more."""


class Here:
    """A shard in this process."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._threads = ThreadPoolExecutor(available_threads(), thread_name_prefix="shard")

    def begin(self, method: str, *arguments: Any) -> Answer:
        """See :meth:`Remote.begin`."""
        future: Future[Any] = self._threads.submit(self._shard.call, method, *arguments)
        return lambda _: future.result()

    def close(self) -> None:
        """See :meth:`Remote.close`."""
        self._threads.shutdown()
        self._shard.close()


class Shards:
    """All shards of a version, asked at the same time.

    A call that fails at once is made a second time: another replica of the shard may answer. A shard that misses the
    deadline, or fails twice, is lost: it is not asked any more, until a thread beside finds that it answers again.
    """

    def __init__(self, remotes: Sequence[Remote], seconds: float) -> None:
        """:param seconds: that a shard may take for one call."""
        self._remotes = remotes
        self._seconds = seconds
        self._lock = threading.Lock()
        self._lost: set[int] = set()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def __len__(self) -> int:
        return len(self._remotes)

    @property
    def lost(self) -> frozenset[int]:
        """The numbers of those that do not answer."""
        with self._lock:
            return frozenset(self._lost)

    def ask(self, method: str, *arguments: Any) -> dict[int, Any]:
        """What every shard gives, by its number; lost ones are left out."""
        return self.ask_each(dict.fromkeys(range(len(self)), arguments), method)

    def ask_each(self, arguments: dict[int, tuple[Any, ...]], method: str) -> dict[int, Any]:
        """The same of some shards, with arguments for each."""
        until = time.monotonic() + self._seconds
        lost = self.lost
        begun = {
            number: self._begun(number, method, given) for number, given in arguments.items() if number not in lost
        }
        found: dict[int, Any] = {}
        for number, answer in begun.items():
            try:
                found[number] = self._answered(number, answer, until, method, arguments[number])
            except LostError as error:
                self._lose(number, error)
        return found

    def close(self) -> None:
        """Let go of all of them."""
        self._closing.set()
        for thread in self._threads:
            thread.join()
        for remote in self._remotes:
            remote.close()

    def _begun(self, number: int, method: str, arguments: tuple[Any, ...]) -> Answer:
        try:
            return self._remotes[number].begin(method, *arguments)
        except LostError as error:
            return _failing(error)

    def _answered(self, number: int, answer: Answer, until: float, method: str, arguments: tuple[Any, ...]) -> Any:
        try:
            return answer(max(0.0, until - time.monotonic()))
        except LostError:
            left = until - time.monotonic()
            if left <= 0:
                raise
            return self._remotes[number].begin(method, *arguments)(left)

    def _lose(self, number: int, error: LostError) -> None:
        with self._lock:
            if number in self._lost or self._closing.is_set():
                return
            self._lost.add(number)
            thread = threading.Thread(target=self._find_again, args=[number], name=f"lost-shard-{number}", daemon=True)
            self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
            thread.start()
        _log.error("shard %d is lost, and answers are given without it until it is back: %s", number, error)

    def _find_again(self, number: int) -> None:
        while not self._closing.wait(AGAIN_SECONDS):
            try:
                self._remotes[number].begin("version")(self._seconds)
            except LostError:
                continue
            with self._lock:
                self._lost.discard(number)
            _log.warning("shard %d answers again", number)
            return


def _failing(error: LostError) -> Answer:
    def fail(_: float) -> Any:
        raise error

    return fail
