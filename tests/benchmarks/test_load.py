"""What the benchmarks of asking tell is what happened."""

import time

import pytest

from benchmarks.asking import Clock
from benchmarks.load import figures, moments


def test_a_stage_leaves_out_the_stages_inside_it(monkeypatch: pytest.MonkeyPatch):
    moments = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: moments[-1])
    clock = Clock()
    inner = clock.timed("inner", lambda: moments.append(moments[-1] + 50))
    outer = clock.timed("outer", lambda: [inner(), moments.append(moments[-1] + 20), inner()])
    outer()
    assert clock.spent == {"inner": 100_000, "outer": 20_000}
    clock.spent.clear()
    inner()
    assert list(clock.spent) == ["inner"]


def test_a_stage_that_fails_is_timed_too():
    clock = Clock()
    outer = clock.timed("outer", clock.timed("inner", lambda: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        outer()
    assert set(clock.spent) == {"inner", "outer"}


def test_questions_are_due_at_the_rate_whatever_happens_to_them():
    due = moments(50, 100, seed=1)
    assert due == sorted(due) == moments(50, 100, seed=1)
    assert due[0] > 0
    assert due[-1] < 100
    assert len(due) == pytest.approx(5000, rel=0.05)


def test_refusals_and_failures_are_no_answers():
    asks = [(200, 10.0, None), (200, 30.0, None), (503, 1.0, "4"), (503, 1.0, None), (0, 5.0, None), (500, 2.0, None)]
    told = figures(3, 2.0, 4.0, asks, [1.0, 2.0])
    assert told["due a second"] == 3
    assert told["answered a second"] == 0.5
    assert (told["refused"], told["refused, with Retry-After"], told["failed"]) == (2, 1, 2)
    assert (told["p50, ms"], told["p99, ms"]) == (10.0, 30.0)
