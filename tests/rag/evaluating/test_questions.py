import json
from pathlib import Path

import pytest

from rag.evaluating.questions import GoldQuestion, QuestionsError, read_questions

SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Old_Harbour",
            "paragraphs": [
                {
                    "context": "Ann built the quay in 1881.",
                    "qas": [
                        {"id": "a", "question": "Who built it?", "answers": [{"text": "Ann", "answer_start": 0}] * 2},
                        {
                            "id": "b",
                            "question": "Who broke it?",
                            "answers": [],
                            "is_impossible": True,
                            "plausible_answers": [{"text": "Ann", "answer_start": 0}],
                        },
                    ],
                }
            ],
        }
    ],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "questions.json"


def test_questions_are_read_from_json_lines(path: Path) -> None:
    path.write_text(
        '{"question": "Who?", "answers": ["Ann", "Ann Lee"], "kind": "who", "article": "quay"}\n\n'
        '{"question": "Why?\u2028", "answers": [{"text": "so"}, "so"]}\n'
        '{"question": "When?", "answers": []}\n',
        encoding="utf-8",
    )
    assert read_questions(path) == [
        GoldQuestion("1", "Who?", ("Ann", "Ann Lee"), "who", "quay"),
        GoldQuestion("3", "Why?\u2028", ("so",)),
        GoldQuestion("4", "When?", ()),
    ]


@pytest.mark.parametrize("indent", [None, 1])
def test_questions_are_read_from_squad(path: Path, indent: int | None) -> None:
    path.write_text(json.dumps(SQUAD, indent=indent))
    assert read_questions(path) == [
        GoldQuestion("a", "Who built it?", ("Ann",), article="Old_Harbour"),
        GoldQuestion("b", "Who broke it?", (), article="Old_Harbour"),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "holds no questions"),
        ('{"data": []}', "holds no questions"),
        ("{", "line 1"),
        ('{"question": "Who?"}', "line 1: KeyError 'answers'"),
        ('{"question": "Who?", "answers": "Ann"}', "line 1: TypeError answers is no list"),
        ('{"question": "Who?", "answers": []}\n[]', "line 2"),
        ('{"data": [{"paragraphs": [{"qas": [{"id": 1}]}]}]}', "article 1 of data"),
        ('{"id": "x", "question": "Who?", "answers": []}\n' * 2, "two questions with the id 'x'"),
    ],
)
def test_a_file_that_is_no_set_of_questions_is_named(path: Path, content: str, complaint: str) -> None:
    path.write_text(content)
    with pytest.raises(QuestionsError, match=complaint):
        read_questions(path)


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(QuestionsError, match="can't be read"):
        read_questions(path)
