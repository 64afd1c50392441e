"""Whether a question has one answer or several."""

from pathlib import Path

import pytest

from index.models.embedder import Embedder
from index.models.onnx_model import ModelError
from rag.ranking.one_answer import SHIPPED, OneAnswer, beginning, odds_of_one


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("Who won the chess tournament in Ostrevik?", True),
        ("How many people live in Brennick?", True),
        ("When was the mill torn down?", True),
        ("Who has criticised the minister?", False),
        ("What can be bought in the station?", False),
        ("Why are shopkeepers in Callory angry?", False),
    ],
)
def test_the_beginning_of_a_question_tells_how_many_answers_it_has(
    embedder: Embedder, question: str, is_one: bool
) -> None:
    assert (odds_of_one(question, embedder) > 0) == is_one


def test_what_follows_and_names_change_nothing() -> None:
    assert beginning("Who won the race in Port Callory?") == "Who won the"
    assert beginning("Did Lena Marsh win the race?") == "Did it win"


def test_another_embedder_tells_nothing(embedder: Embedder) -> None:
    class Other(Embedder):
        def __init__(self) -> None:
            self.fingerprint = "another"

    assert odds_of_one("Who won the race?", Other()) == 0.0
    assert odds_of_one("Who won the race?", embedder) != 0.0


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    model = OneAnswer("an embedder", (0.25, -1.5), 0.5)
    model.write(tmp_path / "model.json")
    assert OneAnswer.read(tmp_path / "model.json") == model


def test_the_shipped_model_belongs_to_the_shipped_embedder(embedder: Embedder) -> None:
    assert OneAnswer.read(SHIPPED).embedder == embedder.fingerprint


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(ModelError, match=r"model\.json is missing or damaged"):
        OneAnswer.read(tmp_path / "model.json")
