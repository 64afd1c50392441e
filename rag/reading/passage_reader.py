"""What answers a question from passages, be it one model or two, and how the one that a setting names is opened."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from index.article import Span
from index.models.multilingual import MULTILINGUAL
from rag.reading.multilingual import open_multilingual
from rag.reading.reader import LARGE, Reader, States
from rag.reading.rereading import RereadingReader, side_by_side
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
        answerable: Sequence[Sequence[Span]] | None = None,
        scores: Sequence[float] | None = None,
    ) -> list[list[ScoredSpan]]:
        """For each passage its best spans, best first: see :meth:`Reader.read`."""

    def states(self, question: str, passage: str, title: str) -> States | None:
        """What a layer makes of the tokens of both, where there is one to look at: see :meth:`Reader.states`."""


def reader_beside(embedder: str, reader: str | None) -> str | None:
    """The reader that is opened where ``reader`` is set: unset, the multilingual embedder has its own beside it."""
    return reader or (MULTILINGUAL if embedder == MULTILINGUAL else None)


def open_reader(
    name: str | None, cache: Path, precision: str = "int8", threads: int | None = None, again: str | None = None
) -> PassageReader:
    """What ships, the small reader and the large one as one (None); the small one alone (``small``); the one of the
    extra (``multilingual``); or another one.

    Where ``again`` names a second, it takes the place of the large one.
    :raises ModelError: when it can't be loaded or compiled.
    """
    if name is None or name == "small":
        first = Reader.shipped(threads)
    elif name == MULTILINGUAL:
        first = open_multilingual(cache, precision, threads)
    else:
        first = Reader.load(name, cache, precision, threads)
    if again:
        return RereadingReader(first, Reader.load(again, cache, precision, threads, side_by_side(threads)))
    return first if name else RereadingReader(first, Reader.shipped(threads, LARGE, side_by_side(threads)))
