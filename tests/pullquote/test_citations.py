"""A citation is looked up in a text that a program has."""

from dataclasses import asdict

import pytest

import pullquote
from rag.answerer import Answerer
from rag.question import Question


def test_it_is_found_moved_changed_or_gone(articles_answerer: Answerer) -> None:
    answer = articles_answerer.ask(Question("Who won the Lantern Prize?")).answers[0]
    citation = answer.citations[0]
    article = articles_answerer.corpus.article(citation.article_id)
    assert article
    changed = article.text.replace(citation.quote, citation.quote.replace(answer.text, "Somebody Else"))
    texts = {"found": article.text, "moved": "Corrected.\n\n" + article.text, "changed": changed, "gone": "Nothing."}
    for given in (citation, asdict(citation)):
        for status, text in texts.items():
            found = pullquote.verify(given, text)
            assert found.status == status
            if status in ("found", "moved"):
                assert text[found.start : found.end] == answer.text


@pytest.mark.parametrize("given", [{}, {"quote": 3}])
def test_what_is_no_citation_is_told(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="the citation has no article_id, start, end"):
        pullquote.verify(given, "text")
