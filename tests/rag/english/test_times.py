"""The time that a question speaks of, counted from the day on which it is asked."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.event_dates import event_dates
from rag.english.times import Time, time_of

ASKED = date(2024, 10, 23)
"""A Wednesday."""


WORDS = [
    *(
        "in",
        "on",
        "at",
        "from",
        "to",
        "until",
        "before",
        "after",
        "since",
        "between",
        "and",
        "next",
        "last",
        "this",
        "past",
    ),
    *(
        "the",
        "early",
        "mid",
        "late",
        "Friday",
        "fri",
        "May",
        "Auguſt",
        "3",
        "31",
        "2024",
        "1999",
        "0001",
        "week",
        "weeks",
    ),
    *("year", "days", "day", "summer", "winter", "weekend", "yesterday", "tomorrow", "ago", "two", "999", "articles"),
]


def days(first: str | None, last: str | None) -> Time:
    return Time(date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)


@pytest.mark.parametrize(
    ("question", "time"),
    [
        ("Who won the Lantern Prize in 2019?", days("2019-01-01", "2019-12-31")),
        ("Who won the 2019 Lantern Prize?", days("2019-01-01", "2019-12-31")),
        ("Who won the Lantern Prize, 2019?", days("2019-01-01", "2019-12-31")),
        ("Who won in March 2021?", days("2021-03-01", "2021-03-31")),
        ("Who marched in March?", days("2024-03-01", "2024-03-31")),
        ("Who won in December?", days("2023-12-01", "2023-12-31")),
        ("Who was mayor on 5 June 2020?", days("2020-06-05", "2020-06-05")),
        ("Who was mayor on June 5th, 2020?", days("2020-06-05", "2020-06-05")),
        ("What happened on 2024-10-01?", days("2024-10-01", "2024-10-01")),
        ("What happened on October 22?", days("2024-10-22", "2024-10-22")),
        ("What did he say today?", days("2024-10-23", "2024-10-23")),
        ("What did he say yesterday?", days("2024-10-22", "2024-10-22")),
        ("What did he say on Tuesday?", days("2024-10-22", "2024-10-22")),
        ("What did he say last Wednesday?", days("2024-10-16", "2024-10-16")),
        ("What was the summit this week about?", days("2024-10-21", "2024-10-23")),
        ("Who won last week?", days("2024-10-14", "2024-10-20")),
        ("Who won last month?", days("2024-09-01", "2024-09-30")),
        ("Who won last year?", days("2023-01-01", "2023-12-31")),
        ("Who won this year?", days("2024-01-01", "2024-10-23")),
        ("Who died two years ago?", days("2022-01-01", "2022-12-31")),
        ("Who died in the past year?", days("2023-10-24", "2024-10-23")),
        ("Who won last\u00a0year?", days("2023-01-01", "2023-12-31")),
        ("How many were built from 2014 to 2019?", days("2014-01-01", "2019-12-31")),
        ("How many were built between March 2014 and 2019?", days("2014-03-01", "2019-12-31")),
        ("What opened last weekend?", days("2024-10-19", "2024-10-20")),
        ("Who won last summer?", days("2024-06-01", "2024-08-31")),
        ("What burned this autumn?", days("2024-09-01", "2024-11-30")),
        ("How hot was the winter of 2022?", days("2022-12-01", "2023-02-28")),
        ("How many had died at the beginning of July 2023?", days("2023-07-01", "2023-07-13")),
        ("Who resigned in late 2020?", days("2020-08-07", "2020-12-31")),
        ("How many died in the past three months?", days("2024-07-25", "2024-10-23")),
        ("How many died since 2020?", days("2020-01-01", None)),
        ("Who won before 2018?", days(None, "2017-12-31")),
        ("Who won after May 2018?", days("2018-06-01", None)),
        ("How many died until 2020?", days(None, "2020-12-31")),
        ("Who is the current mayor?", Time(prefer="newest")),
        ("How many have died so far?", Time(prefer="newest")),
        ("What are the latest figures?", Time(prefer="newest")),
    ],
)
def test_a_time_is_understood_from_the_day_on_which_it_is_asked(question: str, time: Time) -> None:
    assert time_of(question, ASKED) == time


@pytest.mark.parametrize(
    "question",
    [
        "What may happen next?",
        "Was there a second march in London?",
        "How many of the soldiers, 2000 people, came back?",
        "What is Daytona 500?",
        "What happened on 2020-13-05?",
        "Who is the mayor?",
    ],
)
def test_what_names_no_time_has_none(question: str) -> None:
    assert time_of(question, ASKED) is None


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the novel published in 1995?",
        "How many cracks did the report published last month find?",
        "What was vaccination coverage in 2019?",
        "What does the latest news on Tuesday's crash say?",
        "What is the news today?",
    ],
)
def test_what_something_is_about_does_not_leave_articles_out(question: str) -> None:
    time = time_of(question, ASKED)
    assert time
    assert not time.is_condition


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("Who won the Lantern Prize in 2019?", "Who won the Lantern Prize?"),
        ("In 2019, who won?", "who won?"),
        ("Who was last year's winner?", "Who was winner?"),
        ("Who led at the end of May 2020 in Oslo?", "Who led in Oslo?"),
        ("What was the toll between 2014 and 2019?", "What was the toll?"),
    ],
)
def test_a_question_without_its_time_is_a_question(question: str, rest: str) -> None:
    time = time_of(question, ASKED)
    assert time
    assert time.without(question) == rest


@given(
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    st.sampled_from([date.min, date.max, ASKED]) | st.dates(),
)
def test_no_question_and_no_day_is_too_much(question: str, asked_at: date) -> None:
    time = time_of(question, asked_at)
    assert time is None or time.first is None or time.last is None or time.first <= time.last
    event_dates(question, asked_at)


@pytest.mark.parametrize("question", ["News from 2019: who won?", "Who won, in articles published in 2019?"])
def test_a_question_for_articles_of_a_time_takes_no_others(question: str) -> None:
    time = time_of(question, ASKED)
    assert time is not None
    assert time.is_condition
    assert (time.first, time.last) == (date(2019, 1, 1), date(2019, 12, 31))


@pytest.mark.parametrize(
    ("asked_at", "question", "saturday"),
    [
        ("2024-11-29", "What opened last weekend?", "2024-11-23"),
        ("2024-12-01", "What opened last weekend?", "2024-11-23"),
        ("2024-11-30", "What opened last weekend?", "2024-11-23"),
        ("2024-12-01", "What opened this weekend?", "2024-11-30"),
    ],
)
def test_a_weekend_that_runs_is_not_the_last_one(asked_at: str, question: str, saturday: str) -> None:
    time = time_of(question, date.fromisoformat(asked_at))
    assert time
    assert time.first == date.fromisoformat(saturday)
