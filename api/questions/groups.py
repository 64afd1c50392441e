"""Questions that are alike in meaning, put together by their vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from api.questions.book import Asked

LEAST_LIKENESS = 0.75
"""Cosine from which on two questions are taken for one."""


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask much the same, the one asked most often first."""

    questions: tuple[Asked, ...]

    @property
    def times(self) -> int:
        """How often any of them was asked."""
        return sum(each.times for each in self.questions)


def grouped(questions: Sequence[Asked], vectors: npt.NDArray[np.float32]) -> list[Group]:
    """The questions in groups, the one asked most often first.

    Each question, the most frequent ones first, joins the group whose first question it is most like, if that is alike
    enough (leader clustering: Hartigan, Clustering Algorithms, 1975).

    :param vectors: unit vectors, one a question.
    """
    order = sorted(range(len(questions)), key=lambda at: (-questions[at].times, -questions[at].last))
    leaders: list[int] = []
    members: list[list[int]] = []
    for at in order:
        likeness = vectors[leaders] @ vectors[at] if leaders else np.zeros(0, np.float32)
        if len(likeness) and float(likeness.max()) >= LEAST_LIKENESS:
            members[int(likeness.argmax())].append(at)
        else:
            leaders.append(at)
            members.append([at])
    groups = [Group(tuple(questions[at] for at in group)) for group in members]
    return sorted(groups, key=lambda group: -group.times)
