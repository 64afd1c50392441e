"""A few processes that do limited work, seen from the one that asks for it."""

import os
import pickle
import select
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar, TypeVarTuple, Unpack

from index.child_module import child_command
from index.limited.limits import DIED, TOO_LARGE, TOO_LONG, LimitError, Limits
from index.limited.worker import END, ERROR, HEAD, ITEM, MEMORY, framed

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_ENVIRONMENT = {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""The processes are what goes side by side; threads inside of them would only take address space."""


class LimitedProcesses:
    """Calls functions in other processes, each call within the limits. Safe to share between threads.

    A process is started when there is work for it, is used for many calls, and ends by itself when it has been idle.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.size = limits.processes or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
        """The calls that are worked on at a time."""
        self._threads = self._new_threads()
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        self._stops = 0
        self._lock = threading.Lock()
        weakref.finalize(self, _end_all, self._all)  # no call is running when nobody holds this any more

    def submit(self, function: Callable[[Unpack[Ts]], Iterable[T]], *arguments: *Ts) -> Future[list[T]]:
        """Call a function of a module, which gives items, in one of the processes; all that it gave.

        The future raises :class:`index.limited.limits.LimitError` when the call takes more than it may.
        """
        with self._lock:
            return self._threads.submit(self._call, self._stops, function, arguments)

    def stop(self) -> None:
        """Drop what waits and end what runs: nobody waits for it. The next call starts anew."""
        with self._lock:
            self._stops += 1
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = self._new_threads()
            for process in self._all:
                process.kill()
            _end_all(self._idle)  # one with a call is closed by the call: its pipes are in use until then
            self._all.clear()

    def _new_threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.size, thread_name_prefix="limited-work")

    def _call(self, stops: int, function: Callable[..., Iterable[Any]], arguments: tuple[Any, ...]) -> list[Any]:
        """:param stops: how many there were when the call was submitted; after another one it ends."""
        request = framed(ITEM, pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL))
        process = self._take(stops)
        try:
            found = process.call(request)
            if found is None:  # it was idle for so long that it ended
                self._drop(process)
                process = self._start(stops)
                found = process.call(request)
            if found is None:
                raise self.limits.error(DIED)
        except BaseException:
            self._drop(process)
            raise
        with self._lock:
            stopped = process not in self._all
            if not stopped:
                self._idle.append(process)
        if stopped:
            process.end()
        return found

    def _take(self, stops: int) -> "_Process":
        with self._lock:
            if self._idle and self._stops == stops:
                return self._idle.pop()
        return self._start(stops)

    def _start(self, stops: int) -> "_Process":
        process = _Process(self.limits)
        with self._lock:
            stopped = self._stops != stops
            if not stopped:
                self._all.add(process)
        if stopped:
            process.end()
            raise self.limits.error(DIED)
        return process

    def _drop(self, process: "_Process") -> None:
        with self._lock:
            self._all.discard(process)
        process.end()


@cache
def shared_processes(limits: Limits) -> LimitedProcesses:
    """The processes for these limits: one set for all builds of this process."""
    return LimitedProcesses(limits)


def _end_all(processes: "set[_Process] | list[_Process]") -> None:
    while processes:
        processes.pop().end()


class _Process:
    """One process, for one call at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process = subprocess.Popen(
            child_command("index.limited.worker", str(limits.seconds), str(limits.memory)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ENVIRONMENT},
        )
        assert self._process.stdin
        assert self._process.stdout
        self._requests, self._answers = self._process.stdin, self._process.stdout

    def call(self, request: bytes) -> list[Any] | None:
        """What a request gives; None when the process had ended before it came. After an error it is of no more use.

        :raises LimitError: when the call takes more than it may.
        """
        deadline = time.monotonic() + self._limits.patience
        found: list[Any] = []
        try:
            self._requests.write(request)
            self._requests.flush()
            while (frame := self._frame(deadline))[0] != END:
                kind, content = frame
                if kind == MEMORY:
                    raise self._limits.error(TOO_LARGE)
                if kind == ERROR:
                    raise LimitError(f"its reader fails ({pickle.loads(content)}): check the file", DIED)
                found.append(pickle.loads(content))
        except (EOFError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise self._limits.error(TOO_LONG) from None
            status = self._process.wait()
            if status == 0 and not found:
                return None
            raise self._limits.error(TOO_LONG if status == -signal.SIGXCPU else DIED) from None
        return found

    def kill(self) -> None:
        """End it, whatever it does. A call that waits for it fails."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """End it and close its pipes, when no call uses them."""
        self.kill()
        for pipe in (self._requests, self._answers):
            with suppress(OSError):
                pipe.close()

    def _frame(self, deadline: float) -> tuple[bytes, bytes]:
        kind, length = HEAD.unpack(self._read(HEAD.size, deadline))
        return kind, self._read(length, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        """The next bytes that come back.

        :raises TimeoutError: when they do not come in time.
        :raises EOFError: when the process has ended.
        """
        waiting = select.poll()
        waiting.register(self._answers, select.POLLIN)
        pieces, left = [], size
        while left:
            if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError
            piece = os.read(self._answers.fileno(), min(left, 1 << 20))
            if not piece:
                raise EOFError
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)
