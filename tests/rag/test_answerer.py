"""Asking, over the articles of the tests; and the invariants of the answers."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article, Block, storable, title_span
from index.building.builder import index_articles
from index.formats.registry import load
from index.models.embedder import Embedder
from index.parsing.types import LoadError, Origin
from index.storage.filters import Filters
from index.storage.versions import Versions
from rag.answerer import Answer, Answerer, Result
from rag.english.followup import Turn
from rag.evaluating.questions import read_questions
from rag.question import Question
from rag.ranking.calibration import Calibrator
from rag.reading.reader import Reader
from rag.retrieval.retriever import ON_TOPIC, Retriever
from tests.support.paths import ROOT, SEED_ARTICLE

DATA = ROOT / "tests" / "data"
QUESTIONS = [
    question.question
    for name in ("seed_questions", "article_questions")
    for question in read_questions(DATA / f"{name}.jsonl")
]
GARBAGE = ["?", "🙂🙃", "x", "\u200b", "ميناء", '" OR *', "who " * 400]


def check_answer(answerer: Answerer, result: Result, answer: Answer) -> None:
    for citation in answer.citations:
        article = answerer.corpus.article(citation.article_id)
        assert article
        assert article.sha256 == citation.sha256
        assert article.text[citation.quote_start : citation.quote_end] == citation.quote
        assert citation.quote_start <= citation.start < citation.end <= citation.quote_end
        assert article.text[: citation.quote_start].endswith(citation.prefix)
        assert article.text[citation.quote_end :].startswith(citation.suffix)
        assert citation.index_version == result.index_version
        assert article.text[citation.start : citation.end] == answer.text
        stretches = [(block.start, block.end) for block in article.blocks]
        title = title_span(article)
        if title and title not in stretches:
            stretches.append(title)
        assert len([start for start, end in stretches if start <= citation.start and citation.end <= end]) == 1
    assert len({citation.article_id for citation in answer.citations}) == len(answer.citations)


@pytest.mark.parametrize("which", ["seed_answerer", "articles_answerer"])
def test_every_answer_is_verbatim_and_its_citation_holds(which: str, request: pytest.FixtureRequest) -> None:
    answerer: Answerer = request.getfixturevalue(which)
    count = 0
    for question in [*QUESTIONS[::2], *GARBAGE]:
        result = answerer.ask(Question(question, min_confidence=0.0, limit=20))
        for answer in result.answers:
            check_answer(answerer, result, answer)
            count += 1
    assert count > 50


@settings(max_examples=15)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=80), st.text(max_size=20))
def test_answers_are_verbatim_in_articles_of_any_characters(
    embedder: Embedder, reader: Reader, tmp_path_factory: pytest.TempPathFactory, words: str, more: str
) -> None:
    raw = f"The sign on the gate says {words} and nothing else.\r\n\r\n{more}\u0301 café\u0301 👩‍👩‍👧 قال\tالحارس.\r\n"
    articles = [
        article for article in load(storable(raw).encode(), Origin(key="any.txt")) if not isinstance(article, LoadError)
    ]
    versions = Versions(tmp_path_factory.mktemp("any"))
    index_articles(articles, versions, embedder)
    answerer = Answerer(versions.open(), embedder, reader)
    result = answerer.ask(Question("What does the sign on the gate say?", min_confidence=0.0))
    for answer in result.answers:
        check_answer(answerer, result, answer)


def test_offsets_of_plain_text_hold_in_the_decoded_file(articles_answerer: Answerer) -> None:
    folder = ROOT / "tests" / "articles"
    encodings = {"chataigne_fete.txt": "latin-1"}
    checked = set()
    for question in QUESTIONS[1::3]:
        for answer in articles_answerer.ask(Question(question, min_confidence=0.0)).answers:
            for citation in answer.citations:
                article = articles_answerer.corpus.article(citation.article_id)
                assert article
                assert article.path
                if article.path.endswith((".txt", ".md")):
                    source = (folder / article.path).read_bytes().decode(encodings.get(article.path, "utf-8"))
                    there = source[citation.start : citation.end]
                    shown = article.text[citation.start : citation.end]
                    # a line break is a space, a mark of Markdown a character that is not seen, one for one
                    kept = zip(there.replace("\r", " ").replace("\n", " "), shown, strict=True)
                    assert all(written == read or read == "\u2060" for written, read in kept)
                    checked.add(article.path)
    assert len(checked) >= 8


def test_the_same_question_gets_the_same_answer(articles_answerer: Answerer) -> None:
    first, second = (articles_answerer.ask(Question(QUESTIONS[0], min_confidence=0.0)) for _ in range(2))
    assert (first.answers, first.passages, first.best_guess) == (second.answers, second.passages, second.best_guess)


def test_below_the_threshold_there_is_no_answer_but_a_guess(articles_answerer: Answerer) -> None:
    for question in QUESTIONS[2::3]:
        result = articles_answerer.ask(Question(question))
        threshold = articles_answerer.calibrator.threshold
        above = [answer.confidence >= threshold for answer in result.answers]
        together = sum(answer.confidence for answer in result.answers)
        assert all(above) or (result.agreement and together >= threshold)
        assert result.answerable == bool(result.answers)
        if not result.answerable:
            assert result.best_guess is None or result.best_guess.confidence < threshold
        else:
            assert result.best_guess is None


def test_a_question_about_something_else_is_not_answered(seed_answerer: Answerer) -> None:
    for question in ("What is the capital of Mongolia?", "How do I reset my router?", "🙂"):
        result = seed_answerer.ask(Question(question))
        assert not result.answerable
        assert result.answers == ()


def test_confidences_fall_down_the_list_and_limit_counts(seed_answerer: Answerer) -> None:
    result = seed_answerer.ask(Question("How many troops were sent to Russia?", min_confidence=0.0, limit=5))
    confidences = [answer.confidence for answer in result.answers]
    assert confidences == sorted(confidences, reverse=True)
    assert len(confidences) == 5
    assert len({answer.text for answer in result.answers}) == 5


def test_one_fact_in_three_articles_is_one_answer_with_three_citations(articles_answerer: Answerer) -> None:
    question = next(q for q in read_questions(DATA / "article_questions.jsonl") if "143" in "".join(q.answers))
    result = articles_answerer.ask(Question(question.question))
    assert "143" in result.answers[0].text
    assert len(result.answers[0].citations) == 3
    assert sum("143" in answer.text for answer in result.answers) == 1


def test_filters_act_inside_the_search(articles_answerer: Answerer) -> None:
    article = articles_answerer.corpus.articles()[3]
    only = Filters(article_ids=(article.id,))
    result = articles_answerer.ask(Question(QUESTIONS[0], filters=only, min_confidence=0.0))
    assert {passage.article.id for passage in result.passages} == {article.id}
    empty = articles_answerer.ask(Question(QUESTIONS[0], filters=Filters(published_from=date(2100, 1, 1))))
    assert (empty.answers, empty.best_guess, empty.passages) == ((), None, ())


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_search_ranks_by_the_fused_score(articles_answerer: Answerer, embedder: Embedder, weight: float) -> None:
    retriever = Retriever(articles_answerer.corpus, embedder, weight)
    question = "How fast were the gusts of storm Ottilie?"
    query = retriever.begin(question, Filters())
    found = retriever.search(query, 8)
    assert retriever.search(query, 8) == found
    best = max(passage.bm25 for passage in found) or 1.0
    for passage in found:
        assert passage.score == pytest.approx(weight * passage.dense + (1 - weight) * passage.bm25 / best, abs=1e-5)
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)
    assert "Ottilie" in found[0].article.text


def test_passages_of_the_article_that_a_conversation_is_on_count_more(articles_answerer: Answerer) -> None:
    retriever = articles_answerer.retriever
    typed, terms = "How much did it cost?", "How much did it cost? (Brennick)"
    flood = "How many books did the river Sarn ruin in Brennick? 61,000"
    query = retriever.begin_followup(terms, Filters(), typed=typed, topic=flood)
    assert query.article == retriever.search(retriever.begin(flood, Filters()), 1)[0].article.id
    plain = {found.passage.id: found.score for found in retriever.search(replace(query, article=None), 40)}
    found = retriever.search(query, 8)
    assert len(found) == 8
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)
    assert any(passage.article.id == query.article for passage in found)
    for passage in found:
        assert passage.is_on_topic == (passage.article.id == query.article)
        more = ON_TOPIC if passage.is_on_topic else 0
        assert passage.score == pytest.approx(min(1, plain[passage.passage.id] + more))


def test_a_followup_is_searched_for_as_it_was_typed_too(articles_answerer: Answerer) -> None:
    retriever = articles_answerer.retriever
    typed, terms = (retriever.begin(text, Filters()).vector for text in ("Why?", "Why? (river Sarn, Brennick, books)"))
    both = retriever.begin_followup("Why? (river Sarn, Brennick, books)", Filters(), typed="Why?", topic="Sarn").vector
    assert both @ both == pytest.approx(1, abs=1e-5)
    assert both @ typed > terms @ typed
    assert both @ terms > both @ typed


def test_a_followup_is_not_answered_with_what_was_said(articles_answerer: Answerer) -> None:
    history = (Turn("user", "Where is Ilse Marchetti's ship from?"), Turn("assistant", "the Brandvik yard in Ostrevik"))
    asked = Question("Tell me more about the yard.", history, min_confidence=0.0, limit=20)
    texts = [answer.text for answer in articles_answerer.ask(asked).answers]
    assert texts[0] not in ("Brandvik yard", "the Brandvik yard", "the Brandvik yard in Ostrevik")
    assert any("Varga yard" in text for text in texts)


def test_both_searches_can_find_what_the_other_misses(embedder: Embedder, reader: Reader, tmp_path: Path) -> None:
    articles = [Article(f"a{i}", "Note", f"Item number {i} of the list of things.") for i in range(3)]
    one = Article("code", "Note", "Part ZX81-7 was recalled.")
    blocks = [load(article.text.encode(), Origin(key=f"{article.id}.txt"))[0] for article in [*articles, one]]
    versions = Versions(tmp_path / "index")
    index_articles([block for block in blocks if isinstance(block, Article)], versions, embedder)
    answerer = Answerer(versions.open(), embedder, reader)
    assert "ZX81" in answerer.search("ZX81-7")[0].text
    assert "ZX81" in answerer.search("component withdrawn from the market by the maker")[0].text


def test_timings_and_models_are_told(seed_answerer: Answerer) -> None:
    result = seed_answerer.ask(Question("Who is the NATO spokeswoman?"))
    assert set(result.timings_ms) == {"embed", "retrieve", "read", "total"}
    assert result.timings_ms["total"] == pytest.approx(
        sum(result.timings_ms[stage] for stage in ("embed", "retrieve", "read")), abs=0.1
    )
    assert result.models["embedder"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert result.index_version == seed_answerer.corpus.manifest.version


@pytest.fixture
def with_threshold(seed_answerer: Answerer, embedder: Embedder, reader: Reader) -> Callable[[float], Answerer]:
    def make(threshold: float) -> Answerer:
        shipped = Calibrator.read()
        settings = {name: getattr(shipped, name) for name in shipped.__slots__}
        return Answerer(seed_answerer.corpus, embedder, reader, Calibrator(**{**settings, "threshold": threshold}))

    return make


def test_the_calibrated_threshold_is_the_default(with_threshold: Callable[[float], Answerer]) -> None:
    question = "Who is the NATO spokeswoman?"
    assert with_threshold(0.05).ask(Question(question)).answerable
    assert not with_threshold(1.0).ask(Question(question)).answerable
    assert with_threshold(1.0).ask(Question(question, min_confidence=0.05)).answerable


def test_an_answer_of_just_the_threshold_is_given(with_threshold: Callable[[float], Answerer]) -> None:
    question = "Who is the NATO spokeswoman?"
    answerer = with_threshold(0.5)
    [answer, *_] = answerer.ask(Question(question, min_confidence=0.0)).answers
    assert answerer.ask(Question(question, min_confidence=answer.confidence)).answers == (answer,)
    assert with_threshold(answer.confidence).ask(Question(question)).answers == (answer,)


def test_the_question_sets_are_as_large_as_they_should_be() -> None:
    seed = [json.loads(line) for line in (DATA / "seed_questions.jsonl").read_text().splitlines()]
    text = SEED_ARTICLE.read_text()
    flat = " ".join(text.split())
    assert sum(bool(line["answers"]) for line in seed) >= 40
    assert sum(not line["answers"] for line in seed) >= 12
    assert sum(line["near_miss"] for line in seed) >= 4
    assert all(" ".join(answer.split()) in flat for line in seed for answer in line["answers"])


PLANT = (
    "The plant denied that it let dirty water into the river Orr.",
    "Inspectors found that the plant let dirty water into the river Orr on two nights in May.",
)


@pytest.fixture(scope="module")
def plant_answerer(embedder: Embedder, reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    towns = "The flood hit Brennick, Ostrevik and Port Callory on Monday. Nobody was hurt, and the trains run again."
    texts = {"denial": PLANT[0], "inspectors": PLANT[1], "flood": towns}
    articles = [Article(name, name.capitalize(), text, (Block(0, len(text)),)) for name, text in texts.items()]
    versions = Versions(tmp_path_factory.mktemp("plant"))
    index_articles(articles, versions, embedder)
    return Answerer(versions.open(), embedder, reader)


def test_a_denial_does_not_settle_what_another_source_found(plant_answerer: Answerer) -> None:
    question = "Did the plant let dirty water into the river Orr?"
    found = plant_answerer.ask(Question(question, min_confidence=0.0, limit=20))
    confidences = [answer.confidence for answer in found.answers]
    assert confidences == sorted(confidences, reverse=True)
    assert found.answers[0].citations[0].article_id == "inspectors"
    assert all(answer.verdict is None for answer in found.answers if answer.citations[0].article_id == "denial")
    for answer in found.answers:
        check_answer(plant_answerer, found, answer)


def test_a_yes_or_no_is_said_by_a_clause(plant_answerer: Answerer) -> None:
    result = plant_answerer.ask(Question("Was anybody hurt in the flood?", min_confidence=0.0))
    threshold = plant_answerer.calibrator.threshold
    assert result.answers[0].text == "Nobody was hurt"
    assert [answer.verdict for answer in result.answers if answer.confidence < threshold] == [None] * sum(
        answer.confidence < threshold for answer in result.answers
    )


def test_several_items_are_parts_and_each_is_cited(plant_answerer: Answerer) -> None:
    result = plant_answerer.ask(Question("Which towns did the flood hit?", min_confidence=0.0))
    first = result.answers[0]
    assert [part.text for part in first.parts][:3] == ["Brennick", "Ostrevik", "Port Callory"]
    for part in first.parts:
        article = plant_answerer.corpus.article(part.citation.article_id)
        assert article
        assert article.text[part.citation.start : part.citation.end] == part.text
    assert first.is_list
    assert first.quotes[0].text == first.citations[0].quote
    assert first.quotes[0].confidence == first.confidence
