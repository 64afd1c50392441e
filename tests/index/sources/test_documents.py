"""Web addresses as sources: pages, files, feeds and sitemaps, with what they list."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.article import Article
from index.building.builder import build
from index.models.embedder import Embedder
from index.parsing.types import LoadError, Origin
from index.sources.documents import DocumentReader
from index.sources.fetch import Fetcher, FetchPolicy
from index.sources.unread import SourceError, SourceFailure, expand, read
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.question import Question
from rag.reading.reader import Reader
from tests.support.stories import STORIES, files, html_page, markdown, plain
from tests.support.web_server import Web, redirect, respond, serve

LOCAL = FetchPolicy(allow_private=True, seconds=30, most_listed=10)
HTML = "text/html; charset=utf-8"


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        server.pages |= {f"/{story.slug}": (HTML, html_page(story).encode()) for story in STORIES}
        yield server


def found(*sources: str | Path, policy: FetchPolicy = LOCAL) -> tuple[list[Article], list[str]]:
    items = list(read(sources, Fetcher(policy)))
    return [item for item in items if isinstance(item, Article)], [
        item.reason for item in items if isinstance(item, SourceFailure)
    ]


def rss(web: Web, *paths: str, text: str = "In short.") -> bytes:
    items = "".join(
        f"<item><title>The title in the feed</title><link>{web.url(path)}</link><author>Feed Author</author>"
        f"<pubDate>Mon, 03 Jun 2024 08:00:00 GMT</pubDate><description>{text}</description></item>"
        for path in paths
    )
    return f"<rss version='2.0'><channel><title>The Feed</title>{items}</channel></rss>".encode()


def sitemap(web: Web, *paths: str, kind: str = "urlset", entry: str = "url") -> bytes:
    entries = "".join(f"<{entry}><loc> {web.url(path)} </loc></{entry}>" for path in paths)
    return f"<{kind} xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}</{kind}>".encode()


def test_a_page_is_read_and_cites_where_it_stands(web: Web) -> None:
    web.pages["/old"] = redirect("/tramway")
    (article,), failures = found(web.url("/old"))
    assert not failures
    assert (article.title, article.url) == (STORIES[2].title, web.url("/tramway"))
    assert article.source == STORIES[2].publisher


@pytest.mark.parametrize(
    ("path", "media_type", "read_as"),
    [
        ("/a", "application/pdf", "application/pdf"),
        ("/a.pdf", "application/octet-stream", "application/pdf"),
        ("/a.txt", "application/pdf", "application/pdf"),
    ],
)
def test_the_content_type_decides_unless_it_says_nothing(web: Web, path: str, media_type: str, read_as: str) -> None:
    web.pages[path] = (media_type, files()["pdf"]["tramway.pdf"])
    (article,), failures = found(web.url(path))
    assert not failures
    assert article.media_type == read_as


def test_plain_text_is_told_apart_by_its_name(web: Web) -> None:
    web.pages |= {
        "/a.md": ("text/plain", markdown(STORIES[0]).encode()),
        "/a": ("text/plain", plain(STORIES[0]).encode()),
        "/b.jsonl.gz": ("application/gzip", gzip.compress(files()["many in one file"]["all.jsonl"])),
    }
    articles, failures = found(*map(web.url, ("/a.md", "/a", "/b.jsonl.gz")))
    assert not failures
    types = [article.media_type for article in articles]
    assert types == ["text/plain", "text/markdown", *["application/jsonl"] * 3]


def test_the_character_set_of_the_sender_is_followed(web: Web) -> None:
    text = "Президент заявил в среду, что ситуация на побережье остаётся сложной."
    web.pages["/a.txt"] = ("text/plain; charset=koi8-r", text.encode("koi8-r"))
    assert found(web.url("/a.txt"))[0][0].text == text


@pytest.mark.parametrize(
    ("path", "media_type", "reason"),
    [
        ("/a.html", "image/png", r"this kind of file \(image/png\) is not supported"),
        ("/a.html", "application/pdf", "is no PDF document"),
        ("/a.pdf", HTML, ""),
        ("/a", "application/octet-stream", "is not supported"),
    ],
)
def test_a_document_that_lies_about_its_type(web: Web, path: str, media_type: str, reason: str) -> None:
    web.pages[path] = (media_type, html_page(STORIES[0]).encode())
    articles, failures = found(web.url(path))
    assert (len(articles), len(failures)) == ((0, 1) if reason else (1, 0))
    assert all(re.search(reason, failure) for failure in failures)


def test_a_feed_brings_the_articles_it_lists(web: Web) -> None:
    web.pages["/feed"] = ("application/rss+xml", rss(web, "/lighthouse", "/orchard", "/missing"))
    articles, failures = found(web.url("/feed"))
    assert [article.title for article in articles] == [STORIES[0].title, STORIES[1].title]
    assert failures == [f"{web.url('/missing')}: the server answers with status 404: check the address in a browser"]


def test_a_feed_tells_what_the_page_does_not(web: Web) -> None:
    body = "".join(f"<p>{paragraph}</p>" for _, paragraphs in STORIES[0].sections for paragraph in paragraphs)
    web.pages |= {
        "/feed.xml": ("text/xml", rss(web, "/bare")),
        "/bare": (HTML, f"<html><body>{body}</body></html>".encode()),
    }
    (article,), _ = found(web.url("/feed.xml"))
    assert (article.authors, article.source) == (("Feed Author",), "The Feed")
    assert article.published is not None
    assert article.published.isoformat() == "2024-06-03"


def test_a_feed_with_the_whole_text_is_not_fetched_again(web: Web) -> None:
    web.pages["/feed"] = ("application/atom+xml", files()["atom"]["lighthouse.atom"])
    (article,), failures = found(web.url("/feed"))
    assert not failures
    assert article.url == "https://news.example/lighthouse"
    assert web.asked == ["/robots.txt", "/feed"]


def test_a_sitemap_of_sitemaps_brings_each_page_once(web: Web) -> None:
    web.pages |= {
        "/sitemap.xml": (
            "application/xml",
            sitemap(web, "/one.xml.gz", "/two.xml", kind="sitemapindex", entry="sitemap"),
        ),
        "/one.xml.gz": ("application/gzip", gzip.compress(sitemap(web, "/lighthouse", "/orchard"))),
        "/two.xml": ("text/xml", sitemap(web, "/orchard", "/tramway")),
    }
    articles, failures = found(web.url("/sitemap.xml"), web.url("/orchard"))
    assert not failures
    assert sorted(article.title for article in articles) == sorted(story.title for story in STORIES)
    assert len(web.asked) == len(set(web.asked))


def test_a_sitemap_that_lists_itself_ends(web: Web) -> None:
    web.pages["/a.xml"] = ("text/xml", sitemap(web, "/a.xml", "/b.xml", kind="sitemapindex", entry="sitemap"))
    web.pages["/b.xml"] = ("text/xml", sitemap(web, "/a.xml"))
    assert found(web.url("/a.xml")) == ([], [])


@pytest.mark.parametrize(("most", "reason"), [(2, "the first 2 documents"), (0, "what it lists is not fetched")])
def test_the_limit_of_a_list_is_a_failure(web: Web, most: int, reason: str) -> None:
    web.pages["/s.xml"] = ("text/xml", sitemap(web, "/lighthouse", "/orchard", "/tramway"))
    policy = FetchPolicy(allow_private=True, most_listed=most)
    *articles, failure = read([web.url("/s.xml")], Fetcher(policy))
    assert len(articles) == most
    assert isinstance(failure, SourceFailure)
    assert (failure.code, reason in failure.reason) == ("list_too_long", True)


def test_a_list_can_not_reach_what_is_private_or_no_web_address(web: Web, tmp_path: Path) -> None:
    (tmp_path / "feed.rss").write_bytes(rss(web, "/lighthouse"))
    (tmp_path / "map.xml").write_text("<urlset><url><loc>file:///etc/passwd</loc></url></urlset>")
    articles, failures = found(tmp_path, policy=FetchPolicy())
    assert not articles
    assert "127.0.0.1 is private" in failures[0]
    assert "must begin with http" in failures[1]
    assert web.asked == []


def test_a_saved_feed_brings_what_it_lists(web: Web, tmp_path: Path) -> None:
    (tmp_path / "feed.rss").write_bytes(rss(web, "/lighthouse"))
    (article,), failures = found(tmp_path)
    assert (article.title, failures) == (STORIES[0].title, [])


def test_nothing_is_fetched_without_a_fetcher(web: Web, tmp_path: Path) -> None:
    (tmp_path / "feed.rss").write_bytes(rss(web, "/lighthouse"))
    failures = [item.reason for item in read([web.url("/lighthouse"), tmp_path]) if isinstance(item, SourceFailure)]
    assert len(failures) == 2
    assert web.asked == []


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(SourceError, match=r"source 'ftp://example\.org/a': the address is not one of the web"):
        expand(["ftp://example.org/a"])


def test_an_upload_is_read_by_its_type_and_name() -> None:
    pdf = files()["pdf"]["tramway.pdf"]
    for media_type, name in (("application/octet-stream", "a.pdf"), ("application/pdf", "upload"), (None, "a.PDF")):
        article, note = DocumentReader().read(pdf, Origin(name), media_type)
        assert isinstance(article, Article)
        assert article.title == STORIES[2].title
        assert "running titles are left out" in str(note)


def test_a_packed_file_ends_and_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sources.reading.LARGEST_FILE", 10_000)
    for data, reason in (
        (gzip.compress(bytes(20_000)), "unpacks to more than"),
        (gzip.compress(plain(STORIES[0]).encode())[:-20], "is cut off"),
        (b"\x1f\x8b damaged", "packed wrongly"),
    ):
        (error,) = DocumentReader().read(data, Origin("a.txt.gz"))
        assert isinstance(error, LoadError)
        assert reason in str(error)


def test_questions_about_pages_are_answered_with_their_heading(
    web: Web, tmp_path: Path, embedder: Embedder, reader: Reader
) -> None:
    web.pages["/sitemap.xml"] = ("application/xml", sitemap(web, *(f"/{story.slug}" for story in STORIES)))
    versions = Versions(tmp_path / "index")
    assert not build([web.url("/sitemap.xml")], versions, embedder, fetcher=Fetcher(LOCAL)).failures
    answerer = Answerer(versions.open(), embedder, reader)
    for story in STORIES:
        result = answerer.ask(Question(story.question, limit=1))
        answer = result.answers[0] if result.answers else result.best_guess
        assert answer is not None
        citation = answer.citations[0]
        assert story.answer in answer.text
        assert (citation.heading, citation.url) == (story.heading, web.url(f"/{story.slug}"))
        assert citation.source_link
        assert citation.source_link.startswith(f"{web.url(f'/{story.slug}')}#:~:text=")


def test_a_saved_feed_whose_pages_another_one_brought_is_read_again_next_time(
    web: Web, tmp_path: Path, embedder: Embedder
) -> None:
    news = tmp_path / "news"
    news.mkdir()
    for name in ("a.rss", "b.rss"):
        (news / name).write_bytes(rss(web, "/lighthouse"))
    versions = Versions(tmp_path / "index")
    assert build([news], versions, embedder, fetcher=Fetcher(LOCAL)).articles == 1
    (news / "a.rss").write_bytes(rss(web, "/orchard"))
    assert build([news], versions, embedder, fetcher=Fetcher(LOCAL)).articles == 2


def test_a_story_that_two_feeds_bring_is_told_and_is_no_failure(web: Web, tmp_path: Path, embedder: Embedder) -> None:
    for name in ("a.rss", "b.rss"):
        web.pages[f"/{name}"] = ("application/rss+xml", rss(web, "/story", text="Rain fell on the coast. " * 60))
    feeds = [web.url(f"/{name}") for name in ("a.rss", "b.rss")]
    report = build(feeds, Versions(tmp_path / "index"), embedder, fetcher=Fetcher(LOCAL), strict=True)
    assert (report.articles, report.failures) == (1, [])
    assert [note.key for note in report.notes] == feeds[1:]
    assert f"has the same text and id in {feeds[0]}" in report.notes[0].text


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.7 cut", b"<html><body><script>x()</script></body></html>"])
def test_a_listed_page_that_breaks_is_kept_whichever_list_names_it_then(
    web: Web, tmp_path: Path, embedder: Embedder, broken: bytes
) -> None:
    web.pages["/s.xml"] = ("text/xml", sitemap(web, "/lighthouse", "/orchard"))
    versions = Versions(tmp_path / "index")
    assert build([web.url("/s.xml")], versions, embedder, fetcher=Fetcher(LOCAL)).articles == 2
    web.pages["/a.rss"] = ("application/rss+xml", rss(web, "/orchard"))
    web.pages["/orchard"] = (HTML, broken)
    report = build([web.url("/a.rss"), web.url("/s.xml")], versions, embedder, fetcher=Fetcher(LOCAL))
    assert (report.articles, report.embedded, len(report.failures)) == (2, 0, 1)
    assert "what was indexed of it is kept" in report.failures[0].reason


@pytest.mark.parametrize(("status", "kept"), [(503, 3), (429, 3), (403, 3), (404, 2), (410, 2)])
def test_a_listed_page_that_is_out_of_reach_for_now_is_kept(
    web: Web, tmp_path: Path, embedder: Embedder, status: int, kept: int
) -> None:
    web.pages["/s.xml"] = ("text/xml", sitemap(web, *(f"/{story.slug}" for story in STORIES)))
    versions = Versions(tmp_path / "index")
    first = build([web.url("/s.xml")], versions, embedder, fetcher=Fetcher(LOCAL))
    assert (first.articles, first.failures) == (3, [])
    web.pages["/orchard"] = lambda request: respond(request, status, {})
    second = build([web.url("/s.xml")], versions, embedder, fetcher=Fetcher(LOCAL))
    assert (second.articles, second.embedded) == (kept, 0)
    (failure,) = second.failures
    assert f"{web.url('/orchard')}: the server answers with status {status}" in failure.reason
    assert ("what was indexed of it is kept" in failure.reason) == (kept == 3)
