"""Shards on a real Ray cluster: the answers of one index, while replicas and a node are lost and versions change."""

from typing import Any

import pytest

from tests.support.ray_alone import SHARD_SECONDS, seen_alone

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``ray_trial`` saw."""
    return seen_alone("tests.api.runtime.ray_trial", tmp_path_factory.mktemp("ray"))


@pytest.fixture(scope="module")
def pulling(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``ray_bucket_trial`` saw."""
    return seen_alone("tests.api.runtime.ray_bucket_trial", tmp_path_factory.mktemp("ray"))


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


def test_machines_that_pull_their_shards_answer_as_one_index(pulling: dict[str, Any]) -> None:
    assert len(pulling["same"]) > 5
    assert all(pulling["same"])
    assert pulling["pulled"] == [["00000", "00001"], ["00000", "00001"]], "each machine has a process of each shard"
    assert pulling["router"] == [], "the service has no shard"


def test_a_version_is_pulled_before_all_switch_to_it(pulling: dict[str, Any]) -> None:
    assert_nobody_was_misled(pulling["switch"])
    assert pulling["switch"]["incomplete"] == 0


def test_processes_that_are_lost_with_all_that_was_pulled_come_back_when_the_bucket_does(
    pulling: dict[str, Any],
) -> None:
    lost = pulling["lost"]
    assert "any more, so version" in lost["why"]
    assert_nobody_was_misled(lost["load"])
    assert lost["load"]["incomplete"] > 0
    assert pulling["again"] == pulling["pulled"]


def test_a_second_service_with_a_folder_of_its_own_uses_the_shards_that_run(pulling: dict[str, Any]) -> None:
    assert pulling["second"] == [True, True, True]
    assert pulling["shared"]
