from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.listing import asks_for_several, items


def parts(question: str, answer: str) -> list[str]:
    return [answer[start:end] for start, end in items(question, answer)]


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [
        (
            "What did the storm damage?",
            "the pier, two boats and the fish market",
            ["the pier", "two boats", "the fish market"],
        ),
        ("Which towns were cut off?", "Brennick and Ostrevik", ["Brennick", "Ostrevik"]),
        ("Which two towns were cut off?", "both Brennick and Ostrevik", ["Brennick", "Ostrevik"]),
        ("Who are the owners?", "Ann Lee; Bo Dahl; Cy Marsh", ["Ann Lee", "Bo Dahl", "Cy Marsh"]),
        ("Which firms bid?", "Lee & Sons, Marsh and Dahl, and Orr", ["Lee & Sons", "Marsh and Dahl", "Orr"]),
        (
            "What sank?",
            "the ferry (the Ida, built in 1910), a tug and a barge",
            ["the ferry (the Ida, built in 1910)", "a tug", "a barge"],
        ),
    ],
)
def test_an_answer_that_is_several_items_is_cut_into_them(question: str, answer: str, found: list[str]) -> None:
    assert parts(question, answer) == found


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What was sold?", "bread and butter"),
        ("When did it open?", "on March 3, 2024, and again in May"),
        ("How many came?", "1,500"),
        ("Who is Ann Lee?", "a lawyer, a mother of two and a poet"),
        ("Was it cut off?", "roads, rails and power were cut"),
        ("Which towns were cut off?", "Brennick, which was flooded, and Ostrevik"),
        ("Which towns were cut off?", "Brennick"),
        ("What is its date?", "March 3, 2024"),
    ],
)
def test_one_thing_is_not_cut(question: str, answer: str) -> None:
    assert parts(question, answer) == []


def test_questions_that_want_more_than_one_thing_say_so() -> None:
    assert asks_for_several("Which counties get help?")
    assert asks_for_several("what three things did she bring")
    assert not asks_for_several("Which county gets help?")
    assert not asks_for_several("What was the news?")


@given(st.text("ab,; &()and", max_size=60))
def test_items_are_in_order_apart_and_not_empty(answer: str) -> None:
    found = items("Which towns were cut off?", answer)
    assert all(answer[start:end].strip() for start, end in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
