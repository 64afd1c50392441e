"""Numbers are the same however they are written, and inexact ones leave room."""

import pytest

from rag.english.figures import figures


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,500 soldiers and 12.5 million people", [1500, 12_500_000]),
        ("twenty percent, 20 per cent and 20%", [0.2, 0.2, 0.2]),
        ("forty-two legs, two and a half of them", [42, 2.5]),
        ("two hundred and 40m", [200, 40_000_000]),
        ("half a million, two and a half million", [500_000, 2_500_000]),
        ("two hundred and fifty, one hundred and twenty", [250, 120]),
        ("five and six people", [5, 6]),
        ("$1.2B and £3tn", [1.2e9, 3e12]),
        ("EUR40m, Rs500 and ₹20", [40e6, 500, 20]),
        ("the twenty-first of them came second in the 19th race of 2024", [21, 2, 19, 2024]),
        ("one in five of them, no one else", [0.2]),
        ("Nobody said anything.", []),
    ],
)
def test_numbers_in_words_and_figures(text: str, values: list[float]) -> None:
    found = figures(text)
    assert [each.readings[0].number for each in found] == pytest.approx(values)
    assert all(text[each.start : each.end].strip() for each in found)


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
        ("no more than 20 days", "up to 30 working days", False),
        ("no more than 20 days", "18 days", True),
        ("more than $40 million", "about $45 million", True),
        ("half a million people", "500,000 people", True),
        ("the 19th century", "19 people", False),
        ("three decades", "30 years", True),
    ],
)
def test_which_numbers_can_be_said_of_one_thing(one: str, other: str, agree: bool) -> None:
    first, second = figures(one)[0], figures(other)[0]
    assert first.agrees(second) == second.agrees(first) == agree
