"""Feeds as they are found: text that was escaped twice, days with a time zone, exports with drafts."""

from datetime import date
from xml.sax.saxutils import escape

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.types import Loaded, Note, Origin

OATS = "The mill of Aske grinds oats until the snow is gone from the hills around it."


def read(items: str, name: str = "a.rss", more: str = "") -> list[Loaded]:
    names = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"'
    rss = f'<rss version="2.0" {names}><channel><title>Mills</title>{more}{items}</channel></rss>'
    return load(rss.encode(), Origin(name))


def test_text_that_was_escaped_twice() -> None:
    text = escape(escape(f"<p>{OATS}</p><p>Rye &amp; barley.</p>"))
    (article,) = read(f"<item><title>Mill</title><description>{text}</description></item>")
    assert isinstance(article, Article)
    assert article.text == f"{OATS}\n\nRye & barley."


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("Tue, 05 Mar 2024 23:30:00 -0800", date(2024, 3, 5)),
        ("Tue, 05 Mar 2024 00:30:00 +0900", date(2024, 3, 5)),
        ("2024-03-05T23:30:00-08:00", date(2024, 3, 5)),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
    ],
)
def test_the_day_is_the_one_that_is_written(written: str, wanted: date | None) -> None:
    (article,) = read(f"<item><title>Mill</title><pubDate>{written}</pubDate><description>{OATS}</description></item>")
    assert isinstance(article, Article)
    assert article.published == wanted


def entry(title: str, text: str, status: str = "publish", kind: str = "post") -> str:
    return (
        f"<item><title>{title}</title><link>https://mill.example.org/{title}</link>"
        f"<content:encoded><![CDATA[{text}]]></content:encoded>"
        f"<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type></item>"
    )


def test_text_between_the_paragraphs_of_an_export_is_a_paragraph() -> None:
    written = f"<p>{OATS}</p>\n\nToo [sic].\n\n[caption]The mill[/caption]"
    (first,) = read(entry("Oats", written), "a.xml", "<wp:wxr_version>1.2</wp:wxr_version>")
    assert isinstance(first, Article)
    assert first.text == f"{OATS}\n\nToo [sic].\n\nThe mill"


def test_an_author_with_an_address_is_the_author() -> None:
    item = f"<item><title>Oats</title><author>jo@mill.org (Jo Marsh)</author><description>{OATS}</description></item>"
    found = next(found for found in read(item, "a.rss") if isinstance(found, Article))
    assert found.authors == ("Jo Marsh",)


def test_an_export_of_a_site_gives_its_published_articles_whole() -> None:
    caption = '[caption id="a" width="3"]<img src="w.jpg"/> The mill in March[/caption]'
    written = f"{OATS}\n\n{caption}\n\n<h2>Rye</h2>\nToo [sic]."
    items = entry("Oats", written) + entry("Secret", OATS, "draft") + entry("Mine", OATS, "private")
    items += entry("Menu", "", kind="nav_menu_item") + entry("About", "We mill.", kind="page")
    first, about, note = read(items, "a.xml", "<wp:wxr_version>1.2</wp:wxr_version>")
    assert isinstance(first, Article)
    assert isinstance(about, Article)
    assert isinstance(note, Note)
    assert first.text == f"{OATS}\n\nThe mill in March\n\nRye\n\nToo [sic]."
    assert about.text == "We mill."
    assert str(note).startswith("3 of its 5 entries are drafts")
