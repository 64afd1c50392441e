import json
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answerer import Answerer
from rag.evaluating.comparison import compare, read_evaluation
from rag.evaluating.evaluation import as_json, evaluate, summary
from rag.evaluating.questions import GoldQuestion, QuestionsError
from tests.support.evaluations import SOME, judged


def test_the_figures_are_those_of_the_definitions() -> None:
    figures = summary(SOME)
    assert figures["questions"] == 6
    assert figures["answerable"] == 4
    assert figures["exact match, best answer"] == 0.5
    assert figures["F1, best answer"] == pytest.approx((1 + 2 / 3 + 1 + 0) / 4)
    assert figures["answered, of the answerable"] == 0.75
    assert figures["held back, of the unanswerable"] == 0.5
    assert figures["right, of those given"] == 0.5
    assert figures["AUROC, answerable against not"] == pytest.approx(6 / 8)
    assert [figures[f"recall@{limit}"] for limit in (1, 5, 20)] == [0.25, 0.5, 0.75]
    assert figures["MRR@10"] == pytest.approx((1 + 1 / 4) / 4)
    assert figures["coverage at 90% precision"] == pytest.approx(2 / 6)
    assert figures["area under risk-coverage"] == pytest.approx((0 + 0 + 1 / 3 + 2 / 4 + 3 / 5 + 3 / 6) / 6)


def test_every_outcome_has_its_name_and_cause() -> None:
    assert [(item.outcome, item.cause) for item in SOME] == [
        ("right", ""),
        ("right", ""),
        ("held back", "right, but held back"),
        ("wrong", "not among the 20 passages found"),
        ("silent", ""),
        ("made up", "answered what no article answers"),
    ]
    assert judged("late", ("nothing",), 0.7, 0.0, rank=9).cause == "found, but not read"
    assert judged("other", ("nothing",), 0.1, 0.0, rank=2).cause == "read, but something else was taken"


def test_questions_are_asked_and_judged(articles_answerer: Answerer) -> None:
    wind = "How fast were the gusts of storm Ottilie?"
    title = articles_answerer.search(wind)[0].article.title
    questions = [
        GoldQuestion("answered", wind, ("143 kilometres per hour",)),
        GoldQuestion("there", wind, ("143 kilometres per hour",), article=title.upper().replace(" ", "_")),
        GoldQuestion("elsewhere", wind, ("143 kilometres per hour",), article="another one"),
        GoldQuestion("silent", "What is the boiling point of tungsten?", ()),
    ]
    done: list[int] = []
    first, there, elsewhere, silent = evaluate(articles_answerer, questions, done.append)
    assert done == [1, 2, 3, 4]
    assert "143" in first.answer
    assert first.quote[first.start : first.end] == first.answer
    assert first.right
    assert (first.rank, elsewhere.rank, silent.rank) == (1, 0, None)
    assert there.rank
    assert not silent.given
    assert (silent.exact, silent.f1, silent.right) == (1, 1, False)
    assert json.loads(json.dumps(as_json([first, silent])))["questions"][0]["id"] == "answered"


def test_a_comparison_tells_what_became_better_and_worse(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(as_json(SOME)))
    right, half, held, wrong, silent, invented = SOME
    now = [
        replace(right, given=False, confidence=0.3),
        replace(half, answer="other words"),
        replace(held, given=True, confidence=0.6),
        wrong,
        replace(silent, question="Another question with that id?"),
        replace(invented, answer="made up anew"),
    ]
    comparison = compare(read_evaluation(path), now)
    assert [[change.after.id for change in comparison.of(effect)] for effect in (1, -1, 0)] == [
        ["held back"],
        ["right"],
        ["half right", "invented"],
    ]
    assert comparison.of(-1)[0].before["answer"] == "words"
    assert (comparison.added, comparison.dropped) == (("silent",), ("silent",))
    assert comparison.figures["answered, of the answerable"] == (0.75, 0.75)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"summary": {"a": "b"}, "questions": []}', '{"summary": {}, "questions": [{}]}']
)
def test_a_file_that_is_no_evaluation_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(content)
    with pytest.raises(QuestionsError, match=r"old\.json is no evaluation"):
        read_evaluation(path)
    with pytest.raises(QuestionsError, match=r"missing\.json is no evaluation"):
        read_evaluation(tmp_path / "missing.json")
