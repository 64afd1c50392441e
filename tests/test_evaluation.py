import json
from pathlib import Path

import pytest

from rag.answerer import Answerer
from rag.evaluation import Judged, as_json, evaluate, summary
from rag.questions import Question, QuestionsError, read_questions


def judged(identifier: str, golds: tuple[str, ...], confidence: float, f1: float) -> Judged:
    given = confidence >= 0.5
    score = f1 if golds else float(not given)
    return Judged(
        id=identifier,
        question="?",
        golds=golds,
        kind="",
        answer="words",
        quote="Some words.",
        confidence=confidence,
        given=given,
        exact=float(score == 1),
        f1=score,
        f1_of_3=score,
        milliseconds=10.0,
    )


def test_questions_are_read_from_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(
        '{"question": "Who?", "answers": ["Ann", "Ann Lee"], "kind": "who"}\n\n{"question": "Why?", "answers": []}\n'
    )
    assert read_questions(path) == [
        Question("1", "Who?", ("Ann", "Ann Lee"), "who"),
        Question("3", "Why?", ()),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "holds no questions"),
        ("{", "line 1"),
        ('{"question": "Who?"}', "line 1: KeyError 'answers'"),
        ('{"question": "Who?", "answers": []}\n[]', "line 2"),
    ],
)
def test_a_file_that_is_no_set_of_questions_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(content)
    with pytest.raises(QuestionsError, match=complaint):
        read_questions(path)
    with pytest.raises(QuestionsError, match="can't be read"):
        read_questions(tmp_path / "missing.jsonl")


def test_the_figures_are_those_of_the_definitions() -> None:
    figures = summary(
        [
            judged("right", ("words",), 0.9, 1.0),
            judged("half right", ("other words",), 0.8, 2 / 3),
            judged("held back", ("words",), 0.1, 1.0),
            judged("wrong", ("nothing",), 0.7, 0.0),
            judged("silent", (), 0.2, 0.0),
            judged("invented", (), 0.6, 0.0),
        ]
    )
    assert figures["questions"] == 6
    assert figures["answerable"] == 4
    assert figures["exact match, best answer"] == 0.5
    assert figures["F1, best answer"] == pytest.approx((1 + 2 / 3 + 1 + 0) / 4)
    assert figures["answered, of the answerable"] == 0.75
    assert figures["held back, of the unanswerable"] == 0.5
    assert figures["right, of those given"] == 0.5
    assert figures["AUROC, answerable against not"] == pytest.approx(6 / 8)


def test_questions_are_asked_and_judged(articles_answerer: Answerer) -> None:
    questions = [
        Question("answered", "How fast were the gusts of storm Ottilie?", ("143 kilometres per hour",)),
        Question("silent", "What is the boiling point of tungsten?", ()),
    ]
    done: list[int] = []
    first, second = evaluate(articles_answerer, questions, done.append)
    assert done == [1, 2]
    assert "143" in first.answer
    assert first.answer in first.quote
    assert first.right
    assert not second.given
    assert (second.exact, second.f1, second.right) == (1, 1, False)
    assert json.loads(json.dumps(as_json([first, second])))["questions"][0]["id"] == "answered"
