"""What answers a question from passages, be it one model or two, and how the one that a setting names is opened."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rag.reading.reader import SMALL, Reader
from rag.reading.spans import ScoredSpan


class PassageReader(Protocol):
    """``name``, ``precision`` and ``sha256`` identify the weights."""

    name: str
    precision: str
    sha256: str

    def read(
        self,
        question: str,
        passages: Sequence[str],
        limit: int = 3,
        *,
        titles: Sequence[str] | None = None,
        scores: Sequence[float] | None = None,
    ) -> list[list[ScoredSpan]]:
        """For each passage its best spans, best first: see :meth:`Reader.read`."""


def open_reader(name: str | None, cache: Path, precision: str = "int8", threads: int | None = None) -> PassageReader:
    """The reader that ships (None or ``small``), or another.

    :raises ModelError: when it can't be loaded or compiled.
    """
    if name in (None, "small"):
        return Reader.shipped(SMALL, threads)
    return Reader.load(name, cache, precision, threads)
