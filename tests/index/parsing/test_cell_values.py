"""Numbers as a sheet shows them, by the code of their format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.parsing.cell_values import GENERAL, code_of, shown

ACCOUNT = '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("number", "code", "wanted"),
    [
        (0.125, "0.0%", "12.5%"),
        (0.125, "0%", "13%"),
        (0.125, '0.0\\ "%"', "0.1 %"),
        (-0.05, "0.0%;[Red]-0.0%", "-5.0%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
        (1234.5, "[$-409]#,##0.00", "1,234.50"),
        (1234.5, '_-* #,##0.00 "€"_-', "1,234.50 €"),
        (1234.5, ACCOUNT, "$1,234.50"),
        (-1234.5, ACCOUNT, "$(1,234.50)"),
        (0, ACCOUNT, "$-"),
        (12345678, '#,##0,"k"', "12,346k"),
        (12345678, '0.0,,"M"', "12.3M"),
        (1500, '[>1000]0.0," t";0', "1.5 t"),
        (150, '[>1000]0.0," t";0', "150"),
        (-5, "[Red](#,##0)", "-(5)"),
        (-3, "0;0", "3"),
        (-0.001, "0.00", "0.00"),
        (5, ";;;", ""),
        (0, "0;-0;;@", ""),
        (5, '"Yes";"No";"none"', "Yes"),
        (7, "000", "007"),
        (2.5, "0.0##", "2.5"),
        (1.005, "0.00", "1.01"),
        (3, '0" km"', "3 km"),
        (3, 'General" dozen"', "3 dozen"),
        (0.1 + 0.2, GENERAL, "0.3"),
        (45000, "yyyy-mm-dd", "2023-03-15"),
        (45000, "[$-407]d. mmmm yyyy", "2023-03-15"),
        (1.1041666667, "[h]:mm", "26:30"),
        (0.5, "# ?/?", "0.5"),
        (5551234, "000-0000", "5551234"),
        (1e300, "#,##0", "1e+300"),
    ],
)
def test_a_number_is_written_as_the_sheet_shows_it(number: float, code: str, wanted: str) -> None:
    assert shown(number, code) == wanted


@pytest.mark.parametrize(("number", "wanted"), [(0, "0.125"), (3, "0"), (9, "13%"), (10, "12.50%"), (14, "03:00")])
def test_formats_that_every_workbook_has_are_known_by_their_number(number: int, wanted: str) -> None:
    assert shown(0.125, code_of(number, {})) == wanted
    assert shown(0.125, code_of(number, {number: "0.000"})) == "0.125"


@pytest.mark.parametrize("code", ["0." + "0" * 250, "0" * 250, "0" + "%" * 250, "0" + "," * 250])
def test_a_code_of_many_signs_shows_any_number(code: str) -> None:
    assert shown(123_456_789_012_345.0, code)


@given(st.floats(), st.text(st.sampled_from('0#?.,;%E+-/ _*@\\"[]<>=$hmsyd1€')))
def test_any_code_shows_any_number(number: float, code: str) -> None:
    assert isinstance(shown(number, code), str)


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_what_is_shown_is_the_number_but_for_what_is_rounded(number: float, decimals: int) -> None:
    text = shown(number, "#,##0." + "0" * decimals)
    assert abs(float(text.replace(",", "")) - number) <= 0.5 * 10**-decimals + 1e-14 * abs(number) * 10
