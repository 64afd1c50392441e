"""Cutting a context into runs of sentences, the way a chunker does it."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from training.data import Example, TextSpan

#: Word pieces a word, on average over the training contexts; only used to choose where to cut.
PIECES_PER_WORD = 1.35

_BREAK = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|No|Gen|Col|Lt|Sgt|Prof|Rev|Inc|Co|U\.S|e\.g|i\.e)\.$"
)
_WORD = re.compile(r"\w+|[^\w\s]")


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of every sentence, in code points; the spaces between sentences belong to none."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _BREAK.finditer(text):
        if _ABBREVIATION.search(text[max(0, match.start() - 8) : match.start()]):
            continue
        cut = match.start() + len(match.group().rstrip())
        if text[start:cut].strip():
            spans.append((start, cut))
        start = match.end()
    if text[start:].strip():
        spans.append((start, len(text.rstrip())))
    return spans


def pieces(text: str) -> float:
    """An estimate of the number of word pieces of a text."""
    return PIECES_PER_WORD * len(_WORD.findall(text))


def runs(text: str, high: int) -> list[tuple[int, int]]:
    """Start and end of successive runs of whole sentences of about ``high`` word pieces; a shorter text is one run."""
    if pieces(text) <= 1.1 * high:
        return [(0, len(text))]
    cuts: list[tuple[int, int]] = []
    size = 0.0
    for start, end in sentences(text):
        length = pieces(text[start:end])
        if cuts and size + length <= high:
            cuts[-1] = (cuts[-1][0], end)
            size += length
        else:
            cuts.append((start, end))
            size = length
    return cuts


def window_around(text: str, anchor: TextSpan, target: float, rng: random.Random) -> tuple[int, int]:
    """Start and end of a run of whole sentences that holds ``anchor`` and has about ``target`` word pieces.

    The run grows from the sentences of the anchor to either side in turns drawn from ``rng``, so that the anchor may
    stand anywhere in it. It is at least as long as the anchor's own sentences, whatever the target.
    """
    spans = sentences(text)
    inside = [place for place, (start, end) in enumerate(spans) if start < anchor.end and anchor.start < end]
    if not inside:
        return 0, len(text)
    first, last = inside[0], inside[-1]
    bias = rng.random()
    size = pieces(text[spans[first][0] : spans[last][1]])
    while first > 0 or last < len(spans) - 1:
        left = last == len(spans) - 1 or (first > 0 and rng.random() < bias)
        start, end = spans[first - 1] if left else spans[last + 1]
        size += pieces(text[start:end])
        if size > target:
            break
        first, last = (first - 1, last) if left else (first, last + 1)
    return min(spans[first][0], anchor.start), max(spans[last][1], anchor.end)


def cut(
    example: Example, rng: random.Random, low: int = 80, high: int = 256, anchor: TextSpan | None = None
) -> Example:
    """The example with its context cut to a run of sentences of between ``low`` and ``high`` word pieces.

    :param anchor: What the run must hold; the answer by default, and a random place when there is none.
    """
    text = example.context
    anchor = anchor or example.answer()
    if anchor is None:
        anchor = TextSpan("", rng.randrange(max(1, len(text))))
        anchor = TextSpan(text[anchor.start : anchor.start + 1], anchor.start)
    start, end = window_around(text, anchor, rng.uniform(low, high), rng)
    answers = tuple(
        TextSpan(span.text, span.start - start) for span in example.answers if start <= span.start and span.end <= end
    )
    return replace(example, context=text[start:end], answers=answers)
