"""What a follow-up takes was said: every slice of it stands in the conversation, and what was typed stays."""

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from rag.english.followup import Turn, standalone

SUBJECTS = ["Nadim Sarraf-Hale", "the river Sarn", "Coast Rail", "two tugs", "NATO allies", "Elon Musk"]
VERBS = [
    *("won", "built", "ruined", "tore", "admitted", "carried", "closed", "stopped"),
    *("acquired", "photographed", "televised", "vaccinated", "dredged", "unveiled", "renamed", "dedicated"),
]
OBJECTS = ["the Lantern Prize", "the library of Brennick", "61,000 books", "a second breakwater", "Twitter"]
FOLLOWUPS = [
    *("And when?", "Why?", "Where?", "Who said that?", "How many of them?", "How come?", "How old is he?"),
    *("What about the Meridian Swift?", "When did they do it?", "How much did it cost?", "And in Dunlisk?"),
    *("i mean, is it important to know?", "and   what of\n her", "What is Marseille?"),
]


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[str, str]:
    """A question and its answer."""
    subject, verb, whom = (draw(st.sampled_from(words)) for words in (SUBJECTS, VERBS, OBJECTS))
    return draw(st.sampled_from([(f"Who {verb} {whom}?", subject), (f"What did {subject} say?", whom)]))


@given(st.lists(exchanges(), min_size=1, max_size=3), st.lists(st.sampled_from(FOLLOWUPS), max_size=2), st.data())
def test_every_word_of_a_followup_was_said(
    spoken: list[tuple[str, str]], between: list[str], data: st.DataObject
) -> None:
    history = [turn for said, answer in spoken for turn in (Turn("user", said), Turn("assistant", answer))]
    history += [Turn("user", followup) for followup in between]
    followup = data.draw(st.sampled_from(FOLLOWUPS))
    became = standalone(followup, history)
    assume(became != followup)
    typed = " ".join(followup.split())
    assert became.startswith(f"{typed} (")
    said = [turn.content for turn in history]
    for taken in became.removeprefix(f"{typed} (").removesuffix(")").split(", "):
        assert any(re.search(rf"(?<!\w){re.escape(taken)}(?!\w)", each) for each in said), taken


def test_verbs_that_no_list_holds_stay_as_they_were_said() -> None:
    history = [Turn("user", "Who acquired Twitter?"), Turn("assistant", "Elon Musk")]
    assert standalone("And when?", history) == "And when? (acquired Twitter, Elon Musk)"
