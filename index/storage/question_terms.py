"""What a question is searched for."""

import re

from index.storage.tokens import words_of

_TERM = re.compile(r"[^\W_]+")

STOP_WORDS = frozenset(
    """
    a an and are as at be been by did do does for from had has have how in is it its of on or that the their there they
    this to was were what when where which who whom whose why will with would
    """.split()  # noqa: SIM905
)
"""Words that a question uses to ask; matching them says nothing about a passage and costs most of the time."""


def question_terms(question: str) -> list[str]:
    """The words of a question, those of :data:`STOP_WORDS` only when it has no others."""
    terms = list(dict.fromkeys(term.lower() for term in _TERM.findall(question)))
    return [term for term in terms if term not in STOP_WORDS] or terms


def question_words(question: str) -> list[str]:
    """The :func:`question_terms` as passages have them."""
    return words_of(" ".join(question_terms(question)))
