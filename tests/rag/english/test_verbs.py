"""The forms of verbs that signs in questions and sentences are looked for with."""

import pytest

from rag.english.verbs import base

REGULAR = {
    "open": "opened",
    "close": "closed",
    "agree": "agreed",
    "play": "played",
    "survey": "surveyed",
    "carry": "carried",
    "deny": "denied",
    "stop": "stopped",
    "plan": "planned",
    "admit": "admitted",
    "visit": "visited",
    "answer": "answered",
    "need": "needed",
    "fix": "fixed",
}
IRREGULAR = {"win": "won", "go": "went", "cut": "cut", "hold": "held", "think": "thought"}


@pytest.mark.parametrize(
    ("form", "verb"),
    [
        *((form, verb) for verb, form in REGULAR.items() if verb not in {"survey", "fix"}),
        *((form, verb) for verb, form in IRREGULAR.items()),
        ("opens", "open"),
        ("goes", "go"),
        ("carries", "carry"),
        ("is", "is"),
        ("harbour", "harbour"),
    ],
)
def test_what_a_verb_in_the_past_or_the_third_person_is_a_form_of(form: str, verb: str) -> None:
    assert base(form) == verb
