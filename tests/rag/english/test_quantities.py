"""Quantities as they are written, and whether two of them are the same."""

import pytest

from rag.english.quantities import compared, quantities


def related(one: str, other: str) -> set[str | None]:
    return {compared(mine, yours) for mine in quantities(one) for yours in quantities(other)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("40 million", "40m"),
        ("€40m", "40 million euros"),
        ("fifty-five thousand", "55,000"),
        ("half a million", "500,000"),
        ("one and a half million", "1.5 million"),
        ("a hundred and twenty", "120"),
        ("around two hundred", "some 200"),
        ("an hour and a half", "90 minutes"),
        ("five hours and twenty minutes", "320 minutes"),
        ("two and a half years", "30 months"),
        ("5 km", "3.1 miles"),
        ("2,400 kilograms", "2.4 tonnes"),
        ("$3.2 million", "3.2m dollars"),
        ("three-quarters", "75 per cent"),
        ("a dozen", "12"),
        ("half a percentage point", "0.5 per cent"),
        ("1.9 metric tons", "1,900 kg"),
        ("2 lakh", "200,000"),
        ("one in five", "20 per cent"),
        ("-0.3 per cent", "−0.3 %"),
    ],
)
def test_the_same_quantity_in_two_forms(one: str, other: str) -> None:
    assert "same" in related(one, other)
    assert "same" in related(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("about 10,000", "10,200"),
        ("nearly 90 millimetres", "88 millimetres"),
        ("more than 600", "624"),
        ("30 to 40", "33"),
        ("dozens", "47"),
        ("1,800", "1,812"),
        ("a third", "34 per cent"),
        ("between 60 and 70 million euros", "66 million euros"),
        ("£60-70m", "£66m"),
        ("from $60m to $70m", "$66m"),
        ("several hundred", "412"),
        ("hundreds of millions", "300 million"),
        ("50 or more", "61"),
        ("no more than 50", "40"),
        ("£1.2bn", "£1.25bn"),
        ("7 per cent", "6.8 per cent"),
    ],
)
def test_more_and_less_precise_quantities_are_compatible(one: str, other: str) -> None:
    assert related(one, other) == {"compatible"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("40,000", "55,000"),
        ("about 10,000", "14,000"),
        ("more than 600", "480"),
        ("nine", "14"),
        ("a third", "half"),
        ("4.6 kilometres", "6.4 kilometres"),
        ("90 minutes", "two hours"),
        ("11.20", "12.50"),
        ("2.75 per cent", "4.5 per cent"),
        ("one in five", "one in ten"),
        ("-0.3 per cent", "0.3 per cent"),
        ("no more than 50", "60"),
    ],
)
def test_other_quantities_contradict(one: str, other: str) -> None:
    assert related(one, other) == {"contradicting"}


@pytest.mark.parametrize(
    ("one", "other"), [("12 per cent", "12"), ("5 km", "5 kg"), ("40 euros", "40 dollars"), ("500 rupees", "$500")]
)
def test_what_measures_something_else_is_not_compared(one: str, other: str) -> None:
    assert related(one, other) == {None}


def test_hedges_and_units_stand_around_an_answer() -> None:
    [amount] = quantities("40", "costs $", " million a year")
    assert (amount.number, amount.measures) == (40e6, "dollar")
    [rough] = quantities("10,000", "more than ", " people")
    assert (rough.low, rough.high) == (10_000, 15_000)
    assert quantities("the council") == []
