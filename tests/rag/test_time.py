"""A question with a time is answered from the articles of that time."""

from datetime import date
from pathlib import Path

import pytest

from benchmarks.dated import articles, articles_of
from index.building.builder import index_articles
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.question import Question
from rag.reading.passage_reader import PassageReader

MAYORS = {
    "title": "Mayor of Brennick elected",
    "text": "{0} was elected mayor of Brennick.",
    "more": "Counting in the town hall went on until after midnight.",
    "editions": [
        {"date": "2016-09-05", "values": ["Hugo Brand"]},
        {"date": "2020-09-07", "values": ["Tilda Roan"]},
        {"date": "2024-09-02", "values": ["Aslan Pike"]},
    ],
}


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, reader: PassageReader) -> Answerer:
    versions = Versions(tmp_path_factory.mktemp("dated"))
    index_articles(articles([MAYORS]), versions, embedder)
    return Answerer(versions.open(), embedder, reader)


@pytest.mark.parametrize(
    ("question", "asked_at", "mayor"),
    [
        ("Who was elected mayor of Brennick in 2016?", "2024-10-23", "Hugo Brand"),
        ("Who was elected mayor of Brennick in September 2020?", "2024-10-23", "Tilda Roan"),
        ("Who was elected mayor of Brennick last year?", "2021-06-03", "Tilda Roan"),
        ("Who was elected mayor of Brennick last week?", "2024-09-09", "Aslan Pike"),
        ("Who was most recently elected mayor of Brennick?", "2024-10-23", "Aslan Pike"),
    ],
)
def test_the_article_of_the_time_answers(answerer: Answerer, question: str, asked_at: str, mayor: str) -> None:
    result = answerer.ask(Question(question, min_confidence=0, asked_at=date.fromisoformat(asked_at)))
    assert result.answers[0].text == mayor
    assert [each.confidence for each in result.answers] == sorted(
        (each.confidence for each in result.answers), reverse=True
    )


def test_the_newest_or_the_oldest_may_be_preferred(answerer: Answerer) -> None:
    def best(prefer: str) -> str:
        asked = Question("Who was elected mayor of Brennick?", min_confidence=0, prefer=prefer)  # type: ignore[arg-type]
        return answerer.ask(asked).answers[0].text

    assert (best("newest"), best("oldest")) == ("Aslan Pike", "Hugo Brand")


def test_a_question_for_articles_of_a_time_is_answered_from_no_others(answerer: Answerer) -> None:
    result = answerer.ask(Question("News from 2020: who was elected mayor of Brennick?", min_confidence=0))
    assert {passage.article.published for passage in result.passages} == {date(2020, 9, 7)}


STRIKES = {
    "articles": [
        {
            "date": "2024-03-06",
            "title": "Drivers walk out",
            "text": "On Monday 240 buses of Selby stayed in the depots.",
        },
        {"date": "2024-03-12", "title": "Longer queues", "text": "On Friday 310 buses of Selby stayed in the depots."},
        {
            "date": "2024-03-19",
            "title": "Deal in Selby",
            "text": "Since Monday all buses of Selby are out of the depots.",
        },
    ]
}


@pytest.mark.parametrize(("day", "buses"), [("4 March 2024", "240"), ("8 March 2024", "310")])
def test_the_day_that_an_article_speaks_of_counts(
    tmp_path: Path, embedder: Embedder, reader: PassageReader, day: str, buses: str
) -> None:
    versions = Versions(tmp_path)
    index_articles(articles_of([STRIKES]), versions, embedder)
    answerer = Answerer(versions.open(), embedder, reader)
    asked = Question(f"How many buses of Selby stayed in the depots on {day}?", min_confidence=0)
    assert answerer.ask(asked).answers[0].text.startswith(buses)
