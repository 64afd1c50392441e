"""Reading twice: a small reader reads every passage, a large one reads the most promising of them again."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from index.article import Span
from rag.reading.reader import Reader
from rag.reading.spans import ScoredSpan

AGAIN = 2
"""Passages that the large reader reads: on two processors as long as one."""

FOUND = 8.0
"""What a passage's fused score counts beside the small reader's log odds that an answer stands in it: a difference of
0.1 in the score as much as one of 0.8 in the log odds."""


class RereadingReader:
    """A small and a large reader that answer as one. Safe to share between threads.

    What the large reader makes of a passage replaces what the small one made of it, and a passage that it does not read
    has no spans. :attr:`ScoredSpan.first` keeps what the small one thought of the passage.
    """

    def __init__(self, small: Reader, large: Reader, again: int = AGAIN) -> None:
        """``again`` is how many passages the large reader reads at most."""
        self._small, self._large, self._again = small, large, again
        self.name = f"{small.name}+{large.name}"
        self.precision = large.precision
        self.sha256 = hashlib.sha256(f"{small.sha256} {large.sha256} {again}".encode()).hexdigest()

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
        """For each passage its best spans, best first, as :meth:`Reader.read`; none when it was not read twice.

        :param scores: the fused score of each passage; they count alike when None.
        """
        first = [
            max(span.presence for span in spans) if spans else None
            for spans in self._small.read(question, passages, limit, titles=titles, answerable=answerable)
        ]
        found = scores or [0.0] * len(passages)
        promise = {at: own + FOUND * found[at] for at, own in enumerate(first) if own is not None}
        chosen = sorted(promise, key=lambda at: (-promise[at], at))[: self._again]
        again = self._large.read(
            question,
            [passages[at] for at in chosen],
            limit,
            titles=[titles[at] for at in chosen] if titles else None,
            answerable=[answerable[at] for at in chosen] if answerable else None,
        )
        spans: list[list[ScoredSpan]] = [[] for _ in passages]
        for at, of_passage in zip(chosen, again, strict=True):
            spans[at] = [replace(span, first=first[at] or 0.0) for span in of_passage]
        return spans
