import math
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.onnx_model import ModelError
from rag.calibration import Calibrator, fit
from rag.metrics import expected_calibration_error

EVIDENCE = st.tuples(st.floats(-40, 40), st.floats(-1, 1))


def draw(count: int, seed: int) -> tuple[list[list[tuple[float, float]]], list[list[bool]]]:
    """Questions of five candidates each, right with a probability that a logistic function of the margin gives."""
    source = random.Random(seed)
    questions = [[(source.gauss(-4, 4), source.random()) for _ in range(5)] for _ in range(count)]
    right = [[source.random() < 1 / (1 + math.exp(-margin)) for margin, _ in question] for question in questions]
    return questions, right


@given(st.lists(EVIDENCE, max_size=8))
def test_the_strongest_comes_first_and_confidence_never_rises_down_the_list(
    candidates: list[tuple[float, float]],
) -> None:
    ranking = Calibrator.read().rank(candidates)
    confidences = [confidence for _, confidence in ranking]
    assert sorted(at for at, _ in ranking) == list(range(len(candidates)))
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)


def test_the_fitted_probability_is_true_on_other_questions() -> None:
    fitted = fit(*draw(2000, seed=1), precision=0.8, fitted_on="drawn")
    questions, right = draw(2000, seed=2)
    best = [(fitted.rank(question)[0], own) for question, own in zip(questions, right, strict=True)]
    confidences = [confidence for (_, confidence), _ in best]
    hits = [own[at] for (at, _), own in best]
    assert expected_calibration_error(confidences, hits) < 0.05
    given = [hit for confidence, hit in zip(confidences, hits, strict=True) if confidence >= fitted.threshold]
    assert sum(given) / len(given) == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize("label", [True, False])
def test_answers_all_alike_cannot_be_fitted(label: bool) -> None:
    questions, right = draw(20, seed=3)
    with pytest.raises(ValueError, match="both right and wrong"):
        fit(questions, [[label] * len(own) for own in right], 0.8, "drawn")


def test_it_is_stored_and_read_back(tmp_path: Path) -> None:
    fitted = fit(*draw(200, seed=4), precision=0.9, fitted_on="drawn")
    fitted.write(tmp_path / "calibration.json")
    assert Calibrator.read(tmp_path / "calibration.json") == fitted


@pytest.mark.parametrize("content", ["", "[]", '{"bias": 1}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(content)
    with pytest.raises(ModelError, match="missing or damaged"):
        Calibrator.read(path)


def test_the_shipped_one_says_what_it_was_fitted_on() -> None:
    shipped = Calibrator.read()
    assert 0 < shipped.threshold < 1
    assert "questions" in shipped.fitted_on
