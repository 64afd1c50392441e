"""Answers in other languages are compared as MLQA compares them, and what their confidences are worth."""

import math

import pytest

from benchmarks.multilingual import f1, parts, sample, truth


@pytest.mark.parametrize(
    ("language", "text", "compared"),
    [
        ("de", "Die „Stadt“ am Rhein.", ["stadt", "am", "rhein"]),
        ("es", "el 1,5 %", ["15"]),
        ("en", "$5 a day", ["5", "day"]),
        ("ar", "الكتاب", ["كتاب"]),
        ("vi", "những con sông", ["con", "sông"]),
        ("zh", "北京，2008年", ["北", "京", "2008", "年"]),
        ("th", "แม่น้ำ", ["แ", "ม่", "น้", "ำ"]),
        ("ru", "в 1987 году", ["в", "1987", "году"]),
    ],
)
def test_what_is_compared(language: str, text: str, compared: list[str]) -> None:
    assert parts(text, language) == compared


def test_the_best_of_several_answers_counts() -> None:
    assert f1("im Jahr 1987", ["1987", "Jahr 1987"], "de") == pytest.approx(4 / 5)
    assert f1("", ["1987"], "de") == 0


def test_a_sample_is_from_all_over() -> None:
    asked = list(range(10))
    assert sample(asked, 3) == [0, 3, 6]  # type: ignore[arg-type, comparison-overlap]
    assert sample(asked, None) == asked  # type: ignore[arg-type, comparison-overlap]


def test_what_confidences_are_worth() -> None:
    figures = truth([(0.9, True), (0.1, False), (0.7, False), (0.8, False)], 0.6)
    assert figures["right, of given"] == pytest.approx(1 / 3)
    assert (figures["given"], figures["without"]) == (1.0, 0.5)
    assert figures["AUROC"] == 1.0
    assert math.isnan(truth([(0.3, True), (0.1, False)], 0.6)["right, of given"])
