"""From a reader's logits to spans: which stretch of the passage is the answer, and whether any is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import regex

from index.models.onnx_model import FloatArray

MAX_ANSWER_TOKENS = 30
MAX_ANSWER_CHARACTERS = 500
LIKELY = 150
"""Spans of a window that speak for an answer in it; the others have hardly any share."""

_WORD = regex.compile(r"\w")
_CLOSING = frozenset(".,;:!?)]}%”’»…。，、；：！？）」』】।۔،؟") | {""}
_OPENING = frozenset(",;:([{“‘«$€£¿¡–—，、；：（「『【،") | {""}
"""A token without a character is a space alone."""
_BARE = regex.compile(r"""[(\[“‘«"']*(\w(?:.*\w)?)[)\].,;:!?…”’»"']*""")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
_SAME_WORD = regex.compile(rf"(?V1)[[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}]]{{2}}|.\p{{M}}", regex.DOTALL)
"""Two characters between which no word ends. In writing without spaces one may end after each."""


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A candidate answer in a passage.

    ``start`` and ``end`` are code points into the passage. ``score`` is start logit plus end logit, ``null`` the same
    sum at the first token of the same window, which is how a reader says that the passage holds no answer. ``total`` is
    the logarithm of the sum of ``exp(score)`` over the likely spans of that window. ``in_title`` says that the offsets
    are those of the title that was read before the passage. Where a small and a large reader answer as one, ``first``
    is the :attr:`presence` by the small one, ``twice`` says whether the large one has read the passage as well, and
    ``second`` is its own presence then.
    """

    start: int
    end: int
    score: float
    null: float
    total: float
    in_title: bool = False
    first: float = 0.0
    second: float = 0.0
    twice: bool = False

    @property
    def margin(self) -> float:
        """How much the reader prefers this span to no answer, in logits."""
        return self.score - self.null

    @property
    def presence(self) -> float:
        """The log odds, by the reader, that an answer stands in the window, whichever it is, against none."""
        return self.total - self.null


@dataclass(frozen=True, slots=True)
class Window:
    """One run of the reader over part of a passage: per token its offsets, its word, and whether it is passage.

    ``text`` is the passage, and before it its title where the reader reads titles: ``head`` code points in all.
    ``offsets`` are code points into the text, a pair a token; ``words`` and ``in_passage`` have one item a token.
    """

    text: str
    offsets: Sequence[tuple[int, int]]
    words: Sequence[int | None]
    in_passage: Sequence[bool]
    head: int = 0


@dataclass(frozen=True, slots=True)
class ScoredWindow:
    """A window and what a reader makes of it: float32[tokens] as the start and as the end of the answer, and the
    tokens themselves (``ids``).
    """

    window: Window
    ids: Sequence[int]
    start_logits: FloatArray
    end_logits: FloatArray


def best_spans(windows: Sequence[ScoredWindow], limit: int) -> list[ScoredSpan]:
    """The best spans of all windows of a passage, best first, each widened to whole characters, without repetitions
    and overlaps; their offsets are those of the passage, or of its title.
    """
    found = [
        replace(span, start=start, end=end)
        for scored in windows
        for span in decode(scored.window, scored.start_logits, scored.end_logits, limit)
        for start, end in [whole_characters(scored.window.text, span.start, span.end)]
    ]
    kept: list[ScoredSpan] = []
    for span in sorted(found, key=lambda span: (-span.margin, span.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return [_without_head(span, windows[0].window.head) for span in kept[:limit]]


def _without_head(span: ScoredSpan, head: int) -> ScoredSpan:
    """The span as one of the passage, or of the title."""
    if span.start < head:
        return replace(span, in_title=True)
    return replace(span, start=span.start - head, end=span.end - head) if head else span


def decode(
    window: Window,
    start_logits: FloatArray,
    end_logits: FloatArray,
    limit: int,
    max_tokens: int = MAX_ANSWER_TOKENS,
) -> list[ScoredSpan]:
    """The ``limit`` best spans that do not overlap, best first.

    Start and end are chosen together: the score of a span is the sum of the two logits (Devlin et al. 2019, section
    4.2). A span lies inside one paragraph of the passage, has at most ``max_tokens`` tokens, begins and ends with a
    whole word, and neither begins with punctuation that closes something nor ends with punctuation that opens
    something.
    """
    starts, ends = _edges(window)
    if not len(starts) or not len(ends):
        return []
    length = ends[np.newaxis, :] - starts[:, np.newaxis]
    paragraph = np.cumsum(list(_breaks(window)))
    same = paragraph[starts][:, np.newaxis] == paragraph[ends][np.newaxis, :]
    scores = start_logits[starts][:, np.newaxis] + end_logits[ends][np.newaxis, :]
    scores = np.where((length >= 0) & (length < max_tokens) & same, scores, -np.inf)
    null = float(start_logits[0] + end_logits[0])
    likely = _largest(scores.ravel(), max(LIKELY, 50 * limit))
    total = float(np.logaddexp.reduce(scores.ravel()[likely[:LIKELY]]))
    spans: list[ScoredSpan] = []
    for flat in likely:
        first, last = divmod(int(flat), len(ends))
        if scores[first, last] == -np.inf:
            break
        start, end = window.offsets[int(starts[first])][0], window.offsets[int(ends[last])][1]
        if end - start > MAX_ANSWER_CHARACTERS or not _WORD.search(window.text, start, end):
            continue
        if all(end <= span.start or span.end <= start for span in spans):
            spans.append(ScoredSpan(start, end, float(scores[first, last]), null, total))
            if len(spans) == limit:
                break
    return spans


def _largest(scores: FloatArray, count: int) -> npt.NDArray[np.intp]:
    """The places of the ``count`` largest scores, largest first and, of equal ones, the first first: no full sort."""
    if len(scores) <= count:
        return np.argsort(-scores, kind="stable")
    least = np.partition(scores, -count)[-count]
    places = np.flatnonzero(scores >= least)
    return places[np.argsort(-scores[places], kind="stable")][:count]


def _edges(window: Window) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The tokens with which a span may begin, and those with which it may end."""
    words, inside = window.words, window.in_passage
    last = len(words) - 1
    tokens = [token for token in range(len(words)) if inside[token]]
    starts = [i for i in tokens if i == 0 or not inside[i - 1] or words[i - 1] != words[i]]
    ends = [i for i in tokens if i == last or not inside[i + 1] or words[i + 1] != words[i]]
    return (
        np.array([i for i in starts if _characters(window, i) not in _CLOSING], dtype=np.intp),
        np.array([i for i in ends if _characters(window, i) not in _OPENING], dtype=np.intp),
    )


def without_space(text: str, start: int, end: int) -> tuple[int, int]:
    """A token's offsets without the space before its word, which SentencePiece counts as part of it."""
    while start < end and text[start].isspace():
        start += 1
    return start, end


def bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A token's offsets without what opens before its word and closes behind it: “2006.” is one token to some."""
    match = _BARE.fullmatch(text, start, end)
    return match.span(1) if match else (start, end)


def words_of(text: str, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """For each token the number of the word that it is part of, by the characters on both sides of its start."""
    words: list[int] = []
    number, before = 0, 0
    for start, end in offsets:
        number += not (start == before < end and start > 0 and _SAME_WORD.match(text, start - 1))
        words.append(number)
        before = end
    return words


def _characters(window: Window, token: int) -> str:
    start, end = window.offsets[token]
    return window.text[start:end]


def _breaks(window: Window) -> Iterator[bool]:
    """Per token whether a paragraph begins there: a line break, or what is no passage, stands before it."""
    before: int | None = None
    was_inside = True
    for (start, end), inside in zip(window.offsets, window.in_passage, strict=True):
        if not inside:
            yield False
        else:
            between = window.text[before:start] if before is not None else ""
            yield (before is not None and not was_inside) or "\n" in between or "\r" in between
            before = end
        was_inside = inside


def whole_characters(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span so that it cuts no character a person sees: no accent, emoji sequence or flag is split.

    Boundaries are those of extended grapheme clusters (Unicode Standard Annex 29).
    """
    while start > 0 and not _boundary(text, start):
        start -= 1
    while end < len(text) and not _boundary(text, end):
        end += 1
    return start, end


def _boundary(text: str, at: int) -> bool:
    if text[at - 1 : at + 1].isascii():
        return text[at - 1 : at + 1] != "\r\n"
    around = text[max(0, at - 32) : at + 2]
    cluster_ends = {match.end() for match in regex.finditer(r"\X", around)}
    return min(at, 32) in cluster_ends
