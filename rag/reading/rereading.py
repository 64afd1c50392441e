"""Reading twice: a small reader reads every passage, a large one reads the most promising of them again."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from index.article import Span
from index.models.onnx_model import available_threads
from rag.reading.reader import Reader, States
from rag.reading.spans import ScoredSpan, ScoredWindow, best_spans

AGAIN = 3
"""Passages that the large reader reads at most."""

CLOSE = 4.0
"""How far behind the most promising passage others are still read again, in log odds. Mostly there is none so near."""

WIDER = 8.0
"""How far behind they may be where the large reader is not sure that one of those answers."""

SURE = 3.0
"""The log odds of an answer in a passage from which on it is sure."""

FOUND = 8.0
"""What a passage's fused score counts beside the small reader's log odds that an answer stands in it: a difference of
0.1 in the score as much as one of 0.8 in the log odds."""

SUPPORT = 0.5
"""What a logit of the small reader, less that of no answer, counts beside the large one's."""


def side_by_side(threads: int | None) -> int:
    """How many passages the large reader reads at a time on so many threads (as many as processors when None).

    Often it reads one alone, so each is read on two threads at least.
    """
    return max(1, min(AGAIN, (threads or available_threads()) // 2))


class RereadingReader:
    """A small and a large reader that answer as one. Safe to share between threads.

    Where both have read a passage, their logits are added, the small one's times :data:`SUPPORT`: they err on different
    questions. Elsewhere the small one's count. :attr:`ScoredSpan.first` and :attr:`ScoredSpan.second` keep what each
    thought of the passage, and :attr:`ScoredSpan.twice` says which case it is, so that the calibrator can tell them
    apart.
    """

    def __init__(self, small: Reader, large: Reader, again: int = AGAIN, close: float = CLOSE) -> None:
        """The large reader reads ``again`` passages at most: the best one, and those at most ``close`` behind it.

        Where it is not sure that one of these answers, it reads those at most :data:`WIDER` behind, too.
        """
        self._small, self._large, self._again, self._close = small, large, again, close
        self.name = f"{small.name}+{large.name}"
        self.precision = large.precision
        self.sha256 = hashlib.sha256(
            f"{small.sha256} {large.sha256} {again} {close} {WIDER} {SURE} {SUPPORT}".encode()
        ).hexdigest()

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
        """For each passage its best spans, best first, as :meth:`Reader.read`.

        :param scores: the fused score of each passage; they count alike when None.
        """
        windows = self._small.score(question, passages, titles=titles, answerable=answerable)
        spans = [best_spans(of_passage, limit) for of_passage in windows]
        first = [_presence(of_passage) for of_passage in spans]
        found = scores or [0.0] * len(passages)
        promise = {at: own + FOUND * found[at] for at, own in enumerate(first) if own is not None}
        best = max(promise.values(), default=0.0)
        ranked = sorted(promise, key=lambda at: (-promise[at], at))[: self._again]
        again: dict[int, list[ScoredWindow]] = {}
        second: dict[int, float] = {}
        for behind in (self._close, WIDER):
            chosen = [at for at in ranked if at not in again and promise[at] >= best - behind]
            read = self._large.score(
                question,
                [passages[at] for at in chosen],
                titles=[titles[at] for at in chosen] if titles else None,
                answerable=[answerable[at] for at in chosen] if answerable else None,
            )
            again |= zip(chosen, read, strict=True)
            second |= {at: _presence(best_spans(again[at], limit)) or 0.0 for at in chosen}
            if max(second.values(), default=SURE) >= SURE:
                break
        both = {
            at: best_spans([_supported(window, windows[at]) for window in of_passage], limit)
            for at, of_passage in again.items()
        }
        return [
            [
                replace(span, first=first[at] or 0.0, second=second.get(at, 0.0), twice=at in both)
                for span in both.get(at, of_passage)
            ]
            for at, of_passage in enumerate(spans)
        ]

    def states(self, question: str, passage: str, title: str) -> States | None:
        """What the large reader makes of a question and a passage: see :meth:`Reader.states`."""
        return self._large.states(question, passage, title)


def _presence(spans: Sequence[ScoredSpan]) -> float | None:
    """The log odds that an answer stands in a passage, by its best spans; None when it has no word."""
    return max((span.presence for span in spans), default=None)


def _supported(large: ScoredWindow, small: Sequence[ScoredWindow]) -> ScoredWindow:
    """A window with the small reader's logits added, token by token; the title's stay as they are where it read none.

    Tokens are the same where they stand at the same place. Readers that cut the passage into other tokens have nothing
    to add.
    """
    logits = {place: margins for window in small for place, *margins in _margins(window)}
    places = list(_places(large))
    if not all(place in logits for place in places if place and place[0] >= 0):
        return large
    added = np.array([logits.get(place, (0.0, 0.0)) if place else (0.0, 0.0) for place in places], dtype=np.float32)
    return replace(
        large,
        start_logits=large.start_logits + SUPPORT * added[:, 0],
        end_logits=large.end_logits + SUPPORT * added[:, 1],
    )


def _margins(scored: ScoredWindow) -> Iterator[tuple[Span, float, float]]:
    """The place of each token of title and passage, with its logits as a start and an end less those of no answer."""
    starts, ends = scored.start_logits - scored.start_logits[0], scored.end_logits - scored.end_logits[0]
    for at, place in enumerate(_places(scored)):
        if place:
            yield place, float(starts[at]), float(ends[at])


def _places(scored: ScoredWindow) -> Iterator[Span | None]:
    """For each token of title and passage the code points it stands for, the title's below 0; None for the others."""
    window = scored.window
    for (start, end), inside in zip(window.offsets, window.in_passage, strict=True):
        yield (start - window.head, end - window.head) if inside else None
