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


def test_a_link_is_short_and_says_all_that_finds_the_quote_again() -> None:
    link = HERE.citation(cited())
    assert link == f"http://127.0.0.1:8000/c/harbour.0.t.{ARTICLE.sha256[:10]}.{ARTICLE.sha256[:10]}"
    found = PLACE.fullmatch(link.rpartition("/")[2])
    assert found is not None
    assert (found["article"], int(found["length"], 36)) == ("harbour", 29)
    assert HERE.citation(cited(), "Who & when?") == f"{link}?q=Who%20%26%20when%3F"


@pytest.mark.parametrize("name", ["a", "a.0.t.0123456789", "000-c02cb47a3876a1ac-3749d4648d", "x~_." * 32])
def test_a_link_names_any_article(name: str) -> None:
    found = PLACE.fullmatch(HERE.citation(cited(replace(ARTICLE, id=name))).rpartition("/")[2])
    assert found is not None
    assert found["article"] == name


def test_the_long_form_has_the_words() -> None:
    assert HERE.long(cited()) == (
        f"http://127.0.0.1:8000/articles/harbour?start=0&end=29&sha256={ARTICLE.sha256}"
        "&quote=The%20harbour%20froze%20on%20Tuesday.#:~:text=The%20harbour%20froze%20on%20Tuesday."
    )


def test_without_an_address_of_the_service_the_source_is_linked() -> None:
    assert Links().citation(cited()) == cited().source_link
    assert Links().citation(cited(replace(ARTICLE, url=None))).startswith("/c/harbour.0.t.")
    assert Links().long(cited()).startswith("/articles/harbour?start=0&end=29&")


@pytest.mark.parametrize("text", ["word " * 100, "w" * 1000])
def test_the_long_form_has_the_first_words_of_a_long_quote(text: str) -> None:
    citation = replace(cited(), quote=text, quote_end=len(text))
    words = unquote(HERE.long(citation).split("&quote=")[1].split("#")[0])
    assert text.startswith(words)
    assert 250 < len(words) <= 300
    assert words[-1] in "dw"
