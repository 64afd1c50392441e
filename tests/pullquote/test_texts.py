"""Asking texts of one's own."""

import gc
import tempfile
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pullquote
from pullquote import Article, Models

FERRY = "The ferry\r\nsailed at nine.\r\n\r\nIt carried 300 people, among them\nthe café's owner — Zoë\u0301 Zed."
BRIDGE = ("A bridge", "The bridge over the Lorn opened on Monday, said Mayor Jane Doe.")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, in which nothing must be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_an_answer_is_a_slice_of_the_text_that_was_given(models: Models) -> None:
    texts = [FERRY, BRIDGE[1]]
    with pullquote.over(texts, models=models) as index:
        for question, expected in {
            "How many people did the ferry carry?": "300",
            "When did the ferry sail?": "nine",
            "When did the bridge open?": "Monday",
        }.items():
            answer = index.ask(question).answers[0]
            place = answer.citations[0]
            assert expected in texts[int(place.article_id)][place.start : place.end].replace("\r\n", "  ")
            assert expected in answer.text


def test_pairs_have_titles_and_articles_all_that_is_known(models: Models) -> None:
    article = Article("lib", "Library", "The library\nlends 900 books a day.", source="AFP", published=date(2024, 5, 1))
    with pullquote.over([FERRY, BRIDGE, article], models=models) as index:
        assert [(found.id, found.title) for found in index.articles()] == [
            ("0", "The ferry sailed at nine."),
            ("1", "A bridge"),
            ("lib", "Library"),
        ]
        found = index.ask("How many books does the library lend?", published_from="2024-05-01", sources="afp")
        assert (found.answers[0].text, found.answers[0].citations[0].source) == ("900", "AFP")
        assert {passage.article.id for passage in found.passages} == {"lib"}


def test_a_long_text_is_cut_and_asked_as_a_whole(models: Models) -> None:
    filler = "\n\n".join(
        f"On day {day} the harbour was quiet, and nobody wrote anything down about it." for day in range(99)
    )
    text = f"{filler}\n\nThe harbour master is Ines Calder.\n\n{filler}"
    with pullquote.over(text, models=models) as index:
        answer = index.ask("Who is the harbour master?").answers[0]
        assert answer.text == "Ines Calder"
        assert text[answer.citations[0].start :].startswith("Ines Calder.")


@pytest.mark.parametrize("texts", [[], [""], [" \n\n "], ["…"]])
def test_nothing_answers_where_nothing_stands(models: Models, texts: list[str]) -> None:
    with pullquote.over(texts, models=models) as index:
        found = index.ask("Who is the harbour master?")
        assert not found.answerable
        assert len(list(index.articles())) == len(texts)


@pytest.mark.parametrize("text", [None, b"bytes", 7, ("a", "b", "c"), ("title", None), ["title", 3]])
def test_what_is_no_text_is_told(models: Models, text: object) -> None:
    with pytest.raises(TypeError, match="is no text: give a string, a pair"):
        pullquote.over([text], models=models)  # type: ignore[list-item]


def test_an_id_twice_is_told(models: Models) -> None:
    with pytest.raises(ValueError, match="two texts have the id '0'"):
        pullquote.over(["One.", Article("0", "Two", "Two.")], models=models)


def test_nothing_is_left_of_one_that_is_let_go_of(models: Models, folder: Path) -> None:
    threads = threading.active_count()
    for _ in range(5):
        index = pullquote.over([FERRY], models=models)
        assert index.ask("How many people did the ferry carry?").answers
        assert len(list(folder.iterdir())) == 1
    del index
    assert threading.active_count() <= threads + 1


@pytest.mark.slow
def test_nothing_is_left_when_a_model_cannot_be_used(model_cache: Path) -> None:
    with pytest.raises(pullquote.ModelError):
        pullquote.over([FERRY], models=Models(embedder_precision="int4", cache=model_cache))  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(max_size=300), max_size=4))
def test_any_strings_are_texts(models: Models, texts: list[str]) -> None:
    with pullquote.over(texts, models=models) as index:
        assert {article.id: len(article.text) for article in index.articles()} == {
            str(at): len(text) for at, text in enumerate(texts)
        }
        for answer in index.ask("What is it?", min_confidence=0).answers:
            for place in answer.citations:
                article = index.article(place.article_id)
                assert article
                assert article.text[place.start : place.end] == answer.text
