"""Questions that lean on what stands behind them: nothing is lost of them."""

import random

import pytest

from rag.english.mentions import mentions
from training.data import Example, TextSpan
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
