"""Date lines as newspapers write them, and lines that only look like one."""

import sys
from datetime import date

import pytest

from index.parsing.dates import parse_date


@pytest.mark.parametrize(
    "text",
    [
        "October 23, 2024",
        "OCTOBER 23, 2024",
        "Oct. 23, 2024",
        "Oct. 23, 2024, 5:14 PM EDT | Updated 6 PM",
        "Wednesday, October 23, 2024",
        "Wed 23 Oct 2024 10.44 GMT",
        "Published: Oct 23rd, 2024",
        "Updated on October 23, 2024",
        "23 October 2024 at 5:00 p.m. EDT",
        "2024-10-23",
        "2024-10-23T23:30:00-05:00",
        "2024/10/23 12:00",
        "20241023",
        "23.10.2024",
        "10/23/2024 5:00 PM",
        "23/10/2024",
        "23 octobre 2024",
        "Mittwoch, 23. Oktober 2024",
        "23 октября 2024 г.",
        "2024年10月23日",
    ],
)
def test_a_date_is_read_as_it_is_written(text: str) -> None:
    assert parse_date(text) == date(2024, 10, 23)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "October 2024",
        "October 23",
        "10/11/2024",
        "2024-13-45",
        "99999999",
        "The war of 2024",
        "Sales rose in May 2024",
        "In 2024, 12 people died",
        "2024-10-23 was a good day",
        "May 5, 2024 deal",
        "12 angry men 1957",
        "October 23, 2024 " + "and so on " * 9,
    ],
)
def test_what_is_no_whole_or_no_certain_date_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_a_day_that_equals_its_month_is_certain() -> None:
    assert parse_date("11/11/2024") == date(2024, 11, 11)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-26T15:01:01Z",
        "Mon, 26 Feb 2024 15:01:01 +0000",
        "26 Feb 2024 15:01:01 GMT",
        "26-FEB-2024 15:01:01.79",
        "February 26, 2024",
        "Feb. 26th, 2024, 3:01 PM EST",
        "Monday, 26 February 2024",
    ],
)
def test_a_usual_english_date_needs_no_parser_of_all_languages(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dateparser", None)
    assert parse_date(text) == date(2024, 2, 26)


@pytest.mark.parametrize("text", ["31 Feb 2024", "Feb 26, 2024 deal", "26 Febtober 2024", "Feb 26, 20245"])
def test_what_only_begins_as_an_english_date_is_none(text: str) -> None:
    assert parse_date(text) is None
