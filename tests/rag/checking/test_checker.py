"""Sentences are compared with what the articles say; quotes are verbatim and chances add up."""

import pytest

from index.storage.filters import Filters
from index.storage.snapshot import Snapshot
from rag.answerer import Answerer
from rag.checking.checker import STATUSES, Checker, Status
from rag.checking.signs import agreement


@pytest.fixture(scope="module")
def checker(articles_answerer: Answerer) -> Checker:
    return Checker(articles_answerer.corpus, articles_answerer.embedder, articles_answerer.reader)


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("The ferry Meridian Swift can carry 420 passengers and 56 cars.", "supported"),
        ("The ferry can carry 240 passengers.", "contradicted"),
        ("The capital of Mongolia has twelve opera houses.", "not_found"),
    ],
)
def test_what_the_articles_say(checker: Checker, articles_snapshot: Snapshot, sentence: str, status: Status) -> None:
    [checked] = checker.check(sentence).sentences
    assert checked.status == status
    assert checked.confidence == max(checked.chances.values())
    assert sum(checked.chances.values()) == pytest.approx(1)
    assert set(checked.chances) == set(STATUSES)
    assert bool(checked.citations) == (status != "not_found")
    for citation in checked.citations:
        article = articles_snapshot.article(citation.article_id)
        assert article is not None
        assert article.text[citation.start : citation.end] in citation.quote
        assert article.text[citation.quote_start : citation.quote_end] == citation.quote
    if status == "contradicted":
        assert checked.instead == "420"


def test_offsets_are_those_of_the_text(checker: Checker) -> None:
    text = "🏮 Nadim Sarraf-Hale won the Lantern Prize.\n\n- He is a crane operator [1]."
    checked = checker.check(text)
    assert [text[each.start : each.end] for each in checked.sentences] == [each.text for each in checked.sentences]
    assert checked.count("not_found") + checked.count("supported") + checked.count("contradicted") == 2


def test_articles_that_do_not_pass_say_nothing(checker: Checker) -> None:
    nothing = checker.check("The ferry can carry 420 passengers.", Filters(sources=("Nobody",)))
    assert [(each.status, each.confidence, each.citations) for each in nothing.sentences] == [("not_found", 1.0, ())]


def test_another_language_is_told(checker: Checker) -> None:
    told = checker.check("Le navire transporte quatre cents passagers et des voitures.").warnings
    assert "english_only" in {warning.code for warning in told}


@pytest.mark.parametrize(("many", "agrees"), [("almost 6,000", 1.0), ("6,000", 0.0)])
def test_a_number_is_meant_as_exactly_as_its_sentence_says(checker: Checker, many: str, agrees: float) -> None:
    found = checker.findings(f"Insurers have received {many} claims.")
    assert found
    number = next(each for each in found.filled if each.gap.kind == "number")
    assert number.mention
    assert "5,870" in number.mention.text
    assert agreement(found.statement, number) == agrees
