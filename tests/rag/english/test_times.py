"""The time that a question speaks of, counted from the day on which it is asked."""

from datetime import date

import pytest

from rag.english.times import Time, time_of

ASKED = date(2024, 10, 23)
"""A Wednesday."""


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
