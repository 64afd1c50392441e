"""Dates in articles, counted from the day of the article."""

from datetime import date

import pytest

from rag.english.event_dates import event_dates

TOLD = date(2024, 10, 23)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("text", "words", "first", "last"),
    [
        ("It burnt on Tuesday.", "Tuesday", "2024-10-22", "2024-10-22"),
        ("The talks will resume on Tuesday.", "Tuesday", "2024-10-29", "2024-10-29"),
        ("He left last Wednesday.", "last Wednesday", "2024-10-16", "2024-10-16"),
        ("She arrives next Friday.", "next Friday", "2024-10-25", "2024-10-25"),
        ("It rained yesterday.", "yesterday", "2024-10-22", "2024-10-22"),
        ("It fell in December.", "December", "2023-12-01", "2023-12-31"),
        ("It was held in October for the tenth time.", "October", "2024-10-01", "2024-10-31"),
        ("It will open in December.", "December", "2024-12-01", "2024-12-31"),
        ("The bridge opened on 9 June.", "9 June", "2024-06-09", "2024-06-09"),
        ("She takes office on 1 November.", "1 November", "2024-11-01", "2024-11-01"),
        ("He took office on 1 December.", "1 December", "2023-12-01", "2023-12-01"),
        ("Begun in April 2018, it stopped.", "April 2018", "2018-04-01", "2018-04-30"),
        ("Since 14 March 2019 it is shut.", "14 March 2019", "2019-03-14", "2019-03-14"),
        ("Built in spring 2018.", "spring 2018", "2018-03-01", "2018-05-31"),
        ("It was so in the 1990s.", "the 1990s", "1990-01-01", "1999-12-31"),
        ("Not before mid-July.", "mid-July", "2024-07-08", "2024-07-23"),
        ("They met last week.", "last week", "2024-10-14", "2024-10-20"),
        ("It will close this winter.", "this winter", "2024-12-01", "2025-02-28"),
        ("Visitors came this spring.", "this spring", "2024-03-01", "2024-05-31"),
        ("It opens next month.", "next month", "2024-11-01", "2024-11-30"),
        ("That was two weeks ago.", "two weeks ago", "2024-10-06", "2024-10-12"),
        ("She was sworn in on June 1.", "June 1", "2024-06-01", "2024-06-01"),
        ("He said on Tuesday that it would close.", "Tuesday", "2024-10-22", "2024-10-22"),
        ("It drove people from their homes on Sunday.", "Sunday", "2024-10-20", "2024-10-20"),
        ("The council on Monday approved the plan.", "Monday", "2024-10-21", "2024-10-21"),
        ("The vote is to be held on Sunday.", "Sunday", "2024-10-27", "2024-10-27"),
        ("It is expected to have occurred by December.", "December", "2024-12-01", "2024-12-31"),
        ("It would be signed on Sunday.", "Sunday", "2024-10-27", "2024-10-27"),
        ("It is shut from Monday.", "Monday", "2024-10-28", "2024-10-28"),
        ("The vote on Friday will decide.", "Friday", "2024-10-25", "2024-10-25"),
        ("It is shown this Friday.", "this Friday", "2024-10-25", "2024-10-25"),
        ("They will vote later this year.", "later this year", "2024-10-23", "2024-12-31"),
        ("It rained last autumn.", "last autumn", "2023-09-01", "2023-11-30"),
        ("It was on 12\u00a0March.", "12\u00a0March", "2024-03-12", "2024-03-12"),
    ],
)
def test_a_date_is_the_days_that_it_means(text: str, words: str, first: str, last: str) -> None:
    [found] = event_dates(text, TOLD)
    assert text[found.start : found.end] == words
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


def test_without_the_day_of_the_article_only_whole_dates_are_known() -> None:
    [found] = event_dates("On Tuesday, and on 5 May 2020, it rained.", None)
    assert found.is_written
    assert found.first == date(2020, 5, 5)


@pytest.mark.parametrize(
    "text",
    [
        "It may march.",
        "about 1,870 people",
        "He sat down for 20 minutes.",
        "The following day he left.",
        "It was the worst in ten years.",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert event_dates(text, TOLD) == []
