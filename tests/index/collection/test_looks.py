"""Sources elsewhere are wanted when their time comes, and stay so until a build has looked at them."""

from pathlib import Path

import pytest

from index.collection.looks import Looks
from index.collection.store import Collection
from index.sources.refresh import Look, Refresh

FEED, PAGE = "https://mills.example/feed.xml", "https://mills.example/page"
HOURLY = Refresh(3600.0)


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    return Looks(Collection(tmp_path))


def test_a_source_is_wanted_at_first_and_not_again_until_its_time_comes(looks: Looks) -> None:
    looks.follow([FEED, PAGE], HOURLY)
    assert looks.unwanted() == set()
    assert looks.take_due()
    looks.note({FEED: Look(3, 3)}, {})
    assert looks.unwanted() == {FEED}
    assert not looks.take_due()
    feed, page = looks.all()
    assert (feed.source, feed.articles, feed.added, feed.failures, feed.error) == (FEED, 3, 3, 0, None)
    assert feed.looked is not None
    assert feed.due == pytest.approx(feed.looked + 3600)
    assert (page.looked, page.interval) == (None, 3600)


def test_a_source_whose_time_has_come_is_wanted_once(looks: Looks) -> None:
    looks.follow([FEED], Refresh(0.0))
    looks.note({FEED: Look()}, {})
    assert looks.take_due()
    assert looks.unwanted() == set()
    assert not looks.take_due(), "it is asked for once, not until it is done"


def test_a_source_without_an_interval_is_looked_at_whenever_there_is_a_build(looks: Looks) -> None:
    looks.follow([FEED], Refresh())
    looks.note({FEED: Look()}, {})
    assert looks.unwanted() == set()
    assert not looks.take_due()


def test_failures_in_a_row_are_counted_and_put_the_next_look_off(looks: Looks) -> None:
    looks.follow([FEED], HOURLY)
    for _ in range(2):
        looks.note({FEED: Look(3, error="no answer")}, {})
    (feed,) = looks.all()
    assert feed.looked is not None
    assert (feed.failures, feed.error, feed.due) == (2, "no answer", pytest.approx(feed.looked + 4 * 3600))
    looks.note({FEED: Look(3)}, {FEED: 9000.0})
    (feed,) = looks.all()
    assert feed.looked is not None
    assert (feed.failures, feed.error, feed.due) == (0, None, pytest.approx(feed.looked + 9000))


def test_somebody_may_want_one_or_all(looks: Looks) -> None:
    looks.follow([FEED, PAGE], HOURLY)
    looks.note({FEED: Look(), PAGE: Look()}, {})
    assert looks.want(FEED)
    assert looks.unwanted() == {PAGE}
    assert not looks.want("https://oats.example/")
    assert looks.want()
    assert looks.unwanted() == set()


def test_other_sources_and_other_intervals(looks: Looks) -> None:
    looks.follow([FEED, PAGE], HOURLY)
    looks.note({FEED: Look(1), PAGE: Look(2)}, {PAGE: 90_000.0})
    looks.follow([PAGE], HOURLY)
    (page,) = looks.all()
    assert page.looked is not None
    assert page.due == pytest.approx(page.looked + 90_000), "what a server asked for holds when a service begins anew"
    looks.follow([PAGE], Refresh(60.0))
    assert looks.all()[0].due == pytest.approx(page.looked + 60)
    looks.follow([PAGE], Refresh())
    assert looks.all()[0].due is None
