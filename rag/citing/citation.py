"""Where an answer stands, in a form that anyone can check and find again later."""

import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote as percent_encode

from index.article import Article, Passage, Span, searchable, title_span
from index.sentences import sentences
from rag.english.attribution import Attribution, attribute
from rag.english.clauses import clause_around

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
    and after the quote. ``heading`` is the one that it stands under, ``page`` that of a PDF, from 1. ``recognised``
    says that a program read that page from a picture of it. ``attribution`` is who is reported to say the answer.
    """

    article_id: str
    title: str
    url: str | None
    source: str | None
    authors: tuple[str, ...]
    published: date | None
    heading: str | None
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
    attribution: Attribution | None = None
    recognised: bool = False

    @property
    def text_directive(self) -> str:
        """What ``#:~:text=`` is followed by in an address, for a browser to scroll to the quote and mark it.

        It is the quote itself when it is short and in one paragraph, else its first and last words; so it is of a row,
        as cells are paragraphs of their own.
        Text fragments: https://wicg.github.io/scroll-to-text-fragment/.
        """
        lines = [line.split() for line in re.split(r"[\r\n]+| \| ", searchable(self.quote)) if line.strip()] or [[]]
        whole = " ".join(lines[0])
        if len(lines) == 1 and len(whole) <= _LONGEST_FRAGMENT:
            return _encode(whole)
        return f"{_encode(' '.join(lines[0][:_FRAGMENT_WORDS]))},{_encode(' '.join(lines[-1][-_FRAGMENT_WORDS:]))}"

    @property
    def source_link(self) -> str | None:
        """The article's own address with the quote marked, if it has one. Pages of a PDF: RFC 8118, section 3."""
        if not self.url:
            return None
        fragment = "" if "#" in self.url else f"#page={self.page}" if self.page else "#"
        return f"{self.url}{fragment}:~:text={self.text_directive}"


def cite(article: Article, passage: Passage, start: int, end: int, index_version: str) -> Citation:
    """The citation of ``article.text[start:end]``, found in ``passage``."""
    quote_start, quote_end = _sentences_around(article, start, end)
    text = article.text
    return Citation(
        article_id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        authors=article.authors,
        published=article.published,
        heading=passage.heading,
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
        attribution=attribute(article, start, end),
        recognised=passage.page in article.recognised,
    )


def narrowed(citation: Citation, article: Article, start: int, end: int) -> Citation:
    """The citation of ``start:end`` of the answer's words, in code points of them: one item of it."""
    first, last = citation.start + start, citation.start + end
    return replace(citation, start=first, end=last, attribution=attribute(article, first, last))


def clause_of(article: Article, start: int, end: int) -> Span:
    """Where the clause of its sentence is that ``article.text[start:end]`` stands in."""
    return clause_around(article.text, *_sentences_around(article, start, end), start, end)


def _sentences_around(article: Article, start: int, end: int) -> tuple[int, int]:
    first_start, last_end = start, end
    title = title_span(article)
    if title and title[0] <= start and end <= title[1]:
        return title
    for block in article.blocks:
        if block.end <= start or end <= block.start:
            continue
        whole = [(0, block.end - block.start)] if block.kind == "row" else None
        for first, last in whole or sentences(article.text[block.start : block.end]):
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


def _encode(text: str) -> str:
    return percent_encode(text, safe="").replace("-", "%2D")
