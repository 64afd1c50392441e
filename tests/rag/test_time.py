"""A question with a time is answered from the articles of that time."""

from datetime import date
from pathlib import Path

import pytest

from benchmarks.dated import articles, articles_of
from index.building.builder import index_articles
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.english.followup import Turn
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


def test_what_an_article_need_not_say_lowers_no_confidence(answerer: Answerer) -> None:
    day = date(2024, 10, 23)
    [named] = answerer.ask(Question("Who was elected mayor of Brennick in 2020?", limit=1, asked_at=day)).answers
    assert named.text == "Tilda Roan"
    assert [citation.published for citation in named.citations] == [date(2020, 9, 7)]


def test_a_followup_is_of_the_time_of_the_question_before(answerer: Answerer) -> None:
    history = (Turn("user", "Who was elected mayor of Brennick in 2020?"), Turn("assistant", "Tilda Roan"))
    asked = Question("And where was counted?", history, min_confidence=0, asked_at=date(2024, 10, 23))
    assert answerer.ask(asked).answers[0].citations[0].published == date(2020, 9, 7)


OUSTED = {
    "articles": [
        {
            "date": "2017-05-03",
            "title": "Selby has a mayor",
            "text": "Lena Brandt was elected mayor of Selby on Sunday.",
        },
        {
            "date": "2025-05-12",
            "title": "Selby votes for change",
            "text": "Per Isaksen was elected mayor of Selby on Sunday. Lena Brandt left the town hall without a word.",
        },
    ]
}


@pytest.mark.parametrize("question", ["Who is currently mayor of Selby?", "Who is the mayor of Selby today?"])
def test_a_name_in_a_newer_article_makes_an_older_one_no_newer(
    tmp_path: Path, embedder: Embedder, reader: PassageReader, question: str
) -> None:
    versions = Versions(tmp_path)
    index_articles(articles_of([OUSTED]), versions, embedder)
    result = Answerer(versions.open(), embedder, reader).ask(
        Question(question, min_confidence=0, asked_at=date(2025, 11, 20))
    )
    assert result.answers[0].text == "Per Isaksen"
    words = [answer.text for answer in result.answers]
    assert len(set(words)) == len(words)


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
