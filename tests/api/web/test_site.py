"""What others want of a site, without a browser."""

import html
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import ConfigurationError, load_settings
from tests.conftest import HERE

MASTER = "Who is the harbour master?"


def test_a_short_link_opens_the_place(articles_client: TestClient) -> None:
    shown = articles_client.get("/", params={"q": MASTER}).text
    short = re.search(rf'data-short="({HERE}/c/[^"]+)"', shown)
    assert short is not None
    assert len(short[1]) < 100
    opened = articles_client.get(short[1])
    assert opened.status_code == 200
    marked = re.search(r'<mark id="quote">(.+?)</mark>', opened.text)
    assert marked is not None
    assert re.sub(r"<[^>]*>", "", marked[1]) in re.sub(r"<[^>]*>", "", shown)
    for digits in (10, 21):  # another hash of the words, and of the whole text
        other = articles_client.get(f"{short[1][:-digits]}{'0' * 10}{short[1][len(short[1]) - digits + 10 :]}")
        assert "has changed" in other.text


def test_a_link_of_a_citation_opens_it_beside_its_question(articles_client: TestClient) -> None:
    shown = articles_client.get("/", params={"q": MASTER}).text
    [link, *_] = re.findall(r'href="([^"]+/c/[^"]+)"', shown)
    assert "?q=" in link
    opened = articles_client.get(link, follow_redirects=False)
    assert opened.status_code == 200
    assert MASTER in opened.text


_CUT = "a.1.2.0123456789.012345678"


@pytest.mark.parametrize("place", ["x", "a.b.c.d", "a.1.2.0123456789", "../x", _CUT, f"{_CUT}9a", "a.1.2.x.y"])
def test_a_short_link_that_was_cut_is_told(articles_client: TestClient, place: str) -> None:
    assert articles_client.get(f"/c/{place}", headers={"accept": "text/html"}).status_code == 404


def test_an_answer_can_be_taken_along_with_its_source(articles_client: TestClient) -> None:
    shown = articles_client.get("/", params={"q": MASTER}).text
    text, markdown = [html.unescape(each) for each in re.findall(r'data-copy="([^"]+)"', shown)[:2]]
    assert re.fullmatch(rf"“.+”\n— .+, \d+ \w+ \d{{4}}\n{HERE}/c/\S+", text, re.DOTALL)
    assert re.fullmatch(rf"> .+\n>\n> — \[.+\]\({HERE}/c/\S+\), .+", markdown)


def test_a_link_to_an_answer_names_the_version_it_was_given_from(articles_client: TestClient) -> None:
    version = articles_client.get("/v1/index").json()["version"]
    shown = articles_client.get("/", params={"q": MASTER}).text
    assert f"version={version}" in shown
    assert "has changed since this link" not in articles_client.get("/", params={"q": MASTER, "version": version}).text
    assert "has changed since this link" in articles_client.get("/", params={"q": MASTER, "version": "000000-0"}).text


def test_the_newest_articles_are_a_feed(articles_client: TestClient) -> None:
    feed = articles_client.get("/feed.xml")
    assert feed.headers["content-type"].startswith("application/rss+xml")
    items = ElementTree.fromstring(feed.text).findall("./channel/item")
    assert len(items) == 16
    assert items[0].findtext("pubDate") == "Mon, 05 May 2025 00:00:00 +0000"
    assert articles_client.get(items[0].findtext("link") or "").status_code == 200


def test_browsers_learn_how_to_search_here(articles_client: TestClient) -> None:
    described = ElementTree.fromstring(articles_client.get("/opensearch.xml").text)
    url = described.find("{http://a9.com/-/spec/opensearch/1.1/}Url")
    assert url is not None
    assert url.get("template") == f"{HERE}/?q={{searchTerms}}"
    page = articles_client.get("/").text
    assert 'rel="search" href="/opensearch.xml"' in page
    assert 'rel="alternate" href="/feed.xml"' in page
    assert '<meta property="og:title" content="Pullquote">' in page
    assert articles_client.get("/favicon.ico").headers["content-type"].startswith("image/svg")


def test_what_was_typed_suggests_titles_and_examples(articles_client: TestClient) -> None:
    assert "Thieves swap meteorite for a cabbage" in articles_client.get("/suggest", params={"q": "meteor"}).json()
    assert articles_client.get("/suggest", params={"q": " m "}).json() == []
    assert articles_client.get("/suggest", params={"q": "xyzzy"}).json() == []


def test_questions_that_were_answered_are_suggested_where_they_are_kept(articles_data: Path, tmp_path: Path) -> None:
    from api.questions.book import QuestionBook, Shown

    data = tmp_path / "data"
    data.symlink_to(articles_data, target_is_directory=True)
    settings = load_settings(data_dir=data, threads=1, question_log=True)
    book = QuestionBook(data, is_on=True)
    try:
        with TestClient(create_app(settings), base_url=HERE) as client:
            for _ in range(3):
                asked = client.get("/suggest", params={"q": "meteor"}).json()
                assert "Meteor showers, when are they?" not in asked  # what one person asks is not for others to read
                book.note("Meteor showers, when are they?", True, Shown("Monday", 0.9, "a", 0, 6))
            assert client.get("/suggest", params={"q": "meteor"}).json()[0] == "Meteor showers, when are they?"
    finally:
        (articles_data / "questions.sqlite").unlink(missing_ok=True)


def test_name_logo_colour_and_footer_are_settings(seed_data: Path, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    given = {"site_name": "The <Herald>", "site_logo": logo, "site_colour": "#114488", "site_footer": "Ask & read."}
    with TestClient(create_app(load_settings(data_dir=seed_data, threads=1, **given)), base_url=HERE) as client:
        page = client.get("/").text
        assert "<title>The &lt;Herald&gt;</title>" in page
        assert "Ask &amp; read." in page
        assert client.get("/logo").headers["content-type"].startswith("image/svg")
        assert "#114488" in client.get("/theme.css").text
        assert 'href="/theme.css"' in page
        assert "Herald" in client.get("/feed.xml").text
    with pytest.raises(ConfigurationError, match="is no colour"):
        load_settings(site_colour="red; }")
