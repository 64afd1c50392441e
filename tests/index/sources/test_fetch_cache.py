"""What did not change is not sent again, and what was deleted is not kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from index.sources.fetch import Fetched, Fetcher, FetchError, FetchPolicy
from index.sources.fetch_cache import FetchCache
from tests.support.web_server import Web, respond, serve

LOCAL = FetchPolicy(allow_private=True, seconds=30)


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


class Page:
    """A page with a validator; it counts how often it was sent in full."""

    def __init__(self, header: str, value: str) -> None:
        self.header, self.value, self.body, self.sent = header, value, b"<p>Rain fell.</p>", 0

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        asked = {"etag": "if-none-match", "last-modified": "if-modified-since"}.get(self.header, "none")
        if request.headers[asked] == self.value:
            respond(request, 304, {})
        else:
            self.sent += 1
            respond(request, 200, {"content-type": "text/html", self.header: self.value}, self.body)


def fetch(fetcher: Fetcher, web: Web, *articles: str) -> Fetched:
    found = fetcher.fetch(web.url("/a"))
    fetcher.note_articles(found, articles)
    return found


@pytest.mark.parametrize(
    ("header", "value"), [("etag", '"one"'), ("etag", 'W/"one"'), ("last-modified", "Tue, 05 Mar 2024 09:00:00 GMT")]
)
def test_what_did_not_change_is_not_sent_again(web: Web, tmp_path: Path, header: str, value: str) -> None:
    page = web.pages["/a"] = Page(header, value)
    first = fetch(Fetcher(LOCAL, FetchCache(tmp_path / "cache")), web)
    again = fetch(Fetcher(LOCAL, FetchCache(tmp_path / "cache")), web)
    assert (first.is_new, again.is_new, page.sent) == (True, False, 1)
    assert (again.data, again.url, again.media_type) == (first.data, first.url, first.media_type)
    page.value, page.body = value.replace("one", "two").replace("09:", "10:"), b"<p>Snow fell.</p>"
    assert fetch(Fetcher(LOCAL, FetchCache(tmp_path / "cache")), web).data == page.body


def test_what_a_server_lets_nobody_ask_for_is_sent_each_time(web: Web, tmp_path: Path) -> None:
    page = web.pages["/a"] = Page("age", "3")
    for _ in range(2):
        assert fetch(Fetcher(LOCAL, FetchCache(tmp_path / "cache")), web).is_new
    assert page.sent == 2


def test_a_document_with_a_deleted_article_is_not_kept(web: Web, tmp_path: Path) -> None:
    page = web.pages["/a"] = Page("etag", '"one"')
    fetcher = Fetcher(LOCAL, FetchCache(tmp_path / "cache"))
    fetch(fetcher, web, "oats", "rye")
    fetcher.forget(["barley"])
    assert not fetch(fetcher, web, "oats", "rye").is_new
    fetcher.forget(["rye"])
    assert b"Rain" not in (tmp_path / "cache").read_bytes()
    assert fetch(fetcher, web, "oats", "rye").is_new
    assert page.sent == 2


def test_a_damaged_file_costs_a_fetch(web: Web, tmp_path: Path) -> None:
    web.pages["/a"] = Page("etag", '"one"')
    for _ in range(2):
        (tmp_path / "cache").write_bytes(b"no database" * 100)
        assert fetch(Fetcher(LOCAL, FetchCache(tmp_path / "cache")), web).data
    assert not fetch(Fetcher(LOCAL, FetchCache(tmp_path / "cache")), web).is_new


def test_not_modified_without_having_been_asked_is_an_error(web: Web) -> None:
    web.pages["/a"] = lambda request: respond(request, 304, {})
    with pytest.raises(FetchError, match="status 304"):
        Fetcher(LOCAL).fetch(web.url("/a"))


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("120", 120, 120),
        ("9999999999", 604_800, 604_800),
        ("in an hour", 3000, 3600),
        ("Wed, 05 Mar 2014 09:00:00 GMT", 0, 0),
    ],
)
def test_a_server_says_how_long_it_wants_to_be_left_alone(web: Web, header: str, least: float, most: float) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    sent = later if header == "in an hour" else header
    web.pages["/a"] = lambda request: respond(request, 503, {"retry-after": sent})
    fetcher = Fetcher(LOCAL)
    with pytest.raises(FetchError, match="503"):
        fetcher.fetch(web.url("/a#top"))
    assert least <= fetcher.waits[web.url("/a")] <= most


def test_a_wait_that_makes_no_sense_is_none(web: Web) -> None:
    web.pages["/a"] = lambda request: respond(request, 429, {"retry-after": "soon"})
    fetcher = Fetcher(LOCAL)
    with pytest.raises(FetchError, match="429"):
        fetcher.fetch(web.url("/a"))
    assert fetcher.waits == {}
