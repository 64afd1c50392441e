"""What speaks for a candidate answer, in numbers."""

import re
from typing import NamedTuple

_CLAUSE = re.compile(r"[,;:.!?]\s")


class Evidence(NamedTuple):
    """What a candidate is ranked and judged by. Each number belongs to the candidate alone, whatever else was found."""

    margin: float
    """The score of the span less that of no answer in its passage, in logits."""

    score: float
    """The score of the span: start logit plus end logit."""

    retrieval: float
    """The fused score of its passage."""

    breaks: float
    """1 when punctuation inside the span ends a clause, else 0: such spans are often too long."""

    presence: float = 0.0
    """The log odds, by the reader, that its passage holds an answer, whichever it is. A calibration that was fitted
    before there was this number does without it."""


def breaks(text: str) -> float:
    """Whether punctuation inside of ``text`` ends a clause, as :attr:`Evidence.breaks`."""
    return float(bool(_CLAUSE.search(text)))
