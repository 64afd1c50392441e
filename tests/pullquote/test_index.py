"""An index that a program opens: what can be asked of it, and what becomes of it."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

import pullquote
from pullquote import Filters, Index, Models, Question, Turn
from rag.answerer import Answerer

QUESTION = "How many books does the Brennick library lend a month?"


@pytest.fixture(scope="module")
def opened(articles_data: Path, models: Models) -> Iterator[Index]:
    with pullquote.open(articles_data, models=models) as found:
        yield found


def test_it_answers_as_the_answerer_does(opened: Index, articles_answerer: Answerer) -> None:
    question = "Who won the Lantern Prize?"
    ours, theirs = opened.ask(question), articles_answerer.ask(Question(question))
    assert ours.answers
    assert ours.answers == theirs.answers
    assert opened.search(question, limit=4) == articles_answerer.search(question, limit=4)


def test_history_is_turns_or_messages(opened: Index) -> None:
    first = opened.ask("Who won the Lantern Prize?")
    said = first.answers[0].text
    turns = [Turn("user", first.question), Turn("assistant", said)]
    messages = [{"role": turn.role, "content": turn.content} for turn in turns]
    asked = {opened.ask("And when?", history=history).standalone_question for history in (turns, messages)}
    assert len(asked) == 1
    assert said in asked.pop()


def test_conditions_choose_articles(opened: Index) -> None:
    everything = list(opened.articles())
    assert [article.id for article in everything] == sorted(article.id for article in everything)
    one = next(article for article in everything if article.source and article.authors and article.published)
    day = one.published
    assert one.source
    assert day
    same = [
        {"article_ids": one.id},
        {"sources": one.source.upper(), "article_ids": [one.id]},
        {"authors": one.authors, "article_ids": [one.id]},
        {"published_from": day.isoformat(), "published_to": day, "article_ids": [one.id]},
        {"published_from": datetime(day.year, day.month, day.day, 23, 59), "article_ids": [one.id]},
    ]
    for conditions in same:
        assert list(opened.articles(**conditions)) == [one]  # type: ignore[arg-type]
    assert {found.article.id for found in opened.search("What happened?", article_ids=[one.id])} == {one.id}
    assert not opened.ask("What happened?", sources="No such publisher").passages


def test_a_whole_question_is_asked_as_its_parts_are(opened: Index) -> None:
    history = (Turn("user", "Who won the Lantern Prize?"), Turn("assistant", "Nadim Sarraf-Hale"))
    whole = Question("And when?", history, Filters(published_from=date(2024, 1, 1)), 1, 0.1)
    parts = opened.ask("And when?", history=history, published_from="2024-01-01", limit=1, min_confidence=0.1)
    assert parts.answers
    assert opened.ask(whole).answers == parts.answers
    for more in ({"limit": 2}, {"history": history}, {"sources": "AFP"}, {"min_confidence": 0.5}):
        with pytest.raises(TypeError, match="a Question has history, filters, limit"):
            opened.ask(whole, **more)  # type: ignore[arg-type]


def test_articles_come_page_by_page(opened: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = list(opened.articles())
    monkeypatch.setattr("pullquote._index._PAGE", 3)
    assert list(opened.articles()) == everything
    assert opened.article(everything[-1].id) == everything[-1]
    assert opened.article("no-such-article") is None


def test_a_citation_is_found_again_as_a_record_and_as_json(opened: Index) -> None:
    answer = opened.ask("Who won the Lantern Prize?").answers[0]
    citation = answer.citations[0]
    fields = {name: getattr(citation, name) for name in ("article_id", "start", "end", "quote", "quote_start")}
    for given in (citation, fields, {**fields, "title": "?", "prefix": citation.prefix, "suffix": citation.suffix}):
        found = opened.verify(given)
        assert (found.status, found.start, found.end, found.text) == (
            "found",
            citation.start,
            citation.end,
            answer.text,
        )
    assert opened.verify({**fields, "article_id": "no-such-article"}).status == "gone"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda index: index.ask(" \u200b "), "the question is empty"),
        (lambda index: index.ask("x" * 2001), "2001 characters"),
        (lambda index: index.ask(Question("")), "the question is empty"),
        (lambda index: index.ask(Question("Who?", limit=0)), "limit is 0"),
        (lambda index: index.ask(Question("Who?", min_confidence=-1)), "from 0 to 1"),
        (lambda index: index.search(""), "the question is empty"),
        (lambda index: index.ask("Who?", limit=0), "limit is 0"),
        (lambda index: index.search("Who?", limit=-1), "limit is -1"),
        (lambda index: index.ask("Who?", min_confidence=87), "from 0 to 1"),
        (
            lambda index: index.ask("Who?", published_from="October 2024"),
            "published_from is 'October 2024'.*2024-10-31",
        ),
        (lambda index: index.ask("Who?", published_from="2024-10-02", published_to=date(2024, 10, 1)), "swap them"),
        (lambda index: index.articles(published_to="soon"), "published_to is 'soon'"),
        (lambda index: index.ask("Who?", history=[{"role": "user"}]), "no message of a conversation"),
        (lambda index: index.ask("Who?", history=[{"role": "tool", "content": "x"}]), "user, assistant, system"),
        (lambda index: index.ask("Who?", history=["Who?"]), "no message of a conversation"),
        (lambda index: index.verify({"article_id": "a", "quote": "q"}), "has no start, end, quote_start"),
        (
            lambda index: index.verify({"article_id": "a", "start": 4, "end": 9, "quote": "ferry", "quote_start": 5}),
            "4 to 9, is not in its quote, 5 to 10",
        ),
    ],
)
def test_what_makes_no_sense_is_told(opened: Index, call: Callable[[Index], Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        call(opened)


def test_a_condition_that_there_is_not_is_told(opened: Index) -> None:
    with pytest.raises(TypeError, match="publisher"):
        opened.ask("Who?", publisher="AFP")  # type: ignore[call-arg]


def test_threads_share_it(opened: Index) -> None:
    questions = ["Who won the Lantern Prize?", "When did the ferry sail?", "What do lichens live on?"] * 4
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda question: opened.ask(question).answers, questions))
    assert found == [opened.ask(question).answers for question in questions]


def test_it_stays_at_its_version_until_it_is_opened_anew(tmp_path: Path, models: Models) -> None:
    story = tmp_path / "story.txt"
    story.write_text("The bridge over the Lorn opened on Monday.", encoding="utf-8")
    data = tmp_path / "data"
    pullquote.build(story, data, models=models)
    with pullquote.open(data, models=models) as before:
        story.write_text("The bridge over the Lorn opened on Friday.", encoding="utf-8")
        assert before.is_current
        report = pullquote.build([story], data, models=models)
        assert not before.is_current
        assert before.ask("When did the bridge open?").answers[0].text == "Monday"
        with pullquote.open(data, models=models) as after:
            assert after.version == report.version != before.version
            assert after.ask("When did the bridge open?").answers[0].text == "Friday"


def test_a_closed_one_says_so(articles_data: Path, models: Models) -> None:
    found = pullquote.open(articles_data, models=models)
    articles = found.articles()
    next(articles)
    assert re.fullmatch(r"<pullquote\.Index 000001-[0-9a-f]{8}: \d+ articles, \d+ passages>", repr(found))
    found.close()
    found.close()
    assert repr(found).endswith(" passages, closed>")
    for call in (lambda: found.ask("Who?"), lambda: found.article("x"), lambda: list(found.articles())):
        with pytest.raises(ValueError, match="this index is closed"):
            call()


def test_closing_waits_for_the_questions_that_are_being_answered(
    articles_data: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = pullquote.open(articles_data, models=models)
    expected = found.ask("Who won the Lantern Prize?").answers
    reading, may_read = threading.Event(), threading.Event()
    reader = models.reader()
    read = type(reader).read

    def slowly(*arguments: Any, **named: Any) -> Any:
        reading.set()
        assert may_read.wait(120)
        return read(*arguments, **named)

    monkeypatch.setattr(type(reader), "read", slowly)
    with ThreadPoolExecutor(2) as pool:
        asking = pool.submit(found.ask, "Who won the Lantern Prize?")
        assert reading.wait(120)
        closing = pool.submit(found.close)
        assert not closing.done()
        may_read.set()
        assert asking.result(120).answers == expected
        closing.result(120)


def test_there_must_be_an_index(tmp_path: Path, models: Models) -> None:
    with pytest.raises(pullquote.SnapshotError, match="there is no index"):
        pullquote.open(tmp_path, models=models)


def test_another_embedding_model_is_refused(
    articles_data: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.embedder(), "name", "another-model")
    with pytest.raises(pullquote.SnapshotError, match=r"all-MiniLM-L6-v2, and another-model .*pullquote\.Models"):
        pullquote.open(articles_data, models=models)
