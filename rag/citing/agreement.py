"""What several articles say to one question: values that are the same, compatible or contradict each other."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.citing.citation import Citation


@dataclass(frozen=True, slots=True)
class Position:
    """A value, in the words of the likeliest of the articles that give it, and where they say so.

    ``relation`` is how it stands to the value of the first position: ``same`` for that itself, ``compatible`` when it
    is more or less precise, or ``contradicting``. ``witnesses`` is how many of the articles are independent: reprints
    of one text are one witness.
    """

    text: str
    relation: Literal["same", "compatible", "contradicting"]
    witnesses: int
    citations: tuple[Citation, ...]

    @property
    def days(self) -> list[date]:
        """When its articles were published, in order; those that say no date are left out."""
        return sorted({citation.published for citation in self.citations if citation.published})


@dataclass(frozen=True, slots=True)
class Agreement:
    """The positions of several articles to one question, that of the first answer first."""

    positions: tuple[Position, ...]

    @property
    def is_disputed(self) -> bool:
        """Whether articles contradict the first position."""
        return any(position.relation == "contradicting" for position in self.positions)

    @property
    def newer(self) -> Position | None:
        """The contradicting position whose articles are newer than all of the first one; the newest of several."""
        first = self.positions[0].days
        later = [
            position
            for position in self.positions
            if position.relation == "contradicting" and first and position.days and position.days[-1] > first[-1]
        ]
        return max(later, key=lambda position: position.days[-1], default=None)
