"""A statement is asked for what the sentence beside it does not have, at most three times."""

import pytest

from rag.english.cloze import MOST, gaps


@pytest.mark.parametrize(
    ("statement", "said", "question"),
    [
        ("The ferry can carry 240 passengers.", "It carries 420.", "The ferry can carry how many passengers?"),
        ("It was banned on 14 July.", "It was banned on 4 July.", "It was banned on what date?"),
        ("Ada Finch won the prize.", "The prize went to a poet.", "Who won the prize?"),
        ("The museum stands in Ostrand.", "The museum is old.", "The museum stands in what place?"),
        ("The farmer grows potatoes.", "The farmer grows celery.", "The farmer grows what?"),
        ("Turnout was 71 percent.", "Turnout was 17 percent.", "Turnout was what share?"),
    ],
)
def test_what_is_asked_first(statement: str, said: str, question: str) -> None:
    assert gaps(statement, said)[0].question == question


def test_a_gap_is_a_slice_and_there_are_few() -> None:
    statement = "On 3 May, Ada Finch sold 12 boats to Bram Hale and 30 nets to Cora Lind in Ostrand."
    found = gaps(statement, "")
    assert len(found) == MOST
    assert "12" in {statement[gap.start : gap.end] for gap in found}


def test_what_says_nothing_new_may_leave_nothing_to_ask() -> None:
    assert gaps("They sang.", "They sang.") == []
