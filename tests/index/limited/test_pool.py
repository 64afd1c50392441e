"""Work that takes too much ends alone: what comes after it is done."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from index.errors import Failure
from index.limited.limits import DIED, TOO_LARGE, TOO_LONG, LimitError, Limits
from index.limited.pool import LimitedProcesses

_MEGABYTE = 1 << 20


@pytest.fixture
def processes() -> Iterator[LimitedProcesses]:
    pool = LimitedProcesses(Limits(seconds=1, memory=200 * _MEGABYTE, processes=1))
    yield pool
    pool.stop()


def count(most: int) -> Iterator[tuple[int, int]]:
    yield from ((os.getpid(), number) for number in range(most))


def spin() -> Iterator[int]:
    yield 1
    while True:
        pass


def take(size: int) -> Iterator[int]:
    held = b"x" * size
    yield len(held)


def end(status: int) -> Iterator[int]:
    os._exit(status)
    yield 1


def fail() -> Iterator[int]:
    yield 1
    raise ValueError("no such thing")


def chatter() -> Iterator[int]:
    print("what a library prints")
    os.write(1, b"what a library writes")
    yield 7


def linger(file: Path) -> Iterator[int]:
    file.write_text(str(os.getpid()))
    time.sleep(600)
    yield 1


def test_calls_are_made_elsewhere_by_one_process_after_another(processes: LimitedProcesses) -> None:
    first, second = processes.submit(count, 3).result(), processes.submit(count, 1).result()
    assert [number for _, number in first] == [0, 1, 2]
    assert first[0][0] == second[0][0] != os.getpid()
    assert processes.submit(count, 0).result() == []


def test_work_that_never_ends_is_ended_and_the_next_is_done(processes: LimitedProcesses) -> None:
    with pytest.raises(LimitError, match="more than 1 s of processor time") as caught:
        processes.submit(spin).result()
    assert caught.value.code == TOO_LONG
    assert len(processes.submit(count, 2).result()) == 2


@pytest.mark.slow
def test_each_call_has_the_whole_time(processes: LimitedProcesses) -> None:
    pids = {processes.submit(burn, 0.6).result()[0] for _ in range(4)}
    assert len(pids) == 1


def burn(seconds: float) -> Iterator[int]:
    end_at = time.process_time() + seconds
    while time.process_time() < end_at:
        pass
    yield os.getpid()


def test_work_that_takes_too_much_memory_fails_alone(processes: LimitedProcesses) -> None:
    assert processes.submit(take, 50 * _MEGABYTE).result() == [50 * _MEGABYTE]
    with pytest.raises(LimitError, match="more than 200 MB of memory") as caught:
        processes.submit(take, 300 * _MEGABYTE).result()
    assert caught.value.code == TOO_LARGE
    assert processes.submit(take, 50 * _MEGABYTE).result() == [50 * _MEGABYTE]


@pytest.mark.parametrize("status", [0, 1])
def test_a_process_that_ends_is_a_failure_and_the_next_call_is_made(processes: LimitedProcesses, status: int) -> None:
    with pytest.raises(LimitError) as caught:
        processes.submit(end, status).result()
    assert caught.value.code == DIED
    assert len(processes.submit(count, 2).result()) == 2


def test_what_a_call_raises_and_prints_reaches_no_other(processes: LimitedProcesses) -> None:
    with pytest.raises(LimitError, match="ValueError: no such thing"):
        processes.submit(fail).result()
    assert processes.submit(chatter).result() == [7]


def test_stopping_ends_what_runs_and_drops_what_waits(processes: LimitedProcesses, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    running, waiting = processes.submit(linger, file), processes.submit(count, 1)
    while not (file.exists() and file.read_text()):
        time.sleep(0.01)
    processes.stop()
    with pytest.raises(LimitError):
        running.result()
    assert waiting.cancelled()
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)
    assert len(processes.submit(count, 2).result()) == 2


def pour(file: Path) -> Iterator[bytes]:
    file.write_text("started")
    while True:
        yield b"x" * 1000


def test_stopping_while_items_come_back_is_the_end_of_the_call_and_nothing_else(tmp_path: Path) -> None:
    pool = LimitedProcesses(Limits(seconds=60, memory=1000 * _MEGABYTE, processes=1))
    for turn in range(10):
        file = tmp_path / str(turn)
        running = pool.submit(pour, file)
        while not file.exists():
            time.sleep(0.001)
        time.sleep(turn / 1000)
        pool.stop()
        with pytest.raises(LimitError):
            running.result()


def test_stopping_while_a_process_starts_ends_that_one_too(tmp_path: Path) -> None:
    pool = LimitedProcesses(Limits(seconds=60, memory=1000 * _MEGABYTE, processes=1))
    try:
        for turn in range(40):
            running = pool.submit(linger, tmp_path / str(turn))
            time.sleep(turn / 4000)
            pool.stop()
            with pytest.raises((LimitError, CancelledError)):
                running.result(60)
    finally:
        pool.stop()


def test_a_failure_is_final_as_long_as_its_limit_is_the_same() -> None:
    limits = Limits(seconds=5, memory=7 * _MEGABYTE)
    for code in (TOO_LONG, TOO_LARGE):
        error = limits.error(code)
        failure = Failure(f"{error}; what was indexed of it is kept", error.code)
        assert limits.refuse_again(failure)
        assert not Limits(seconds=6, memory=8 * _MEGABYTE).refuse_again(failure)
    assert limits.refuse_again(Failure("the file is empty"))
