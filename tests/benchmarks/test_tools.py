import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.own_time import OwnTime
from benchmarks.quality_and_speed import Quality
from benchmarks.report import table, write_section
from benchmarks.turns import Spread, in_turns, percentile, ratio


def test_every_round_goes_through_all_ways_and_begins_with_another():
    order: list[str] = []

    def way(name):
        def run():
            order.append(name)
            return float(len(order))

        return run

    measured = in_turns({name: way(name) for name in "abc"}, rounds=3, warm_up=1)
    assert ["".join(order[at : at + 3]) for at in range(0, 12, 3)] == ["cab", "abc", "bca", "cab"]
    assert measured == {"a": [4.0, 9.0, 11.0], "b": [5.0, 7.0, 12.0], "c": [6.0, 8.0, 10.0]}


def test_a_ratio_compares_within_rounds():
    assert ratio([2.0, 8.0, 30.0], [1.0, 2.0, 10.0]) == Spread(3.0, 2.0, 4.0)
    with pytest.raises(ValueError, match="zip"):
        ratio([1.0], [])


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 2), (0.51, 3), (0.95, 4), (1.0, 4)])
def test_percentiles_are_nearest_ranks(share, expected):
    assert percentile([4, 2, 1, 3], share) == expected


def test_a_section_is_renewed_in_place_and_the_rest_stays(tmp_path: Path):
    document = tmp_path / "performance.md"
    document.write_text("# Speed\n", encoding="utf-8")
    write_section("one", table(["way", "rate"], [["a\\1", 12345.6], ["b", 0.01234]]), document)
    write_section("two", "second", document)
    write_section("one", "first", document)
    assert document.read_text(encoding="utf-8") == (
        "# Speed\n\n<!-- one -->\nfirst\n<!-- /one -->\n\n<!-- two -->\nsecond\n<!-- /two -->\n"
    )


def test_tables_show_three_digits():
    assert table(["n", "x", "y"], [[12345, 0.123456, 12345.6]]).splitlines()[-1] == "| 12,345 | 0.123 | 12,346 |"


def test_what_a_speed_up_costs_is_compared_question_by_question():
    one = Quality(1.0, (1.0, 0.5, 0.0), 1.0, 1.0, 0.0)
    other = Quality(1.0, (0.9, 0.6, 0.3), 1.0, 1.0, 0.0)
    apart, error = one.apart_from(other)
    assert apart == pytest.approx(-10)
    assert error == pytest.approx(20 / 3**0.5)
    assert one.apart_from(one) == (0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell how long a process waited")
def test_time_in_which_others_keep_a_process_from_the_processor_is_not_its_own():
    """A process that sleeps has all of the time; of many that want a processor, each has its share."""
    spinning = ["sh", "-c", "while :; do :; done"]
    processes = [subprocess.Popen(command) for command in (["sleep", "60"], *[spinning] * 8)]
    try:
        time.sleep(0.2)
        before = time.monotonic()
        clocks, begun = [OwnTime(process.pid) for process in processes[:2]], time.monotonic()
        time.sleep(0.5)
        ended = time.monotonic()
        slept, spun = (clock.seconds() for clock in clocks)
        least, most = ended - begun, time.monotonic() - before
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert 0.8 * least < slept <= most
    assert 0 < spun < 0.8 * most
