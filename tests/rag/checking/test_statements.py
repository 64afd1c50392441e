"""A text falls into its sentences, each at its place, without marks and with names for leading pronouns."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.checking.statements import statements

DRAFT = """# The bridge

Ines Corvall is the mayor of Halvick [1]. She took office on **1 October**. It is not known who pays.

- The new bridge costs 55 million crowns.
- It opens in June.

***
"""


def test_sentences_of_a_draft() -> None:
    found = statements(DRAFT)
    assert [each.meant for each in found] == [
        "The bridge",
        "Ines Corvall is the mayor of Halvick.",
        "Ines Corvall took office on 1 October.",
        "It is not known who pays.",
        "The new bridge costs 55 million crowns.",
        "The new bridge opens in June.",
    ]
    assert found[1].text == "Ines Corvall is the mayor of Halvick [1]."


def test_marks_of_other_kinds_are_no_part_of_a_statement() -> None:
    text = """The bridge
==========
Ines Corvall is *the mayor* of [Halvick](https://example.org/a_b)[^1]. Did she win?

| place | cost |
|---|---|
| Halvick | 55 |

```
print("no")
```
***At last*** the works council agreed. It complained.
# Costs
They rose.

[^1]: A note.
"""
    assert [each.meant for each in statements(text)] == [
        "The bridge",
        "Ines Corvall is the mayor of Halvick.",
        "| Halvick | 55 |",
        "At last the works council agreed.",
        "It complained.",
        "Costs",
        "They rose.",
    ]


@given(st.text(alphabet="Ab. \n*-#1)🙂é[]", max_size=80))
def test_each_stands_at_its_place(text: str) -> None:
    found = statements(text)
    assert all(text[each.start : each.end] == each.text for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
