"""``pullquote scale``: lines through what was measured, and what they come to."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.sizing import Fit, Load, Prices, fit, fits, size
from api.settings import ConfigurationError
from index.storage.versions import Versions
from tests.support.command_line import one_line, run

LINES = {
    "bytes_a_passage": Fit(2_000, 2),
    "build_cpu_s": Fit(0, 0.001),
    "build_mb": Fit(200, 0.001),
    "open_cpu_s": Fit(0, 0),
    "vectors_cpu_ms": Fit(0, 0.0001),
    "words_cpu_ms": Fit(1, 0.0001),
    "serve_mb": Fit(150, 0.0001),
}
LOAD = Load(500_000, passages_an_article=2, characters_a_passage=500, asks_per_second=10, machines=2, reading_ms=64)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0, 1e6), st.floats(0, 1e3))
def test_a_line_goes_through_both_measurements(low: int, step: int, fixed: float, each: float) -> None:
    found = fit((low + step, fixed + each * (low + step)), (low, fixed + each * low))
    assert found.at(low + step) == pytest.approx(fixed + each * (low + step), rel=1e-6, abs=1e-3)
    assert found.fixed >= 0


def test_a_figure_that_falls_counts_as_the_higher_one() -> None:
    assert fit((40_000, 2.6), (400_000, 1.9)) == Fit(2.6, 0)


def test_figures_follow_from_the_lines() -> None:
    found = size(LOAD, Prices(), LINES)
    assert found.passages == 1_000_000
    assert found.disk_gb == pytest.approx(3.0)
    assert found.memory_gb == pytest.approx(0.25 + 3.0)
    assert found.ask_cpu_ms == pytest.approx(64 + 10 + 101), "vectors cost no more than those of 100,000 passages"
    assert found.processors == 2, "5 asks a second of 175 ms, with processors busy for 70 % of the time"
    assert found.build_memory_gb == pytest.approx(1.2)
    assert found.build_cpu_hours == pytest.approx((1_000 + 1_000_000 / 81) / 3600)


def test_bytes_follow_the_characters_of_a_passage() -> None:
    found = size(replace(LOAD, characters_a_passage=1_500), Prices(), LINES)
    assert found.disk_gb == pytest.approx(5.0)


def test_a_million_passages_take_the_bytes_that_were_measured() -> None:
    """docs/scale.md: 3.47 GB for 997,902 passages of 834 characters, 1.10 GB for 400,071 of 369."""
    for passages, characters, gigabytes in ((997_902, 834, 3.47), (400_071, 369, 1.10)):
        load = Load(passages, passages_an_article=1, characters_a_passage=characters)
        assert size(load, Prices(), fits()).disk_gb == pytest.approx(gigabytes, rel=0.02)


def test_cost_is_that_of_the_reader_s_prices() -> None:
    nothing = Prices(
        processor_month=0,
        gigabyte_of_memory_month=0,
        gigabyte_of_disk_month=0,
        gigabyte_in_bucket_month=0,
        processor_hour=0,
    )
    assert size(LOAD, nothing, LINES).month == 0
    assert size(LOAD, replace(nothing, processor_month=7), LINES).month == 2 * 2 * 7
    assert size(LOAD, replace(nothing, gigabyte_of_memory_month=2), LINES).month == pytest.approx(2 * 2 * 3.25)
    assert size(LOAD, replace(nothing, gigabyte_of_disk_month=1), LINES).month == pytest.approx(2 * 6)
    assert size(LOAD, replace(nothing, gigabyte_in_bucket_month=1), LINES).month == pytest.approx(3)
    assert size(LOAD, replace(nothing, processor_hour=1), LINES).first_build == pytest.approx(13_345.7 / 3600, rel=1e-4)


def test_the_measured_lines_grow_with_passages() -> None:
    assert fits().keys() == LINES.keys()
    assert all(line.fixed >= 0 and line.each >= 0 for line in fits().values())
    small, large = (size(replace(LOAD, articles=count), Prices(), fits()) for count in (10_000, 400_000))
    assert small.month < large.month
    assert small.build_cpu_hours < large.build_cpu_hours


def test_the_command_prints_what_a_load_takes(tmp_path: Path) -> None:
    sheet = tmp_path / "prices.toml"
    sheet.write_text('currency = "shells"\nprocessor_month = 11\n')
    shown = run("scale", "--articles", "400000", "--asks-per-second", "5", "--prices", sheet)
    assert shown.exit_code == 0, shown.output
    assert "800,000 passages of 500 characters, 5 asks a second, shared by 2 machines" in shown.stdout
    assert "shells a month, " in shown.stdout
    assert f"prices of {sheet}" in shown.stdout
    assert "invented prices" in run("scale", "--articles", "400000").stdout
    assert "measured up to" in shown.stdout
    assert "measured up to" not in run("scale", "--articles", "1000").stdout
    found = json.loads(run("scale", "--articles", "1000", "--passages-per-article", "3", "--json").stdout)
    assert found["passages"] == 3000


def test_passages_are_like_those_of_an_index_that_there_is(seed_data: Path, tmp_path: Path) -> None:
    with Versions(seed_data / "index").open() as snapshot:
        [article] = snapshot.articles()
        passages = snapshot.store.article_passages(article.id)
    length = sum(each.end - each.start for each in passages) / len(passages)
    shown = run("scale", "--articles", "1000", "--like", seed_data)
    assert f"{1000 * len(passages):,} passages of {length:,.0f} characters" in shown.stdout, shown.output
    given = run("scale", "--articles", "1000", "--like", seed_data, "--characters-per-passage", "70")
    assert f"{1000 * len(passages):,} passages of 70 characters" in given.stdout
    assert "no index" in one_line(run("scale", "--articles", "1000", "--like", tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("processors = 3", "names processors: prices are currency, processor_month"),
        ('processor_month = "3"', "processor_month = '3' is no price"),
        ("processor_month = -1", "is no price"),
        ("processor_month = true", "is no price"),
        ("currency = 3", "is no text"),
        ("= 3", "can't be read"),
    ],
)
def test_a_price_sheet_that_is_wrong_is_refused_in_one_line(tmp_path: Path, sheet: str, said: str) -> None:
    (tmp_path / "prices.toml").write_text(sheet)
    with pytest.raises(ConfigurationError, match=said.replace("(", r"\(")):
        Prices.read(tmp_path / "prices.toml")
    assert said in one_line(run("scale", "--articles", "1", "--prices", tmp_path / "prices.toml"), code=2)
