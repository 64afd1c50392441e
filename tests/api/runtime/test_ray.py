"""Shards on a real Ray cluster: the answers of one index, while replicas and a node are lost and versions change.

Ray listens on the machine's own interface unless there is none, so it runs in a network namespace that has loopback
alone; its processes end with the namespace of processes.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

SHARD_SECONDS = 2.0
LONGEST = 600
_ALONE = ["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
_RAY = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "40", "OMP_NUM_THREADS": "1"}
_SLOW_TO_IMPORT = "rfc3987_syntax"
"""What jsonschema imports where it is installed: with its grammar, each of Ray's processes starts a second later."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``ray_trial`` saw."""
    if not find_spec("ray"):
        pytest.skip("needs the extra: pip install 'pullquote[ray]'")
    alone = _ALONE if os.getuid() == 0 else [*_ALONE, "--map-root-user"]
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespace can be made here: {getattr(error, 'stderr', None) or error}")
    folder = tmp_path_factory.mktemp("ray")
    (folder / f"{_SLOW_TO_IMPORT}.py").write_text("raise ImportError")
    environment = {**os.environ, **_RAY, "PYTHONPATH": f"{folder}{os.pathsep}{os.environ['PYTHONPATH']}"}
    command = [*alone, sys.executable, "-m", "tests.api.runtime.ray_trial", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    log = "\n".join(path.read_text()[-10_000:] for path in folder.glob("serve-*.log"))
    assert done.returncode == 0, f"{done.stdout[-5000:]}\n{done.stderr[-5000:]}\n{log}"
    found: dict[str, Any] = json.loads((folder / "seen.json").read_text())
    return found


def assert_nobody_was_misled(load: dict[str, Any]) -> None:
    """Every question was answered, after one retry at most, and each answer that calls itself complete is that of the
    whole index.
    """
    assert load["asked"] > 5
    assert (load["failed"], load["wrong"], load["mixed"]) == (0, [], [])


def test_answers_are_those_of_one_index(seen: dict[str, Any]) -> None:
    assert len(seen["same"]) > 20
    assert all(seen["same"])


def test_all_shards_switch_together_and_the_old_ones_go(seen: dict[str, Any]) -> None:
    assert_nobody_was_misled(seen["switch"])
    assert seen["switch"]["incomplete"] == 0
    assert "old" in seen


@pytest.mark.parametrize("lost", ["replica", "node"])
def test_what_is_lost_fails_no_question_and_comes_back_by_itself(seen: dict[str, Any], lost: str) -> None:
    assert_nobody_was_misled(seen[lost])


def test_a_shard_that_hangs_is_waited_for_once_and_its_answers_say_so(seen: dict[str, Any]) -> None:
    hanging = seen["hanging"]
    assert hanging["replicas"] == 2
    complete, coverage, warnings = hanging["said"]
    assert (complete, warnings) == (False, ["incomplete"])
    assert 0 < coverage < 1
    seconds = sorted(each for each, *_ in hanging["later"])
    assert seconds[len(seconds) // 2] < SHARD_SECONDS <= hanging["first"]
    assert [said for _, *said in hanging["later"]] == [[False, coverage]] * len(seconds)
    assert hanging["required"] == [503, "incomplete", "2"]
    assert_nobody_was_misled(hanging["back"])
    assert hanging["back"]["incomplete"] > 0


def test_a_second_service_uses_the_shards_that_run(seen: dict[str, Any]) -> None:
    assert seen["second"] == [True, True, True]
    assert seen["shared"]


def test_a_version_with_a_damaged_shard_is_refused(seen: dict[str, Any]) -> None:
    refused, goes_on = seen["refused"]
    assert "a shard can't be started" in refused["reason"]
    assert "SnapshotError" in refused["reason"]
    assert goes_on


def test_parts_that_the_cluster_built_give_the_same_version(seen: dict[str, Any]) -> None:
    assert f"-{seen['versions'][1].partition('-')[2]} in" in seen["built"]
    assert "0 passages embedded" in seen["built"]
