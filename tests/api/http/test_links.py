"""Links open an article with the quote marked, here or where it came from."""

from dataclasses import replace
from urllib.parse import unquote

import pytest

from api.http.links import PLACE, Links
from index.article import Article, Passage
from rag.citing.citation import Citation, cite

TEXT = "The harbour froze on Tuesday."
ARTICLE = Article("harbour", "Harbour freezes", TEXT, url="https://news.example/harbour?id=1")
HERE = Links("http://127.0.0.1:8000")


def cited(article: Article = ARTICLE) -> Citation:
    return cite(article, Passage("p", article.id, 0, len(article.text)), 0, len(article.text), "v")


def test_an_article_has_its_page_here() -> None:
    assert HERE.article("harbour") == "http://127.0.0.1:8000/articles/harbour"
    assert Links().article("harbour") == "/articles/harbour"


def test_a_citation_is_linked_here_with_all_that_finds_the_quote_again() -> None:
    assert HERE.citation(cited()) == (
        f"http://127.0.0.1:8000/articles/harbour?start=0&end=29&sha256={ARTICLE.sha256}"
        "&quote=The%20harbour%20froze%20on%20Tuesday.#:~:text=The%20harbour%20froze%20on%20Tuesday."
    )


def test_without_an_address_of_the_service_the_source_is_linked() -> None:
    assert Links().citation(cited()) == cited().source_link
    assert Links().citation(cited(replace(ARTICLE, url=None))).startswith("/articles/harbour?start=0&end=29&")


@pytest.mark.parametrize("text", ["word " * 100, "w" * 1000])
def test_a_link_has_the_first_words_of_a_long_quote(text: str) -> None:
    citation = replace(cited(), quote=text, quote_end=len(text))
    words = unquote(HERE.citation(citation).split("&quote=")[1].split("#")[0])
    assert text.startswith(words)
    assert 250 < len(words) <= 300
    assert words[-1] in "dw"


def test_a_short_link_has_the_place_and_the_beginning_of_the_hash() -> None:
    assert HERE.short(cited()) == f"http://127.0.0.1:8000/c/harbour.0.t.{ARTICLE.sha256[:16]}"
    found = PLACE.fullmatch(HERE.short(cited()).rpartition("/")[2])
    assert found is not None
    assert (found["article"], int(found["length"], 36)) == ("harbour", 29)
