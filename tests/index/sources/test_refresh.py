"""When sources elsewhere are looked at again."""

import pytest

from index.sources.refresh import Refresh, next_look

FEED = "https://mills.example/feed.xml"


def test_an_interval_for_all_and_others_for_some() -> None:
    refresh = Refresh.read(["1h", f"{FEED} 15m", "HTTPS://oats.example 2 d".replace("2 d", "2d")])
    assert refresh.interval(FEED) == 900
    assert refresh.interval("https://oats.example/") == 172_800
    assert refresh.interval("https://rye.example/") == 3600
    assert Refresh.read([]).interval(FEED) is None


@pytest.mark.parametrize("entry", ["hourly", "1 hour", "0m", "", f"{FEED}", "15", "mills 1h"])
def test_what_is_no_interval_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Refresh.read([entry])


@pytest.mark.parametrize(
    ("interval", "failures", "wait", "wanted"),
    [
        (900.0, 0, None, 1900.0),
        (900.0, 1, None, 2800.0),
        (900.0, 3, None, 8200.0),
        (900.0, 60, None, 87_400.0),
        (172_800.0, 5, None, 173_800.0),
        (900.0, 1, 7200.0, 8200.0),
        (None, 0, 60.0, None),
    ],
)
def test_a_source_that_fails_is_left_alone_for_longer(
    interval: float | None, failures: int, wait: float | None, wanted: float | None
) -> None:
    assert next_look(1000.0, interval, failures, wait) == wanted
