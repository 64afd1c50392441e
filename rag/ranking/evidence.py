"""The numbers by which candidate answers are ranked and their confidence is computed."""

import re
from typing import NamedTuple

_CLAUSE = re.compile(r"[,;:.!?]\s")


class Evidence(NamedTuple):
    """The features of one candidate. None of them depends on what other candidates were found."""

    margin: float
    """The score of the span less that of no answer in its passage, in logits."""

    score: float
    """The score of the span: start logit plus end logit."""

    retrieval: float
    """The fused score of its passage."""

    breaks: float
    """1 when punctuation inside the span ends a clause, else 0: such spans are often too long."""

    presence: float = 0.0
    """The log odds, by the reader, that its passage holds any answer. Calibration files that were written before this
    number existed have no weight for it; it then counts as 0."""

    first: float = 0.0
    """The same by the small reader, where a small and a large one answer as one; else 0."""

    twice: float = 0.0
    """1 when the large one has read its passage as well, else 0."""


def breaks(text: str) -> float:
    """Whether punctuation inside of ``text`` ends a clause, as :attr:`Evidence.breaks`."""
    return float(bool(_CLAUSE.search(text)))
