import pytest

from rag.evaluating.metrics import (
    area_under_risk_coverage,
    area_under_roc,
    coverage_at,
    exact_match,
    expected_calibration_error,
    f1,
    recall,
    reciprocal_rank,
    reliability,
    risk_coverage,
)
from rag.ranking.calibration import threshold_for
from rag.ranking.normalise import normalise


def test_case_punctuation_articles_and_spaces_make_no_difference() -> None:
    assert normalise("  The “Old”  Harbour,\n a port ") == "old harbour port"
    assert normalise("cost \u2060\u20604.2 million\u2060") == "cost 42 million"
    assert exact_match("the Harbour.", ["a harbour"]) == 1
    assert exact_match("harbours", ["harbour"]) == 0


def test_f1_counts_shared_words_against_the_best_gold() -> None:
    assert f1("about 10,000 troops", ["10,000", "10,000 troops"]) == pytest.approx(0.8)
    assert f1("ferry", ["bridge"]) == 0
    assert f1("", []) == 1
    assert f1("something", []) == 0


def test_ranking_measures() -> None:
    assert reciprocal_rank([False, False, True]) == pytest.approx(1 / 3)
    assert reciprocal_rank([False] * 10 + [True]) == 0
    assert recall([True, False, True, True], existing=4, limit=3) == 0.5


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    assert expected_calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0)
    assert expected_calibration_error([0.9] * 10, [False] * 10) == pytest.approx(0.9)
    assert expected_calibration_error([0.05, 0.95], [False, True]) == pytest.approx(0.05)


def test_the_threshold_is_the_lowest_that_keeps_the_precision() -> None:
    confidences = [0.9, 0.8, 0.7, 0.6, 0.5]
    right = [True, True, False, True, False]
    assert threshold_for(confidences, right, 0.75) == 0.6
    assert threshold_for(confidences, right, 1.0) == 0.8
    assert threshold_for(confidences, [False] * 5, 0.5) == 1.0


def test_area_under_roc_counts_ties_half() -> None:
    assert area_under_roc([0.9, 0.8, 0.1], [True, True, False]) == 1
    assert area_under_roc([0.5, 0.5], [True, False]) == 0.5
    assert area_under_roc([0.1, 0.9], [True, False]) == 0
    with pytest.raises(ValueError, match="positives and negatives"):
        area_under_roc([0.5], [True])


def test_reliability_has_a_bin_for_each_tenth_that_is_used() -> None:
    bins = reliability([0.05, 0.72, 0.78, 1.0], [False, True, False, True])
    assert [(own.count, own.right) for own in bins] == [(1, 0), (2, 0.5), (1, 1)]
    assert bins[1].confidence == pytest.approx(0.75)


def test_risk_grows_with_coverage_where_the_unsure_are_wrong() -> None:
    confidences, right = [0.9, 0.2, 0.8, 0.5], [True, False, True, False]
    assert risk_coverage(confidences, right) == [(0.25, 0), (0.5, 0), (0.75, pytest.approx(1 / 3)), (1, 0.5)]
    assert area_under_risk_coverage(confidences, right) == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert coverage_at(0.9, confidences, right) == 0.5
    assert coverage_at(0.6, confidences, right) == 0.75
    assert coverage_at(0.9, [0.5], [False]) == 0


def test_equal_confidences_are_answered_together() -> None:
    for right in ([True, False], [False, True]):
        assert risk_coverage([0.5, 0.5], right) == [(1, 0.5)]
        assert coverage_at(1.0, [0.5, 0.5], right) == 0
