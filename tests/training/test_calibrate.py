"""How the choice among answers is fitted, and that nothing is read twice for it."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from index.article import Article, Block
from index.building.builder import index_articles
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.ranking.calibration import Calibrator
from rag.ranking.evidence import Evidence
from rag.reading.reader import Reader
from training.calibrate import Options, cross_validated, figures, fit, options
from training.data import Example, TextSpan, write_examples
from training.open_corpus import choosing, tag
from training.readings import Gold, Reading, Readings

TEXTS = {
    "Harbour": "The old harbour of Brennick was opened in 1881 by the mayor Ann Lindqvist.",
    "Ferry": "The ferry to Sarnside carries forty cars and leaves every day at noon.",
}


def drawn(count: int, seed: int, margin_matters: bool = True) -> list[Options]:
    """Questions with five candidates each, of which the one with a high margin tends to be right; some have none."""
    source = random.Random(seed)
    result = []
    for number in range(count):
        answerable = source.random() < 0.7
        right = source.randrange(5) if answerable else -1
        evidence = [
            Evidence(source.gauss(3 if at == right and margin_matters else -2, 2), 0.0, source.random(), 0.0)
            for at in range(5)
        ]
        gold = Gold(str(number), f"title {number % 40}", "?", "", ("x",) if answerable else ())
        scores = tuple(float(at == right) for at in range(5))
        result.append(Options(Reading(gold, not answerable, (), (), ()), tuple(evidence), scores, scores))
    return result


def test_what_is_fitted_is_true_on_other_questions() -> None:
    model = fit(drawn(1500, 1), 0.8, "drawn", "reader")
    got = figures([(model, item) for item in drawn(1500, 2)])
    assert model.weights.margin > 0
    assert abs(model.weights.retrieval) < 0.5
    assert got["calibration error"] < 0.03
    assert got["right, of those given"] == pytest.approx(0.8, abs=0.03)
    assert got["F1"] > 0.85


def test_evidence_that_tells_nothing_gets_no_weight() -> None:
    model = fit(drawn(1500, 3, margin_matters=False), 0.8, "drawn", "reader")
    assert abs(model.weights.margin) < 0.05


def test_cross_validation_judges_no_title_by_itself() -> None:
    questions = drawn(300, 4)
    models = {item.fold: model for model, item in cross_validated(questions, 0.8)}
    assert len(models) > 1
    for fold, model in models.items():
        assert model == fit([item for item in questions if item.fold != fold], 0.8, "the other folds", "")


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_candidates_all_alike_cannot_be_fitted(value: float) -> None:
    alike = [Options(item.reading, item.evidence, (value,) * 5, (value,) * 5) for item in drawn(20, 5)]
    with pytest.raises(ValueError, match="both right and wrong"):
        fit(alike, 0.8, "drawn", "reader")


@pytest.fixture
def versions(embedder: Embedder, tmp_path: Path) -> Versions:
    articles = [
        Article(title.lower(), title, text, (Block(0, len(text)),), tags=(tag(title),)) for title, text in TEXTS.items()
    ]
    versions = Versions(tmp_path / "index")
    index_articles(articles, versions, embedder)
    return versions


def test_questions_are_read_once_and_without_their_title_when_asked_so(
    versions: Versions, embedder: Embedder, reader: Reader, tmp_path: Path
) -> None:
    gold = Gold("q", "Harbour", "When was the old harbour of Brennick opened?", TEXTS["Harbour"], ("1881",))
    first = Readings(versions.open(), embedder, reader, tmp_path / "kept" / "readings.jsonl")
    inside, outside = first.ask(gold), first.ask(gold, title_out=True)
    assert inside.found[0].article.id == "harbour"
    assert [passage.article.id for passage in outside.found] == ["ferry"]
    assert outside.answers == ()
    [file] = (tmp_path / "kept").iterdir()
    with file.open("a", encoding="utf-8") as cut:
        cut.write('{"key": "in another')
    written = file.read_bytes()
    again = Readings(versions.open(), embedder, reader, file)
    assert (again.ask(gold), again.ask(gold, title_out=True)) == (inside, outside)
    assert file.read_bytes() == written
    file.write_text(_without_totals(file.read_text()))
    assert Readings(versions.open(), embedder, reader, file).ask(gold) == inside
    best = Calibrator.read().rank(options(inside).evidence)[0][0]
    assert options(inside).f1[best] == 1


def _without_totals(lines: str) -> str:
    """Records as they were kept before spans had a total."""
    records = [json.loads(line) for line in lines.splitlines()[:-1]]
    for record in records:
        record["spans"] = [[span[:4] for span in of_passage] for of_passage in record["spans"]]
    return "".join(json.dumps(record) + "\n" for record in records)


def test_the_half_of_a_set_that_chooses_is_asked_of_all_its_passages(tmp_path: Path) -> None:
    examples = [
        Example(title, "set", title, f"When did {title} begin?", text, (TextSpan(text[:3], 0), TextSpan(text[:6], 0)))
        for title, text in TEXTS.items()
    ]
    examples.append(replace(examples[0], id="none", answers=()))
    write_examples(tmp_path / "set.jsonl.gz", examples)
    articles, golds = choosing(tmp_path / "set.jsonl.gz")
    assert {article.text for article in articles} == set(TEXTS.values())
    assert [(gold.title, gold.answers) for gold in golds] == [("Ferry", ("The", "The fe"))]
