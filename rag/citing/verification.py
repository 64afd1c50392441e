"""Finding a quote again in an article that may have changed since it was cited."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from index.article import single_spaced
from index.storage.corpus import Corpus
from index.storage.filters import Filters

LEAST_SIMILARITY = 0.6
"""What is less like the quote is not it, unless the words before and after are the same; see docs/quality.md."""

_SHORT = 3
"""Characters that have to be alike beyond that, whatever the length: short words resemble each other by chance."""

_SURE_CONTEXT = 32
"""Characters before and after a quote, together, that show its place whatever stands between them now."""

_MOST_PLACES = 1000
"""Places with the same words whose surroundings are compared, the nearest to the old one."""

_MOST_WINDOWS = 3
_RUN = 4
"""Characters in the runs by which stretches that resemble a quote are found."""

_HEAD = 500
"""Characters at either end of a quote that are aligned with a text to find where it begins and ends."""

_LONGEST_WORD = 30
_WORD = re.compile(r"\w+(?:[.,:'’-]\w+)*")
_SPACES = np.array([code for code in range(0x3001) if chr(code).isspace()], np.uint32)


class Cited(Protocol):
    """What of a citation is needed to find its quote again: see :class:`rag.citing.citation.Citation`."""

    @property
    def article_id(self) -> str: ...  # noqa: D102
    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def quote(self) -> str: ...  # noqa: D102
    @property
    def quote_start(self) -> int: ...  # noqa: D102
    @property
    def prefix(self) -> str: ...  # noqa: D102
    @property
    def suffix(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quote stands in a text; ``similarity`` (0 to 1) is 1 when only white space differs."""

    start: int
    end: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a citation.

    ``found``: the quote stands where the citation says. ``moved``: it stands elsewhere in the article. ``changed``: it
    stands there in other words. ``gone``: nothing in the article resembles it, or there is no such article.

    ``quote_start:quote_end`` is the quote's place today and ``quote`` its words, ``start:end`` and ``text`` those of
    the answer in it; None where there are none. ``similarity`` (0 to 1) compares the quotes then and now.
    """

    status: Literal["found", "moved", "changed", "gone"]
    start: int | None = None
    end: int | None = None
    text: str | None = None
    quote_start: int | None = None
    quote_end: int | None = None
    quote: str | None = None
    similarity: float | None = None


def verify(corpus: Corpus, citation: Cited, filters: Filters = Filters()) -> Verification:  # noqa: B008
    """Look up whether the quote of a citation still stands in its article, and where. The answer lies in the quote."""
    article = corpus.article(citation.article_id, filters)
    return verify_in(article.text, citation) if article else Verification("gone")


def verify_in(text: str, citation: Cited) -> Verification:
    """:func:`verify` in the text of the article."""
    quote, quote_start = citation.quote, citation.quote_start
    match = find(text, quote, quote_start, citation.prefix, citation.suffix)
    if match is None:
        return Verification("gone")
    now = text[match.start : match.end]
    low, high = _carried(quote, citation.start - quote_start, citation.end - quote_start, now)
    is_there = low < high
    is_here = (match.start, match.end) == (quote_start, quote_start + len(quote))
    return Verification(
        status="changed" if match.similarity < 1 else "found" if is_here else "moved",
        start=match.start + low if is_there else None,
        end=match.start + high if is_there else None,
        text=now[low:high] if is_there else None,
        quote_start=match.start,
        quote_end=match.end,
        quote=now,
        similarity=match.similarity,
    )


def find(text: str, quote: str, near: int = 0, prefix: str = "", suffix: str = "") -> Match | None:
    """Where ``quote`` stands in ``text``: the same words, or else the ones most like it.

    White space makes no difference. Of several places with the same words, the one with surroundings most like
    ``prefix`` and ``suffix`` counts, then the nearest to ``near``. Words between the very ``prefix`` and ``suffix`` may
    be less alike than ``LEAST_SIMILARITY``. Takes time in proportion to the length of the text, and to the square of
    the quote's.
    """
    if not quote.strip():
        return None
    here = Match(near, near + len(quote), 1.0) if text.startswith(quote, near) else None
    folded, wanted = _Folded(text), single_spaced(quote)
    same = _same_words(folded, wanted, near, single_spaced(prefix), single_spaced(suffix))
    if same:
        return here if here and same.start < here.end and here.start < same.end else same
    surroundings = dict.fromkeys([(single_spaced(prefix + "|")[:-1], single_spaced("|" + suffix)[1:]), ("", "")])
    alike = [match for before, after in surroundings for match in _alike(folded, wanted, before, after)]
    return max(alike, key=lambda match: (match.similarity, -abs(match.start - near)), default=None)


class _Folded:
    """A text with every run of white space as one space; ``offsets`` lead back."""

    def __init__(self, text: str) -> None:
        codes = _codes(text)
        spaces = np.isin(codes, _SPACES)
        kept = ~spaces
        kept[1:] |= ~spaces[:-1]
        self.offsets = np.flatnonzero(kept)
        self.codes = np.where(spaces, np.uint32(32), codes)[kept]
        self.text = self.codes.tobytes().decode("utf-32-le", "surrogatepass")

    @cached_property
    def runs(self) -> NDArray[np.uint64]:
        return _runs(self.codes)

    def match(self, start: int, end: int, similarity: float) -> Match:
        return Match(int(self.offsets[start]), int(self.offsets[end - 1]) + 1, similarity)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _same_words(folded: _Folded, quote: str, near: int, prefix: str, suffix: str) -> Match | None:
    """The match of the very words of ``quote``, all folded."""
    starts = np.array([match.start() for match in re.finditer(re.escape(quote), folded.text)], np.int64)
    if not starts.size:
        return None
    distances = np.abs(folded.offsets[starts] - near)

    def likeness(start: int) -> float:
        before = folded.text[max(0, start - len(prefix) - 1) : start].strip()
        after = folded.text[start + len(quote) : start + len(quote) + len(suffix) + 1].strip()
        return (fuzz.ratio(prefix, before) if prefix else 0.0) + (fuzz.ratio(suffix, after) if suffix else 0.0)

    nearest = np.argsort(distances, kind="stable")[:_MOST_PLACES]
    start = int(starts[max(nearest, key=lambda at: (likeness(int(starts[at])), -distances[at]))])
    return folded.match(start, start + len(quote), 1.0)


def _alike(folded: _Folded, quote: str, prefix: str, suffix: str) -> Iterator[Match]:
    """Places of words like ``quote``, looked for between ``prefix`` and ``suffix``."""
    text, pattern = folded.text, prefix + quote + suffix
    least = LEAST_SIMILARITY + _SHORT / len(quote)
    for low, high in _windows(_codes(pattern), folded):
        start, end = _fitting(_codes(pattern), folded.codes[low:high])
        found = text[low + start : low + end]
        first, last = _carried(pattern, len(prefix), len(prefix) + len(quote), found)
        if first < last:
            first, last = low + start + first, low + start + last
            first, last = (_cut_word(text, first) or (first, first))[0], (_cut_word(text, last) or (last, last))[1]
            is_between = text.endswith(prefix, 0, first) and text.startswith(suffix, last)
            similarity = fuzz.ratio(quote, text[first:last]) / 100
            if similarity >= least or (is_between and len(prefix) + len(suffix) >= _SURE_CONTEXT):
                yield folded.match(first, last, min(round(similarity, 4), 0.9999))


def _windows(pattern: NDArray[np.uint32], text: _Folded) -> Iterator[tuple[int, int]]:
    """The stretches of a text that share most runs of characters with the pattern; a rare run counts more."""
    wanted, runs = np.unique(_runs(pattern)), text.runs
    if not wanted.size or not runs.size:
        yield 0, len(text.codes)
        return
    at = np.minimum(np.searchsorted(wanted, runs), len(wanted) - 1)
    hits = np.flatnonzero(wanted[at] == runs)
    counts = np.bincount(at[hits], minlength=len(wanted))
    weights = np.zeros(len(runs))
    weights[hits] = np.log1p(len(runs) / counts[at[hits]])
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    width = min(len(pattern), len(runs))
    shared = sums[width:] - sums[:-width]
    margin = len(pattern) // 4 + 2 * _LONGEST_WORD
    for _ in range(_MOST_WINDOWS):
        best = int(np.argmax(shared))
        if shared[best] <= 0:
            return
        yield max(0, best - margin), best + width + margin
        shared[max(0, best - width) : best + width] = 0


def _runs(codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """A hash of every run of ``_RUN`` characters."""
    count = max(0, len(codes) - _RUN + 1)
    hashes = np.zeros(count, np.uint64)
    for shift in range(_RUN):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[shift : shift + count]
    return hashes


def _fitting(pattern: NDArray[np.uint32], text: NDArray[np.uint32]) -> tuple[int, int]:
    """The stretch of ``text`` from where the pattern's head fits best to where its tail does.

    Least edit distance to a stretch: P. H. Sellers, The theory and computation of evolutionary distances (1980).
    """
    end = _fitting_end(pattern[-_HEAD:], text)
    return end - _fitting_end(pattern[:_HEAD][::-1], text[:end][::-1]), end


def _fitting_end(pattern: NDArray[np.uint32], text: NDArray[np.uint32]) -> int:
    """Where the stretch that is nearest to the pattern ends, the last one of several."""
    columns = np.arange(len(text) + 1, dtype=np.int32)
    costs = np.zeros(len(text) + 1, np.int32)
    for code in pattern:
        step = costs + 1
        np.minimum(step[1:], costs[:-1] + (text != code), out=step[1:])
        costs = np.minimum.accumulate(step - columns) + columns
    return len(text) - int(np.argmin(costs[::-1]))


def _carried(old: str, start: int, end: int, new: str) -> tuple[int, int]:
    """Where ``old[start:end]`` stands in ``new``, an edited form of ``old``; empty if it is not there.

    Where the old words began or ended with a whole word, the new ones do.
    """
    low = high = 0
    for run in Levenshtein.opcodes(old, new):
        is_equal = run.tag == "equal"
        if run.src_start <= start < run.src_end:
            low = run.dest_start + (start - run.src_start if is_equal else 0)
        if run.src_start < end <= run.src_end:
            high = run.dest_end - (run.src_end - end if is_equal else 0)
    words = new[low:high]
    low, high = low + len(words) - len(words.lstrip()), high - len(words) + len(words.rstrip())
    if low >= high:
        return low, low
    return (
        low if _cut_word(old, start) else (_cut_word(new, low) or (low, low))[0],
        high if _cut_word(old, end) else (_cut_word(new, high) or (high, high))[1],
    )


def _cut_word(text: str, at: int) -> tuple[int, int] | None:
    """The word or number with ``at`` inside of it."""
    low, high = max(0, at - _LONGEST_WORD), at + _LONGEST_WORD
    words = (match.span() for match in _WORD.finditer(text, low, high))
    return next(((start, end) for start, end in words if start < at < end and end - start < _LONGEST_WORD), None)
