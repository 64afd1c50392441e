"""The service is killed at random moments, and switched under load: short runs of the commands that do it at length."""

import random
from pathlib import Path

import pytest

from benchmarks.crashes import crash
from benchmarks.soak import soak
from benchmarks.switches import measure

pytestmark = pytest.mark.slow


def test_killed_at_random_moments_nothing_acknowledged_is_lost(model_cache: Path, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"python -m benchmarks.crashes --kills 5 --seed {seed}")
    figures = crash(tmp_path, model_cache, 5, seed)
    assert figures["acknowledged changes"]
    assert figures["refused requests"] == {}


@pytest.mark.parametrize("processes", [1, 2])
def test_switches_under_load_fail_and_mix_no_answer(model_cache: Path, tmp_path: Path, processes: int) -> None:
    figures = measure(tmp_path, model_cache, towns=40, switches=6, processes=processes)
    assert figures["failed or mixed"] == 0, figures
    assert figures["the same in seconds of the service's own"] < 2
    assert figures["largest growth"] < 0.1
    assert all(len(versions) == 1 for versions in figures["versions held open at the end, by process"])


def test_a_short_soak_loses_nothing(model_cache: Path, tmp_path: Path) -> None:
    figures = soak(tmp_path, model_cache, 1, 7, round_seconds=8)
    assert figures["rounds"] == 1
    assert figures["acknowledged changes"]
    assert figures["answers"]
    assert figures["refused requests"] == {}
