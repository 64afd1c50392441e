"""How many of the passages that were found are read. Reading takes most of the time of a question."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rag.retrieval.retriever import RetrievedPassage


@dataclass(frozen=True, slots=True)
class Depth:
    """Reads the best passages: at most ``most``, none that scores far below the best, at most ``characters`` in all.

    A passage is left out when its fused score is more than ``behind`` below the best one's and its cosine is also less
    than ``cosine`` times the highest: such a passage hardly ever holds the answer. Both conditions are needed. When a
    paraphrase shares a single word with the articles, a wrong passage that has this word gets all of BM25's part of the
    fused score, and the right one would look far behind by the fused score alone. The best passage is always read, and
    those of the article that a conversation is on are never far behind.

    The defaults were chosen on other questions than those of the reported figures (``docs/quality.md``).
    """

    most: int = 10
    behind: float = 0.25
    cosine: float = 0.9
    characters: int = 6400

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
            is_behind = item.score < best[0].score - self.behind and item.dense < self.cosine * highest
            if is_behind and not item.is_on_topic:
                continue
            characters += item.passage.end - item.passage.start
            if read and characters > self.characters:
                break
            read.append(at)
        return read


DEPTH = Depth()
"""How the service reads."""
