"""Questions that lean on what stands behind them: nothing is lost of them, and conversations keep their answers."""

import json
import random
from pathlib import Path

import pytest

from rag.english.mentions import mentions
from training.data import CONVERSATIONS, Example, TextSpan, conversations
from training.leaning import leaning

TEXT = "Nadia Sarraf won the Lantern Prize in Oslo on 4 May. She will spend the money on a library."


def _example(question: str) -> Example:
    return Example("1", "news", "prize", question, TEXT, (TextSpan("4 May", TEXT.index("4 May")),))


@pytest.mark.parametrize(
    "question",
    [
        "When did Nadia Sarraf win the Lantern Prize in Oslo?",
        "Lantern Prize date",
        "Which library will Sarraf's money go to?",
        "The prize was given to whom?",
    ],
)
def test_no_mention_of_a_question_is_lost(question: str) -> None:
    wanted = {word for mention in mentions(question) for word in mention.words.split()}
    forms = set()
    for seed in range(40):
        made = leaning(_example(question), ["Where is the Harbour Museum?"], random.Random(seed))
        assert made is not None
        assert made.answers == _example(question).answers
        assert made.question.endswith(")")
        assert all(word in made.question for word in wanted)
        forms.add(made.question)
    assert len(forms) > 10
    assert any("Harbour Museum" in form for form in forms)


def test_a_question_without_a_mention_is_left_out() -> None:
    assert leaning(_example("And what else?"), [], random.Random(1)) is None


def test_follow_ups_are_read_as_the_service_writes_them(tmp_path: Path) -> None:
    turns = [
        {"question": "Who won the Lantern Prize?", "answers": ["Nadia Sarraf"], "follow_up": False},
        {"question": "When did she win it?", "answers": ["4 May"], "follow_up": True},
        {"question": "And how much was it?", "answers": [], "follow_up": True},
        {"question": "Who paid it?", "answers": ["not in the text"], "follow_up": True},
    ]
    row = {"id": "c", "article": "prize", "title": "A prize", "text": TEXT, "turns": turns}
    other = {**row, "article": "kept for reporting"}
    file = tmp_path / "train.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in (row, other)), encoding="utf-8")
    found = list(conversations(file, {"prize"}))
    assert [example.id for example in found] == ["c#1", "c#2"]
    assert all(example.source == CONVERSATIONS and example.headline == "A prize" for example in found)
    assert found[0].question.startswith("When did she win it? (")
    assert "Nadia Sarraf" in found[0].question
    assert [span.text for span in found[0].answers] == ["4 May"]
    assert found[1].answers == ()
