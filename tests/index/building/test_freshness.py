"""Builds of sources elsewhere: what is not due stays, and a source that fails takes nothing away."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.building.builder import BuildReport, Change, build
from index.models.embedder import Embedder
from index.sources.fetch import Fetcher, FetchPolicy
from index.sources.fetch_cache import FetchCache
from index.sources.intake import Edits
from index.storage.versions import Versions
from tests.support.stories import STORIES, html_page
from tests.support.web_server import Web, respond, serve

LOCAL = FetchPolicy(allow_private=True, seconds=30, most_listed=10)
HTML, RSS = "text/html; charset=utf-8", "application/rss+xml"
OATS = "The mill of Aske grinds oats from the first of October until the snow is gone from the hills. "
RYE = "The rye of the valley is sown in September and cut in July, says the miller, if the rain lets it. "


def rss(**texts: str) -> tuple[str, bytes]:
    items = "".join(
        f"<item><title>{name}</title><guid isPermaLink='false'>{name}</guid>"
        f"<description>{text * 9}</description></item>"
        for name, text in texts.items()
    )
    return RSS, f"<rss version='2.0'><channel><title>Mills</title>{items}</channel></rss>".encode()


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        server.pages |= {"/feed": rss(oats=OATS, rye=RYE), "/page": (HTML, html_page(STORIES[2]).encode())}
        yield server


Look = Callable[..., BuildReport]


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "index")


@pytest.fixture
def look(web: Web, embedder: Embedder, versions: Versions) -> Look:
    def run(*paths: str, **options: object) -> BuildReport:
        fetcher = Fetcher(LOCAL, FetchCache(versions.folder.parent / "cache"))
        sources = [web.url(path) for path in paths or ("/feed", "/page")]
        return build(sources, versions, embedder, fetcher=fetcher, **options)  # type: ignore[arg-type]

    return run


def test_what_came_changed_and_went_is_named(web: Web, look: Look) -> None:
    first = look()
    feed, page = web.url("/feed"), web.url("/page")
    assert (first.looks[feed].articles, first.looks[feed].added, first.looks[page].added) == (2, 2, 1)
    web.pages["/feed"] = rss(oats=OATS + "All of it.", barley=OATS.replace("oats", "barley"))
    report = look()
    assert {(change.what, change.key) for change in report.changes} == {
        ("added", feed),
        ("changed", feed),
        ("removed", feed),
    }
    found = report.looks[feed]
    assert (found.articles, found.added, found.changed, found.removed, found.error) == (2, 1, 1, 1, None)
    assert report.looks[page].articles == 1
    again = look()
    assert not again.is_new
    assert (again.looks[feed].articles, again.looks[feed].added, again.changes) == (2, 0, [])


def test_what_is_not_due_is_not_asked_for_and_stays(web: Web, look: Look, versions: Versions) -> None:
    look()
    web.pages["/feed"], web.pages["/page"] = rss(oats=OATS), (HTML, html_page(STORIES[1]).encode())
    web.asked.clear()
    report = look(is_due=lambda source: source.endswith("/page"))
    assert "/feed" not in web.asked
    assert list(report.looks) == [web.url("/page")]
    assert (report.articles, report.unchanged, report.changed) == (3, 2, 1)
    web.asked.clear()
    assert not look(is_due=lambda _: False).is_new
    assert web.asked == []


def test_a_source_that_nothing_is_known_of_is_due(web: Web, look: Look) -> None:
    assert look("/page").articles == 1
    assert look(is_due=lambda _: False).articles == 3


@pytest.mark.parametrize(
    "page",
    [
        lambda request: respond(request, 500, {}),
        lambda request: respond(request, 410, {}),
        (RSS, b"<rss version='2.0'><channel><title>Mills</title></channel></rss>"),
        (RSS, b"<rss"),
        (HTML, html_page(STORIES[1]).encode()),
        ("application/xml", b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'></urlset>"),
    ],
    ids=["error", "gone", "no entries", "cut off", "a page", "an empty list"],
)
def test_a_source_that_fails_takes_nothing_away(web: Web, look: Look, page: object) -> None:
    look()
    web.pages["/feed"] = page  # type: ignore[assignment]
    report = look()
    assert (report.articles, report.unchanged, report.removed) == (3, 3, 0)
    assert report.looks[web.url("/feed")].error
    assert any(failure.key == web.url("/feed") for failure in report.failures)
    web.pages["/feed"] = rss(rye=RYE)
    report = look()
    assert (report.articles, report.looks[web.url("/feed")].error) == (2, None)


def test_what_was_deleted_is_not_kept_among_the_fetched(web: Web, look: Look, versions: Versions) -> None:
    kept = web.pages["/feed"]
    assert isinstance(kept, tuple)
    web.pages["/feed"] = lambda request: respond(request, 200, {"content-type": RSS, "etag": '"one"'}, kept[1])
    first = look("/feed")
    cache = versions.folder.parent / "cache"
    (name,) = (change.article_id for change in first.changes[:1])
    report = look("/feed", edits=lambda: Edits((), {name}))
    assert report.changes == [Change("removed", name, web.url("/feed"))]
    with sqlite3.connect(cache) as connection:
        assert connection.execute("SELECT count(*) FROM fetched").fetchone() == (0,)
