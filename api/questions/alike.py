"""Questions that may ask for the same in other words, by the likeness of their vectors."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

LEAST_LIKENESS = 0.65
"""Cosine from which on a question is compared with one that an editor chose the answer to.

Likeness alone does not tell "Who won?" from "Who lost?". Together with what an article answers to both it does:
``python -m benchmarks.alike_questions`` fits it and measures.
"""

Vector = npt.NDArray[np.float32]


class AlikeQuestions:
    """Finds those that are like a question. The vectors of what was compared last are kept."""

    def __init__(self) -> None:
        self._vectors: dict[str, Vector] = {}

    def ranked(self, question: str, among: Sequence[str], embed: Callable[[str], Vector]) -> list[int]:
        """The places in ``among`` of the questions that are alike enough, the most alike first.

        :param embed: gives the unit vector of a question.
        """
        if not among:
            return []
        known = self._vectors
        self._vectors = vectors = {each: known[each] if each in known else embed(each) for each in among}
        likeness = np.stack([vectors[each] for each in among]) @ embed(question)
        return [int(at) for at in np.argsort(-likeness, kind="stable") if likeness[at] >= LEAST_LIKENESS]
