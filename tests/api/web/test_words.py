"""Sources of one title are told apart."""

from dataclasses import replace
from datetime import date

import pytest

from api.web.rendering import percent
from api.web.words import as_markdown, as_text, told_apart
from index.article import Article, Block, Passage
from rag.citing.citation import Citation, cite


def citation(article_id: str, title: str, source: str | None = None, published: date | None = None) -> Citation:
    article = Article(article_id, title, "It rained.", (Block(0, 10),), source=source, published=published)
    return cite(article, Passage("p", article_id, 0, 10), 0, 2, "v")


def test_a_title_that_only_one_bears_is_enough() -> None:
    assert told_apart([citation("a", "Rain", "Post"), citation("b", "Snow", "Post")]) == ["Rain", "Snow"]


def test_sources_and_dates_tell_those_of_one_title_apart() -> None:
    day = date(2026, 11, 28)
    several = [citation("a", "Rain", "Post"), citation("b", "Rain", "Times", day), citation("c", "Snow")]
    assert told_apart(several) == ["Rain (Post)", "Rain (Times, 28 November 2026)", "Snow"]


def test_ids_tell_the_rest_apart() -> None:
    several = [citation("a", "Rain", "Post"), citation("b", "Rain", "Post"), citation("c", "Rain")]
    assert told_apart(several) == ["Rain (Post) [a]", "Rain (Post) [b]", "Rain"]


def test_a_copied_quote_says_that_it_was_recognised_from_a_scan() -> None:
    scanned = replace(citation("a", "Rain"), page=3, recognised=True)
    assert as_text(scanned, "http://x/").split("\n")[1] == "— Rain, recognised from a scan, page 3"
    assert "aus einem Scan erkannt, Seite 3" in as_markdown(scanned, "http://x/", "de")
    assert "scan" not in as_text(replace(scanned, recognised=False), "http://x/")


@pytest.mark.parametrize(("given", "shown"), [(0, "under 1%"), (0.004, "under 1%"), (0.5, "50%"), (1, "99%")])
def test_nothing_is_wholly_certain(given: float, shown: str) -> None:
    assert percent(given) == shown
