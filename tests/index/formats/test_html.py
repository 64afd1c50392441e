"""Web pages: the article and its metadata, and nothing of what stands around it."""

import json
import sys
import unicodedata
from datetime import date

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.types import LoadError, Origin

PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Storm hits coast - The Bay News</title>
<meta property="og:site_name" content="The Bay News"><meta property="og:title" content="Storm hits coast">
<meta name="author" content="Jane Doe; John Roe"><meta name="keywords" content="weather, coast">
<meta property="article:published_time" content="2024-10-05T10:00:00Z">
<link rel="canonical" href="https://example.org/storm">
<script>var tracker = "script text";</script><style>.style-text {}</style></head><body>
<div id="cookie-banner" class="cookie-consent"><p>We use cookies.</p> <button>Accept all cookies</button></div>
<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World news</a></li></ul></nav>
<article><h1>Storm hits coast</h1>
<p>A storm hit the coast on Friday and left <b>thousands of people</b> without power, <a href="/o">officials</a> said.
It was the strongest in ten years.</p>
<h2>What happens next</h2>
<p>The storm moves north,<br>the weather service said. Cafe&#769; owners are worried about the coming days.</p>
<blockquote><p>"It will weaken," said the head of the service, "but slowly, and it may turn again."</p></blockquote>
<ul><li>The first shelter is at the school in the centre.</li><li>The second shelter is at the town hall.</li></ul>
<table><tr><th>Place</th><th>Wind</th></tr><tr><td>Key West</td><td>90 mph</td></tr></table>
<h3>Background</h3>
<p>Storms are frequent here between June and November, and the county has a plan for them.</p>
</article><aside><h3>Most read</h3><ul><li><a href="/1">Other story of the day</a></li></ul></aside>
<footer><p>Copyright 2024 The Bay News. All rights reserved.</p></footer></body></html>
"""

AROUND = """<header><h2>The Bay News</h2></header><nav><a href="/">Home</a> <a href="/p">Politics</a> <i>Sport</i></nav>
<form><label>Search the site for news.</label><input name="q"><button>Go</button></form>
<footer><p>Copyright 2024 The Bay News. All rights reserved.</p></footer>"""


def read(page: str | bytes, url: str | None = None) -> Article:
    data = page.encode() if isinstance(page, str) else page
    (article,) = load(data, Origin("pages/0a1.html", path="0a1.html", url=url))
    assert isinstance(article, Article)
    return article


def blocks(article: Article) -> list[tuple[str, str]]:
    return [(block.kind, article.text[block.start : block.end]) for block in article.blocks]


def test_metadata() -> None:
    article = read(PAGE)
    assert article.title == "Storm hits coast"
    assert article.authors == ("Jane Doe", "John Roe")
    assert article.published == date(2024, 10, 5)
    assert (article.source, article.url) == ("The Bay News", "https://example.org/storm")
    assert (article.language, article.tags) == ("en-GB", ("weather", "coast"))
    assert (article.media_type, article.path) == ("text/html", "0a1.html")


def test_blocks_are_the_article_and_nothing_around_it() -> None:
    article = read(PAGE)
    assert blocks(article) == [
        (
            "paragraph",
            "A storm hit the coast on Friday and left thousands of people without power, officials said. "
            "It was the strongest in ten years.",
        ),
        ("heading", "What happens next"),
        (
            "paragraph",
            "The storm moves north, the weather service said. Café owners are worried about the coming days.",
        ),
        ("paragraph", '"It will weaken," said the head of the service, "but slowly, and it may turn again."'),
        ("paragraph", "The first shelter is at the school in the centre."),
        ("paragraph", "The second shelter is at the town hall."),
        ("columns", "Place | Wind"),
        ("row", "Key West | 90 mph"),
        ("heading", "Background"),
        ("paragraph", "Storms are frequent here between June and November, and the county has a plan for them."),
    ]
    assert article.text == "\n\n".join(text for _, text in blocks(article))
    assert unicodedata.is_normalized("NFC", article.text)


def test_same_in_same_out() -> None:
    assert read(PAGE) == read(PAGE)


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-8", "utf-16"])
def test_the_declared_character_set_is_followed(encoding: str) -> None:
    text = "Президент заявил в среду, что ситуация на побережье остаётся сложной."
    page = f'<html><head><meta charset="{encoding}"><title>Шторм</title></head><body><p>{text}</p></body></html>'
    article = read(page.encode(encoding))
    assert (article.title, article.text) == ("Шторм", text)


def test_an_xhtml_declaration_is_no_obstacle() -> None:
    page = '<?xml version="1.0" encoding="utf-8"?>\n' + PAGE
    assert read(page).text == read(PAGE).text


def test_a_byline_in_the_text_is_metadata() -> None:
    body = "A storm hit the coast on Friday and left thousands of people without power, officials said."
    byline = "<p>By Jane Doe, Reuters</p>"
    article = read(f"<html><body><article><h1>Storm hits coast</h1>{byline}<p>{body}</p></article></body></html>")
    assert (article.title, article.authors, article.source) == ("Storm hits coast", ("Jane Doe",), "Reuters")
    assert blocks(article) == [("paragraph", body)]


def test_the_address_it_was_fetched_from_is_used_and_no_other_kind_of_link() -> None:
    page = PAGE.replace("https://example.org/storm", "javascript:alert(1)")
    assert read(page, url="https://example.org/fetched").url == "https://example.org/fetched"
    assert read(page).url is None


@pytest.mark.parametrize(
    "page",
    [
        "<html></html>",
        "<html><body><script>only()</script></body></html>",
        "not a page at all",
        "<" * 500,
        f"<html><body>{AROUND}</body></html>",
        f"<html><body>{AROUND.replace('nav', 'header')}</body></html>",
        f"<html><body><form>{AROUND.replace('form', 'div')}</form></body></html>",
    ],
)
def test_a_page_without_an_article_is_refused(page: str) -> None:
    with pytest.raises(LoadError, match="no article text"):
        read(page)


@pytest.mark.parametrize("tag", ["article", "div", "form", "main", "section"])
def test_a_short_article_is_kept(tag: str) -> None:
    article = read(f"<html><body>{AROUND}<{tag}><h1>Rain</h1><p>Rain fell.</p></{tag}></body></html>")
    assert "Rain fell." in article.text


def test_an_article_after_an_anchor_that_is_not_closed_is_kept() -> None:
    assert read('<html><body><a name="top"><p>Rain fell.</p></body></html>').text == "Rain fell."


def test_text_without_any_element_is_kept() -> None:
    assert read("<html><body>Rain fell on the coast.</body></html>").text == "Rain fell on the coast."


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(LoadError, match="a package is missing"):
        read(PAGE)


def test_a_page_of_very_deep_nesting_is_read_or_refused() -> None:
    page = "<html><body>" + "<div>" * 5000 + "<p>It was a strong storm on the coast.</p>" + "</div>" * 5000
    try:
        text = read(page).text
    except LoadError as error:
        text = str(error)
    assert "strong storm" in text or "\n" not in text


BODY = "<p>A storm hit the coast on Friday and left thousands of people without power, officials said on Sunday.</p>"


def page_with(head: str, attributes: str = "") -> Article:
    return read(f"<html {attributes}><head>{head}</head><body><article><h1>Storm</h1>{BODY}</article></body></html>")


def json_ld(described: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(described)}</script>'


STORM = {
    "@type": ["NewsArticle", "Thing"],
    "headline": "Storm &amp; flood",
    "author": [{"name": "Jane Doe"}, "John Roe", {"@id": "#chief"}],
    "publisher": {"@id": "#paper"},
    "datePublished": "2024-10-05T23:30:00-08:00",
    "inLanguage": "en-CA",
    "keywords": ["weather", "coast"],
    "mainEntityOfPage": {"@id": "https://bay.example/storm"},
}
NAMED = [{"@id": "#chief", "name": "Ann Lee"}, {"@id": "#paper", "@type": "Organization", "name": "Bay News"}]


@pytest.mark.parametrize(
    "described",
    [
        {"@graph": [*NAMED, STORM]},
        [{"@type": "WebPage", "mainEntity": STORM}, *NAMED],
        [*NAMED, STORM],
    ],
)
def test_json_ld_is_read(described: object) -> None:
    article = page_with(
        json_ld("no object") + "<script type='application/ld+json'>{broken</script>" + json_ld(described)
    )
    assert article.title == "Storm & flood"
    assert article.authors == ("Jane Doe", "John Roe", "Ann Lee")
    assert (article.source, article.published) == ("Bay News", date(2024, 10, 5))
    assert (article.language, article.tags) == ("en-CA", ("weather", "coast"))
    assert article.url == "https://bay.example/storm"


@pytest.mark.parametrize(
    "described",
    [None, 7, [[]], {"@graph": {"@graph": "x"}}, {"@type": "Article"}, {"@type": "Article", "author": [[7]]}],
)
def test_json_ld_that_tells_nothing_is_no_obstacle(described: object) -> None:
    assert page_with(json_ld(described)).title == "Storm"


def test_open_graph_is_read() -> None:
    told = {
        "og:title": "Storm hits",
        "og:site_name": "Bay News",
        "og:url": "https://bay.example/storm",
        "og:locale": "en_US",
        "article:author": "Jane Doe",
        "article:published_time": "2024-10-05",
    }
    article = page_with("".join(f'<meta property="{name}" content="{value}">' for name, value in told.items()))
    assert (article.title, article.source, article.url) == ("Storm hits", "Bay News", "https://bay.example/storm")
    assert (article.authors, article.published, article.language) == (("Jane Doe",), date(2024, 10, 5), "en-US")


def test_a_canonical_address_may_be_relative() -> None:
    page = f'<html><head><link rel="canonical" href="/storm"></head><body>{BODY}</body></html>'
    assert read(page, url="https://bay.example/old?x=1").url == "https://bay.example/storm"


def test_a_saved_page_tells_where_it_was_saved_from() -> None:
    page = f"<!-- saved from url=(0026)https://bay.example/storm -->\n<html><body>{BODY}</body></html>"
    assert read(page).url == "https://bay.example/storm"


def _links(count: int) -> str:
    return "".join(f'<li><a href="/{at}">The news of the day, number {at}</a></li>' for at in range(count))


@pytest.mark.parametrize(
    "around",
    [
        "<div><p>Welcome to the news.</p><ul>{}</ul></div>",
        "<main><h1>The Bay News</h1><ul>{}</ul><p>All of today's stories</p></main>",
        "<div><h2>Latest</h2>{}</div>",
        "<article><h2>Latest</h2><ul>{}</ul></article><article><p>Most read today.</p></article>",
    ],
)
def test_a_page_that_is_little_but_links_is_no_article(around: str) -> None:
    with pytest.raises(LoadError, match="no article text"):
        read(f"<html><body>{around.format(_links(20))}</body></html>")


@pytest.mark.parametrize("head", ["", '<meta property="og:type" content="article">'])
def test_an_article_among_many_links_is_kept(head: str) -> None:
    body = "<p>Rain fell.</p>" if head else BODY + BODY
    page = f"<html><head>{head}</head><body><ul>{_links(40)}</ul><main>{body}</main></body></html>"
    assert ("Rain fell." if head else "thousands of people") in read(page).text
