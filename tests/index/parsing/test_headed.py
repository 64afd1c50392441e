from dataclasses import replace

import pytest

from index.article import Article, Block, title_span
from index.parsing.headed import headed

PAGE = Article(
    "harbour",
    "Storm closes the harbour",
    "Ferries stayed in port on Monday.\n\nNobody was hurt.",
    (Block(0, 33), Block(35, 51)),
    media_type="text/html",
    path="news/2024-harbour.html",
)


def test_a_title_that_the_text_lacks_stands_before_it_outside_of_what_is_searched() -> None:
    article = headed(PAGE, "news/2024-harbour.html")
    assert article.text == "Storm closes the harbour\n\n" + PAGE.text
    assert title_span(article) == (0, len(PAGE.title))
    words = [article.text[block.start : block.end] for block in article.blocks]
    assert words == ["Ferries stayed in port on Monday.", "Nobody was hurt."]
    assert headed(article, "news/2024-harbour.html") == article


@pytest.mark.parametrize("media_type", ["text/plain", "text/markdown"])
def test_offsets_into_a_file_stay_as_they_are(media_type: str) -> None:
    article = replace(PAGE, media_type=media_type)
    assert headed(article, "a") == article


@pytest.mark.parametrize(
    "title",
    [
        "Ferries stayed in port on Monday.",
        "FERRIES STAYED IN PORT ON MONDAY.",
        "Ferries stayed in port",
        "Nobody was hurt.",
    ],
)
def test_a_title_that_stands_at_the_top_is_not_repeated(title: str) -> None:
    article = replace(PAGE, title=title)
    assert headed(article, "a") == article


def test_a_title_that_is_the_name_of_the_file_is_not_put_into_the_text() -> None:
    article = replace(PAGE, title="Storm at night", path="news/storm-at-night.html")
    assert headed(article, "a") == article
    article = replace(PAGE, title="Storm at night", path=None)
    assert headed(article, "https://example.org/storm-at-night.html") == article


def test_the_shortened_beginning_of_a_text_is_not_put_before_it() -> None:
    text = "Ferries stayed in port on Monday because of a storm that nobody on the whole coast had foreseen at all."
    title = "Ferries stayed in port on Monday because of a storm that nobody on the whole…"
    article = Article("a", title, text, (Block(0, len(text)),), media_type="text/html")
    assert headed(article, "a") == article


def test_an_article_without_anything_to_search_gets_no_title() -> None:
    article = replace(PAGE, blocks=())
    assert headed(article, "a") == article
