"""Which of the passages that were found are read: reading is most of the time of an ask."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rag.retrieval.retriever import RetrievedPassage


@dataclass(frozen=True, slots=True)
class Depth:
    """Reads the best passages: ``most`` of them, none that is far behind, and no more than ``characters`` together.

    Far behind is a passage whose fused score is more than ``behind`` under the best one's and whose cosine is less than
    ``cosine`` of the highest: hardly ever does it hold the answer. Both have to be, because the one word that a
    paraphrase shares with an article may be in a wrong passage, which gets all of BM25's part of the fused score.
    And where five long passages are close, the last costs more time than it is worth. The best one is always read.

    The numbers were chosen on questions that no figure is reported of (``docs/quality.md``).
    """

    most: int = 5
    behind: float = 0.25
    cosine: float = 0.9
    characters: int = 3200

    @classmethod
    def every(cls, most: int) -> Self:
        """The best ``most`` passages, however far behind and however long."""
        return cls(most, behind=math.inf, characters=sys.maxsize)

    def of(self, found: Sequence[RetrievedPassage]) -> list[int]:
        """The positions of those that are read among the passages, best first."""
        best = found[: self.most]
        highest = max((item.dense for item in best), default=0.0)
        read: list[int] = []
        characters = 0
        for at, item in enumerate(best):
            if item.score < best[0].score - self.behind and item.dense < self.cosine * highest:
                continue
            characters += item.passage.end - item.passage.start
            if read and characters > self.characters:
                break
            read.append(at)
        return read


DEPTH = Depth()
"""How the service reads."""
