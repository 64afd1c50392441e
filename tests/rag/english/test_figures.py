"""Numbers are the same however they are written, and inexact ones leave room."""

import pytest

from rag.english.figures import quantities


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,500 soldiers and 12.5 million crowns", [1500, 12_500_000]),
        ("a third of it, half of that, two thirds", [1 / 3, 0.5, 2 / 3]),
        ("twenty percent, 20 per cent and 20%", [0.2, 0.2, 0.2]),
        ("forty-two legs, two and a half metres", [42, 2.5]),
        ("three decades, two hundred and 40m", [30, 200, 40_000_000]),
        ("the 15-year-old came second in 2024", [15, 2, 2024]),
        ("Nobody said anything.", []),
    ],
)
def test_numbers_in_words_and_figures(text: str, values: list[float]) -> None:
    assert [each.value for each in quantities(text)] == pytest.approx(values)
    assert all(text[each.start : each.end].strip() for each in quantities(text))


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("12,000 people", "12 thousand people", True),
        ("about 12,000", "12,400", True),
        ("about 12,000", "14,000", False),
        ("more than 200", "212", True),
        ("more than 200", "190", False),
        ("fewer than 50", "47", True),
        ("1,340 metres", "1,430 metres", False),
    ],
)
def test_which_numbers_can_be_said_of_one_thing(one: str, other: str, agree: bool) -> None:
    first, second = quantities(one)[0], quantities(other)[0]
    assert first.agrees(second) == second.agrees(first) == agree
