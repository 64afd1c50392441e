import json
import math
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models.onnx_model import ModelError
from rag.evaluating.metrics import expected_calibration_error
from rag.evaluating.recalibration import LEAST, RecalibrationError, platt, recalibrate
from rag.ranking.calibration import SHIPPED, Calibrator, calibrator_for, own_path, threshold_for
from rag.ranking.evidence import Evidence
from rag.retrieval.depth import DEPTH

NUMBER = st.floats(-40, 40)
FLAG = st.sampled_from([0.0, 1.0])
EVIDENCE = st.builds(Evidence, NUMBER, NUMBER, st.floats(-1, 1), FLAG, NUMBER, NUMBER, FLAG)
LIKED = Evidence(margin=5.0, score=12.0, retrieval=0.9, breaks=0.0, presence=5.5)


def empty(retrieval: float) -> Evidence:
    """The best span of a passage of which the reader is sure that it holds no answer.

    The numbers are the medians of those that the shipped reader puts six logits or more below no answer, among passages
    of other titles that were found for the held-out questions.
    """
    return Evidence(margin=-9.4, score=-3.0, retrieval=retrieval, breaks=0.0, presence=-7.3)


@given(st.lists(EVIDENCE, max_size=8))
def test_the_strongest_comes_first_and_confidence_never_rises_down_the_list(candidates: list[Evidence]) -> None:
    ranking = Calibrator.read().rank(candidates)
    confidences = [confidence for _, confidence in ranking]
    assert sorted(at for at, _ in ranking) == list(range(len(candidates)))
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)


@given(st.lists(EVIDENCE, min_size=1, max_size=6), st.data())
def test_what_was_said_before_is_less_likely_and_leaves_more_to_the_others(
    candidates: list[Evidence], data: st.DataObject
) -> None:
    calibrator = Calibrator.read()
    at = data.draw(st.integers(0, len(candidates) - 1))
    said = [float(number == at) for number in range(len(candidates))]
    before, after = dict(calibrator.rank(candidates)), dict(calibrator.rank(candidates, said))
    assert after[at] <= before[at]
    assert all(after[other] >= before[other] - 1e-12 for other in after if other != at)
    assert calibrator.rank(candidates, [0.0] * len(candidates)) == calibrator.rank(candidates)


@given(st.lists(EVIDENCE, max_size=6), st.lists(EVIDENCE, max_size=6))
def test_what_else_was_found_never_changes_the_order_of_two(some: list[Evidence], more: list[Evidence]) -> None:
    calibrator = Calibrator.read()
    alone = [at for at, _ in calibrator.rank(some)]
    together = [at for at, _ in calibrator.rank([*some, *more]) if at < len(some)]
    assert alone == together


@given(st.lists(st.floats(0, LIKED.retrieval), min_size=1, max_size=3 * (DEPTH.most - 1)))
def test_empty_passages_never_outvote_the_right_one(retrievals: list[float]) -> None:
    calibrator = Calibrator.read()
    [(_, alone)] = calibrator.rank([LIKED])
    (first, confidence), *rest = calibrator.rank([*map(empty, retrievals), LIKED])
    assert first == len(retrievals)
    assert confidence > alone - 0.02
    assert all(other < 0.05 for _, other in rest)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_many_passages_that_are_nearly_empty_never_outrank_the_right_one(retrievals: list[float]) -> None:
    nearly_empty = [empty(retrieval)._replace(margin=-8.0, score=2.0, presence=-6.0) for retrieval in retrievals]
    (first, _), *_ = Calibrator.read().rank([*nearly_empty, LIKED])
    assert first == len(retrievals)


def test_a_rival_takes_confidence_away() -> None:
    calibrator = Calibrator.read()
    [(_, alone)] = calibrator.rank([LIKED])
    (_, first), (_, second) = calibrator.rank([LIKED, LIKED._replace(margin=4.5)])
    assert second < first < alone


@given(st.lists(EVIDENCE, min_size=1, max_size=6))
def test_without_stretching_the_confidences_are_shares_of_one(candidates: list[Evidence]) -> None:
    plain = replace(Calibrator.read(), slope=1.0, bias=0.0)
    assert math.fsum(confidence for _, confidence in plain.rank(candidates)) <= 1 + 1e-9


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_a_confidence_is_the_stretched_logit_of_a_share() -> None:
    weights = Evidence(margin=1.0, score=0.0, retrieval=0.0, breaks=0.0, presence=0.0)
    calibrator = replace(Calibrator.read(), weights=weights, base=0.5, slope=2.0, bias=-1.0)
    [(_, alone)] = calibrator.rank([LIKED._replace(margin=1.0)])
    assert alone == pytest.approx(sigmoid(2 * 1.5 - 1))
    (first, best), (second, other) = calibrator.rank([LIKED._replace(margin=-0.25), LIKED._replace(margin=1.0)])
    assert (first, second) == (1, 0)
    assert best == pytest.approx(sigmoid(2 * (1.5 - math.log(1 + math.exp(0.25))) - 1))
    assert other == pytest.approx(sigmoid(2 * (0.25 - math.log(1 + math.exp(1.5))) - 1))
    [(_, overwhelming)] = calibrator.rank([LIKED._replace(margin=2000.0)])
    assert overwhelming == pytest.approx(1)


def test_it_is_stored_and_read_back(tmp_path: Path) -> None:
    changed = Calibrator.read().stretched(1.5, -0.25, threshold=0.625, fitted_on="“some” questions")
    changed.write(tmp_path / "calibration.json")
    assert Calibrator.read(tmp_path / "calibration.json") == changed
    assert [path.name for path in tmp_path.iterdir()] == ["calibration.json"]
    assert "“some” questions" in json.loads((tmp_path / "calibration.json").read_bytes())["fitted_on"]


def test_a_file_from_before_presence_counted_does_without_it(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    content = json.loads(SHIPPED.read_text())
    del content["weights"]["presence"]
    path.write_text(json.dumps(content))
    old = Calibrator.read(path)
    assert old == replace(Calibrator.read(), weights=old.weights)
    assert old.rank([LIKED]) == old.rank([LIKED._replace(presence=-20.0)])


@pytest.mark.parametrize("content", ["", "[]", '{"bias": 1}', '{"weights": {"margin": 1}}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(content)
    with pytest.raises(ModelError, match="missing or damaged"):
        Calibrator.read(path)
    with pytest.raises(ModelError) as caught:
        calibrator_for(tmp_path, "any")
    assert caught.value.code == "calibration_damaged"


def test_the_shipped_one_says_what_it_was_fitted_on() -> None:
    shipped = Calibrator.read()
    assert 0 < shipped.threshold < 1
    assert "questions" in shipped.fitted_on


def test_an_index_has_its_own_calibration_as_long_as_the_reader_is_the_same(tmp_path: Path) -> None:
    own = Calibrator.read().stretched(2.0, 1.0, reader="abc")
    own.write(own_path(tmp_path))
    assert calibrator_for(tmp_path, "abc") == own
    assert calibrator_for(tmp_path, "def") == Calibrator.read()


@pytest.mark.parametrize(
    ("right", "precision", "threshold"),
    [
        ("1101", 1.0, 0.8),
        ("1101", 0.75, 0.6),
        ("1101", 0.76, 0.8),
        ("0111", 0.75, 0.6),
        ("0111", 0.5, 0.6),
        ("0000", 0.1, 1.0),
        ("", 0.5, 1.0),
    ],
)
def test_the_threshold_is_the_lowest_from_which_enough_are_right(
    right: str, precision: float, threshold: float
) -> None:
    confidences = [0.9, 0.8, 0.7, 0.6][: len(right)]
    assert threshold_for(confidences, [mark == "1" for mark in right], precision) == threshold
    assert threshold_for(confidences[::-1], [mark == "1" for mark in right[::-1]], precision) == threshold


def overconfident(count: int, seed: int) -> tuple[list[float], list[bool]]:
    """Confidences of answers that are right less often than said."""
    source = random.Random(seed)
    confidences = [source.random() for _ in range(count)]
    return confidences, [source.random() < confidence**2 for confidence in confidences]


def test_a_recalibration_is_true_on_other_questions_and_keeps_the_order() -> None:
    calibrator = Calibrator.read()
    fitted = recalibrate(calibrator, *overconfident(400, 1), 0.8, "drawn")
    assert fitted.after.log_loss < fitted.before.log_loss
    assert fitted.after.calibration_error < fitted.before.calibration_error
    confidences, right = overconfident(4000, 2)
    stretch = fitted.calibrator.slope / calibrator.slope
    shift = fitted.calibrator.bias - stretch * calibrator.bias
    now = [1 / (1 + math.exp(-(stretch * math.log(value / (1 - value)) + shift))) for value in confidences]
    assert expected_calibration_error(now, right) < expected_calibration_error(confidences, right) / 3
    given = [hit for confidence, hit in zip(now, right, strict=True) if confidence >= fitted.calibrator.threshold]
    assert sum(given) / len(given) == pytest.approx(0.8, abs=0.05)
    assert fitted.calibrator.weights == calibrator.weights


def test_a_recalibration_that_would_not_be_truer_is_refused() -> None:
    source = random.Random(5)
    confidences = [source.random() for _ in range(60)]
    right = [source.random() < confidence for confidence in confidences]
    with pytest.raises(RecalibrationError, match=r"kept as it is.*log loss 0\.\d+ against 0\.\d+"):
        recalibrate(Calibrator.read(), confidences, right, 0.8, "drawn")


@pytest.mark.parametrize(("hits", "misses"), [(LEAST - 1, 200), (200, LEAST - 1), (0, 0)])
def test_too_few_questions_are_refused_with_how_many_are_needed(hits: int, misses: int) -> None:
    right = [True] * hits + [False] * misses
    with pytest.raises(
        RecalibrationError, match=f"{hits} of the best answers are right and {misses} wrong, and {LEAST}"
    ):
        recalibrate(Calibrator.read(), [0.5] * len(right), right, 0.8, "drawn")


@given(st.integers(0, 10_000), st.floats(0.1, 6))
def test_few_and_extreme_confidences_are_fitted_too(seed: int, spread: float) -> None:
    source = random.Random(seed)
    logits = [source.gauss(-1, spread) for _ in range(50)]
    confidences = [1 / (1 + math.exp(-logit)) for logit in logits]
    right = [source.random() < 1 / (1 + math.exp(-logit / 2)) for logit in logits]
    slope, bias = platt(confidences, right)
    assert 0 < slope < 3
    assert abs(bias) < 5
