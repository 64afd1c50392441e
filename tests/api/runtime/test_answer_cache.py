"""Answers that were given before: the same as fresh ones, honest about time, bounded, and gone with their version."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.runtime.answer_cache import AnswerCache
from api.runtime.service import Service, open_book
from api.settings import Settings, load_settings
from index.models.embedder import Embedder
from index.storage.filters import Filters
from index.storage.versions import Versions
from rag.answerer import Answerer, Result
from rag.english.followup import Turn
from rag.question import Question
from rag.reading.reader import Reader
from rag.retrieval.retriever import RetrievedPassage

QUESTION = "Who is the NATO spokeswoman?"
ASKED = Question(QUESTION)


@pytest.fixture
def service(seed_answerer: Answerer, embedder: Embedder, reader: Reader, seed_settings: Settings) -> Service:
    return Service(seed_answerer, embedder, reader, AnswerCache(10, 1_000_000), open_book(seed_settings))


@pytest.fixture(scope="module")
def result(seed_answerer: Answerer) -> Result:
    return seed_answerer.ask(ASKED)


def without_time(result: Result) -> Result:
    return replace(result, timings_ms={})


def test_the_same_question_gets_the_same_answer_and_claims_no_work(service: Service) -> None:
    fresh, kept = service.ask(ASKED), service.ask(ASKED)
    assert len(service.cache) == 1
    assert fresh.answerable
    assert without_time(kept) == without_time(fresh)
    assert kept.timings_ms.keys() == fresh.timings_ms.keys()
    assert {kept.timings_ms[stage] for stage in ("embed", "retrieve", "read")} == {0.0}
    assert 0 < kept.timings_ms["total"] < fresh.timings_ms["total"]


def test_whoever_follows_the_search_is_told_of_it_once_each_time(service: Service) -> None:
    told: list[tuple[str, list[str]]] = []

    def on_found(question: str, found: Sequence[RetrievedPassage]) -> None:
        told.append((question, [each.passage.id for each in found]))

    service.ask(ASKED, on_found=on_found)
    service.ask(ASKED, on_found=on_found)
    assert len(told) == 2
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "Who is the spokeswoman of NATO?"},
        {"history": (Turn("user", "Who is Lloyd Austin?"),)},
        {"limit": 1},
        {"filters": Filters(published_from=date(2030, 1, 1))},
        {"min_confidence": 1.0},
    ],
)
def test_whatever_could_change_the_answer_is_asked_anew(service: Service, changed: dict[str, Any]) -> None:
    question = replace(ASKED, **changed)
    service.ask(ASKED)
    other, fresh = service.ask(question), service.answerer.ask(question)
    assert without_time(other) == without_time(fresh)
    assert len(service.cache) == 2


def test_the_one_used_longest_ago_goes_first(result: Result) -> None:
    cache, asked = AnswerCache(2, 10_000_000), []

    def answer(name: str) -> Result:
        return cache.get_or(Question(name), lambda: asked.append(name) or result)

    for name in ("a", "b", "a", "c", "a", "b"):
        answer(name)
    assert asked == ["a", "b", "c", "b"]
    assert len(cache) == 2


def test_bytes_have_an_end(result: Result) -> None:
    one = AnswerCache(1, 10_000_000)
    one.get_or(Question("a"), lambda: result)
    cache = AnswerCache(100, 3 * one.size)
    for name in "abcdefgh":
        cache.get_or(Question(name), lambda: result)
        assert cache.size == len(cache) * one.size <= 3 * one.size
    assert len(cache) == 3
    cache.get_or(Question("h"), lambda: pytest.fail("it was kept"))
    small = AnswerCache(100, one.size - 1)
    small.get_or(Question("a"), lambda: result)
    assert (len(small), small.size) == (0, 0)


def test_it_can_be_off(result: Result) -> None:
    cache = AnswerCache(0, 10_000_000)
    asked = [cache.get_or(Question("a"), lambda: result) for _ in range(2)]
    assert asked == [result, result]
    assert len(cache) == 0


def test_another_version_answers_for_itself(seed_data: Path, tmp_path: Path, articles_data: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(seed_data, data, symlinks=True)
    app = create_app(load_settings(data_dir=data, threads=2))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        before = client.post("/v1/ask", json={"question": QUESTION}).json()
        index = app.state.runtime.index
        with index.lease() as service:
            assert len(service.cache) >= 1
        other = Versions(articles_data / "index").current()
        assert other is not None
        shutil.copytree(other, data / "index" / "versions" / other.name)
        (data / "index" / "CURRENT").write_text(f"{other.name}\n")
        index.refresh()
        after = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert before["answerable"]
    assert after["index_version"] == other.name != before["index_version"]
    assert after["answers"] != before["answers"]
