"""Several articles asked the same: what they agree on, contradict each other in, and which is newer."""

from datetime import date

import pytest

from benchmarks.agreement import article
from index.building.builder import index_articles
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.answerer import Answerer, Result
from rag.question import Question
from rag.reading.passage_reader import PassageReader

ARTICLES = [
    ("a", "Council counts visitors", "2023-02-03", "The harbour museum in Tarrow drew 40,000 visitors last year."),
    ("b", "A record in Tarrow", "2024-02-11", "The harbour museum in Tarrow drew 55,000 visitors last year."),
    ("c", "Museum grows", "2024-03-01", "The harbour museum in Tarrow, which drew 55 thousand visitors, needs a wing."),
    ("d", "Storm over Brae", "2024-10-23", "The storm tore the roof off the Brae school on Tuesday. Nobody was hurt."),
    ("f", "Foresters write", "2023-09-01", "Forty foresters signed the open letter on the Carrow forest."),
    ("g", "Author for trees", "2023-09-05", "The novelist Una Pike signed the open letter on the Carrow forest."),
    ("e", "Who was on the jury", "2024-05-05", "The jury members of the Lund prize are Ada Holm and Nils Aas."),
]
MUSEUM = "How many visitors did the harbour museum in Tarrow have?"


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, reader: PassageReader) -> Answerer:
    versions = Versions(tmp_path_factory.mktemp("agreement"))
    articles = [article(name, title, text, date.fromisoformat(day)) for name, title, day, text in ARTICLES]
    index_articles(articles, versions, embedder)
    return Answerer(versions.open(), embedder, reader)


@pytest.fixture(scope="module")
def museum(answerer: Answerer) -> Result:
    return answerer.ask(Question(MUSEUM, min_confidence=0))


def test_articles_that_say_the_same_stand_against_the_one_that_does_not(museum: Result) -> None:
    assert museum.agreement
    assert museum.agreement.is_disputed
    sides = {each.relation: {place.article_id for place in each.citations} for each in museum.agreement.positions}
    assert sorted(map(sorted, sides.values())) == [["a"], ["b", "c"]]
    assert {each.witnesses for each in museum.agreement.positions} == {1, 2}


def test_every_place_of_a_position_is_verbatim(answerer: Answerer, museum: Result) -> None:
    assert museum.agreement
    for position in museum.agreement.positions:
        for place in position.citations:
            found = answerer.corpus.article(place.article_id)
            assert found
            assert found.text[place.quote_start : place.quote_end] == place.quote
    first = museum.agreement.positions[0].citations[0]
    assert (first.article_id, first.start) == (
        museum.answers[0].citations[0].article_id,
        museum.answers[0].citations[0].start,
    )


def test_an_older_answer_has_a_newer_one_beside_it(answerer: Answerer) -> None:
    older = answerer.ask(Question(MUSEUM, min_confidence=0, prefer="oldest"))
    assert older.answers[0].text.startswith("40,000")
    assert older.agreement
    assert older.agreement.newer
    assert older.agreement.newer.text.startswith("55")


def test_what_several_did_is_no_dispute(answerer: Answerer) -> None:
    result = answerer.ask(Question("Who signed the open letter on the Carrow forest?", min_confidence=0))
    assert {answer.citations[0].article_id for answer in result.answers[:2]} == {"f", "g"}
    assert result.agreement is None or not result.agreement.is_disputed


def test_what_one_article_says_is_no_agreement(answerer: Answerer) -> None:
    assert answerer.ask(Question("Who are the jury members of the Lund prize?", min_confidence=0)).agreement is None


def test_a_weekday_in_an_answer_is_the_day_that_it_means(answerer: Answerer) -> None:
    asked = Question(
        "When did the storm tear the roof off the Brae school?", min_confidence=0, asked_at=date(2024, 11, 2)
    )
    best = answerer.ask(asked).answers[0]
    assert "Tuesday" in best.text
    assert best.date
    assert (best.date.first, best.date.last) == (date(2024, 10, 22), date(2024, 10, 22))
    found = answerer.corpus.article(best.citations[0].article_id)
    assert found
    assert found.text[best.date.start : best.date.end] == "Tuesday"
    assert best.age == 10


@pytest.mark.parametrize(("asked_at", "old"), [("2024-03-20", False), ("2026-03-20", True)])
def test_what_an_article_says_of_the_present_grows_old(answerer: Answerer, asked_at: str, old: bool) -> None:
    question = "Who are the jury members of the Lund prize?"
    asked = Question(question, min_confidence=0, asked_at=date.fromisoformat(asked_at))
    assert answerer.ask(asked).answers[0].is_old is old
