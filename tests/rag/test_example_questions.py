"""Example questions are made of plain sentences, and only those that are answered are kept."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from index.article import Article, Block
from index.building.builder import build
from index.models.embedder import Embedder
from index.storage.filters import EVERYTHING
from index.storage.snapshot import Snapshot
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.example_questions import Suggestion, _of_article, _sample, candidates, example_questions
from rag.question import Question


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("NATO spokeswoman Farah Dakhlallah said so.", "Who is the NATO spokeswoman?", "Farah Dakhlallah"),
        ("Chief librarian Yusuf Ardal wept.", "Who is the chief librarian?", "Yusuf Ardal"),
        ("The U.S. Defense Secretary Lloyd Austin left.", "Who is the U.S. Defense Secretary?", "Lloyd Austin"),
        (
            "Ilse Marchetti, the former harbour master of Port Callory, won.",
            "Who is the former harbour master of Port Callory?",
            "Ilse Marchetti",
        ),
        ("An additional 1,500 troops were sent.", "How many troops were sent?", "1,500"),
        ("Some 420 new jobs will be created.", "How many new jobs will be created?", "420"),
        ("The old bridge was opened with music in 1912.", "When was the old bridge opened?", "1912"),
        ("The Esker Tower is 62 metres tall.", "How tall is the Esker Tower?", "62"),
        ("The Meridian Swift cost 31 million crowns.", "How much did the Meridian Swift cost?", "31"),
        (
            '"You have to look at the wake," said Mara Voss.',
            "Who said “You have to look at the wake”?",
            "Mara Voss",
        ),
        ('"It is over for all of us," Mara Voss said.', "Who said “It is over for all of us”?", "Mara Voss"),
    ],
)
def test_a_plain_sentence_makes_a_question(sentence: str, question: str, answer: str) -> None:
    article = Article("a", "Title", sentence, (Block(0, len(sentence)),))
    assert Suggestion(question, answer) in _of_article(article)


@pytest.mark.parametrize(
    "sentence", ["It rained.", "president", "Troops were sent.", "He said no.", "", "مرحبا بالعالم", "1,500 were."]
)
def test_other_sentences_make_none(sentence: str) -> None:
    article = Article("a", "Title", sentence, (Block(0, len(sentence)),) if sentence else ())
    assert _of_article(article) == []


def test_what_is_kept_is_answered_by_the_words_it_was_made_of(
    articles_answerer: Answerer, articles_snapshot: Snapshot
) -> None:
    kept = example_questions(articles_answerer, wanted=3)
    assert len(kept) == 3
    made = {suggestion.question: suggestion.answer for suggestion in candidates(articles_snapshot)}
    articles = set()
    for question in kept:
        best = articles_answerer.ask(Question(question)).answers[0]
        assert made[question] in best.text or best.text in made[question]
        articles.add(best.citations[0].article_id)
    assert len(articles) > 1


def test_a_version_keeps_the_questions_that_its_articles_answer(
    articles_answerer: Answerer, articles_snapshot: Snapshot
) -> None:
    assert list(articles_snapshot.example_questions) == example_questions(articles_answerer)
    assert len(articles_snapshot.example_questions) == 5


def test_the_questions_come_from_all_sources_in_turn(articles_snapshot: Snapshot) -> None:
    sources = [source for source, _ in articles_snapshot.listing(EVERYTHING, "", "newest", 0, 0).counts["sources"]]
    firsts = [article.source for article in _sample(articles_snapshot)[: len(sources)]]
    assert sorted(filter(None, firsts)) == sorted(sources)


def test_the_questions_come_from_all_over_a_large_file(embedder: Embedder, tmp_path: Path) -> None:
    lines = [{"id": f"wire-{at}", "title": f"News {at}", "text": f"It rained for {at} hours."} for at in range(400)]
    (tmp_path / "wire.jsonl").write_text("\n".join(map(json.dumps, lines)))
    versions = Versions(tmp_path / "index")
    build([tmp_path / "wire.jsonl"], versions, embedder)
    with closing(versions.open()) as snapshot:
        sample = _sample(snapshot)
    assert {article.id[:6] for article in sample} == {f"wire-{digit}" for digit in range(10)}
    assert 50 < len(sample) < 120
