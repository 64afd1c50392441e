"""What answers stand for, and how two of them relate."""

from datetime import date

import pytest

from rag.english.tense import is_about_now
from rag.english.values import relation, value_of


@pytest.mark.parametrize(
    ("question", "one", "other", "expected"),
    [
        ("Who leads the ministry?", "Lloyd Austin", "Austin", "same"),
        ("Who leads the ministry?", "Dr Lloyd Austin", "L. Austin", "same"),
        ("Who won?", "Volodymyr Zelensky", "Volodymyr Zelenskyy", "same"),
        ("Who said so?", "WHO", "World Health Organization", "same"),
        ("Who leads the ministry?", "Lloyd Austin", "Mark Austin", "contradicting"),
        ("Who leads the ministry?", "Lloyd Austin", "the council", "contradicting"),
        ("Which bridge is closed?", "the Salt Bridge", "the Chain Bridge", "contradicting"),
        ("Where was he born?", "Karlsvik", "Karlsvik in the province of Norr", "compatible"),
        ("Where is the court?", "Hallen, in what was a shop", "Mirow", "contradicting"),
        ("When did it close?", "14 March 2019", "March 14, 2019", "same"),
        ("When did it close?", "October 2024", "22 October 2024", "compatible"),
        ("When did it close?", "3 May 1721", "30 May 1721", "contradicting"),
        ("When did they arrive?", "around 870", "about 1020", "contradicting"),
        ("At what time does it leave?", "23:40", "11.40 p.m.", "same"),
        ("At what time does it leave?", "half past midnight", "00:30", "same"),
        ("What was the score?", "3-1", "2-2", "contradicting"),
        ("How many came?", "40m", "40 million", "same"),
        ("What colour is it?", "green", "dark blue", "contradicting"),
        ("What did she do before?", "she flew crop dusters", "she studied law", None),
        ("What do visitors see?", "blind fish", "drawings of bison", None),
        ("What is demanded?", "eight percent more pay", "an eight per cent rise", "compatible"),
    ],
)
def test_two_answers_to_a_question(question: str, one: str, other: str, expected: str | None) -> None:
    values = value_of(question, one, "It was "), value_of(question, other, "It was ")
    assert relation(*values) == expected
    assert relation(*reversed(values)) == expected


def test_a_weekday_is_the_day_of_its_article() -> None:
    tuesday = value_of("When did it burn?", "Tuesday", "It burnt on ", "", date(2024, 10, 23))
    assert relation(tuesday, value_of("When did it burn?", "22 October 2024")) == "same"
    assert relation(tuesday, value_of("When did it burn?", "21 October 2024")) == "contradicting"


def test_the_same_words_in_articles_of_two_days_contradict_nothing() -> None:
    earlier, later = (
        value_of("When does it open?", "1 October", "It will open on ", "", told_on)
        for told_on in (date(2024, 9, 12), date(2024, 10, 12))
    )
    assert earlier.dates[0].first != later.dates[0].first
    assert relation(earlier, later) is None
    assert relation(later, value_of("When does it open?", "2 October", "It will open on ", "", date(2024, 9, 12)))


@pytest.mark.parametrize(
    ("question", "now"),
    [
        ("Who is the mayor?", True),
        ("How many people live in Grenna?", True),
        ("How many jobs will Tresko cut?", True),
        ("Who has bought the paper?", True),
        ("Who won the cup?", False),
        ("How many people died in the fire?", False),
        ("When was it built?", False),
        ("Why didn't he resign?", False),
    ],
)
def test_a_question_is_about_now_or_not(question: str, now: bool) -> None:
    assert is_about_now(question) is now
