"""Where an answer stands, in a form that anyone can check and find again later."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Literal, Protocol
from urllib.parse import quote as percent_encode

from index.article import Article, Passage
from index.sentences import sentences
from index.store import Store

CONTEXT = 32
"""Code points of context kept before and after a quote, as in the W3C's TextQuoteSelector."""

LONGEST_CONTEXT = 1000
"""Code points of a sentence that a quote takes on either side of the answer; some sentences never end."""

_LONGEST_FRAGMENT = 200
_FRAGMENT_WORDS = 5


@dataclass(frozen=True, slots=True)
class Citation:
    """The place of an answer in an article.

    ``start:end`` is the answer, ``quote_start:quote_end`` the whole sentence or sentences around it, both in code
    points of the article's text, whose SHA-256 is ``sha256``. ``prefix`` and ``suffix`` are what stands right before
    and after the quote. ``link`` opens the article with the quote marked.
    """

    article_id: str
    title: str
    url: str | None
    source: str | None
    authors: tuple[str, ...]
    published: date | None
    page: int | None
    start: int
    end: int
    quote: str
    quote_start: int
    quote_end: int
    prefix: str
    suffix: str
    sha256: str
    index_version: str
    link: str


class Cited(Protocol):
    """What of a citation is needed to find its quote again: see :class:`Citation`."""

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
class Verification:
    """What became of a citation.

    ``found``: the quote stands where the citation says. ``moved``: it stands elsewhere in the article. ``changed``: the
    article is there, without the quote. ``gone``: the article is not there. ``start:end`` is the answer's place today,
    ``quote_start:quote_end`` the quote's; None unless found or moved.
    """

    status: Literal["found", "moved", "changed", "gone"]
    start: int | None = None
    end: int | None = None
    quote_start: int | None = None
    quote_end: int | None = None


def cite(article: Article, passage: Passage, start: int, end: int, index_version: str, link_base: str = "") -> Citation:
    """The citation of ``article.text[start:end]``, found in ``passage``.

    :param link_base: the address of the service whose article pages are linked; when empty, the article's own URL is
        linked, or else the path of the article page.
    """
    quote_start, quote_end = _sentences_around(article, start, end)
    text = article.text
    return Citation(
        article_id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        authors=article.authors,
        published=article.published,
        page=passage.page,
        start=start,
        end=end,
        quote=text[quote_start:quote_end],
        quote_start=quote_start,
        quote_end=quote_end,
        prefix=text[max(0, quote_start - CONTEXT) : quote_start],
        suffix=text[quote_end : quote_end + CONTEXT],
        sha256=article.sha256,
        index_version=index_version,
        link=link(article, quote_start, quote_end, link_base),
    )


def _sentences_around(article: Article, start: int, end: int) -> tuple[int, int]:
    first_start, last_end = start, end
    for block in article.blocks:
        if block.end <= start or end <= block.start:
            continue
        for first, last in sentences(article.text[block.start : block.end]):
            first, last = block.start + first, block.start + last
            if first < end and start < last:
                first_start, last_end = min(first_start, first), max(last_end, last)
    return _nearer_start(article.text, first_start, start), _nearer_end(article.text, end, last_end)


def _nearer_start(text: str, first: int, start: int) -> int:
    """``first``, or when that is too far before ``start``, the beginning of a nearer word."""
    low = start - LONGEST_CONTEXT
    if first >= low:
        return first
    space = re.compile(r"\s(?=\S)").search(text, low, start)
    return space.end() if space else low


def _nearer_end(text: str, end: int, last: int) -> int:
    """``last``, or when that is too far behind ``end``, the end of a nearer word."""
    high = end + LONGEST_CONTEXT
    if last <= high:
        return last
    spaces = [match.start() for match in re.compile(r"(?<=\S)\s").finditer(text, end, high)]
    return spaces[-1] if spaces else high


def link(article: Article, start: int, end: int, link_base: str = "") -> str:
    """An address that opens the article at ``start:end``, marked by the page and by the browser's text fragment.

    Text fragments: https://wicg.github.io/scroll-to-text-fragment/
    """
    directive = _text_directive(article.text, start, end)
    if article.url and not link_base:
        return f"{article.url}{'' if '#' in article.url else '#'}:~:text={directive}"
    page = f"{link_base.rstrip('/')}/articles/{article.id}?start={start}&end={end}&sha256={article.sha256}"
    return f"{page}#:~:text={directive}"


def _text_directive(text: str, start: int, end: int) -> str:
    """The quote itself when it is short and in one paragraph, else its first and last words."""
    lines = [line.split() for line in re.split(r"[\r\n]+", text[start:end]) if line.strip()] or [[]]
    whole = " ".join(lines[0])
    if len(lines) == 1 and len(whole) <= _LONGEST_FRAGMENT:
        return _encode(whole)
    return f"{_encode(' '.join(lines[0][:_FRAGMENT_WORDS]))},{_encode(' '.join(lines[-1][-_FRAGMENT_WORDS:]))}"


def _encode(text: str) -> str:
    return percent_encode(text, safe="").replace("-", "%2D")


def verify(store: Store, citation: Cited) -> Verification:
    """Look up whether the quote of a citation still stands in its article, and where.

    White space, such as other line ends, makes no difference to finding it again. Where it stands more than once, the
    place with the most of ``prefix`` and ``suffix`` around it counts, then the nearest to the old one. The answer has
    to lie inside the quote.
    """
    article = store.article(citation.article_id)
    if article is None:
        return Verification("gone")
    text, quote, quote_start = article.text, citation.quote, citation.quote_start
    if text[quote_start : quote_start + len(quote)] == quote:
        return Verification("found", citation.start, citation.end, quote_start, quote_start + len(quote))
    places = [match.span() for match in re.finditer(re.escape(quote), text)] or [
        match.span() for match in re.finditer(r"\s+".join(map(re.escape, quote.split())), text)
    ]
    if not places or not quote.strip():
        return Verification("changed")

    def likeness(place: tuple[int, int]) -> tuple[int, int]:
        before = _common(reversed(citation.prefix), reversed(text[max(0, place[0] - CONTEXT) : place[0]]))
        after = _common(citation.suffix, text[place[1] : place[1] + CONTEXT])
        return before + after, -abs(place[0] - quote_start)

    first, last = max(places, key=likeness)
    now = text[first:last]
    new_start = first + _same_character(quote, citation.start - quote_start, now)
    new_end = first + _same_character(quote, citation.end - 1 - quote_start, now) + 1
    return Verification("moved", new_start, new_end, first, last)


def _same_character(old: str, at: int, new: str) -> int:
    """Where the visible character ``old[at]`` stands in ``new``, which differs from ``old`` in white space only."""
    number = len("".join(old[:at].split()))
    visible = [position for position, character in enumerate(new) if not character.isspace()]
    return visible[min(number, len(visible) - 1)]


def _common(first: Iterable[str], second: Iterable[str]) -> int:
    """How many characters two texts share from their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
