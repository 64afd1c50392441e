"""The records of the index: an article, the blocks it is read by, and the passages it is searched by.

Every offset is a count of Unicode code points into :attr:`Article.text`, the end exclusive.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

ARTICLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
"""What an article id may look like: safe in a URL path without escaping."""

Span = tuple[int, int]
"""Start and end in code points of a text, the end exclusive."""

_BLOCKS_AT_THE_TOP = 3

BlockKind = Literal["heading", "paragraph", "columns", "row"]
Look = Literal["strong", "emphasis", "code", "strike", "link", "image", "line"]

UNSEEN = frozenset("\u00ad\u200b\u2060\ufeff")
"""Soft hyphens, zero-width spaces and joiners of words, byte order marks: they only tell where a line may break."""
_NOT_SEEN = dict.fromkeys(map(ord, UNSEEN))
_UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)], "\N{REPLACEMENT CHARACTER}")


def storable(text: str) -> str:
    """Replace, one for one, the code points that SQLite or UTF-8 can't hold (NUL and lone surrogates) by U+FFFD."""
    try:
        text.encode()  # of text without any, this is many times as fast
    except UnicodeEncodeError:
        return text.translate(_UNSTORABLE)
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def canonical(text: str) -> str:
    """The canonical form of extracted text: NFC, storable, without soft hyphens and zero-width spaces.

    Plain-text formats use :func:`storable` alone.
    """
    if text.isascii() and "\0" not in text:
        return text
    return unicodedata.normalize("NFC", storable(text).translate(_NOT_SEEN))


def single_spaced(text: str) -> str:
    """The text with one space for each run of white space, and none at its ends."""
    return " ".join(text.split())


def searchable(text: str) -> str:
    """What is searched of a text: without soft hyphens and zero-width spaces, which plain text keeps."""
    return text if text.isascii() else text.translate(_NOT_SEEN)


def article_id(key: str) -> str:
    """A stable id from a source path or URL: a readable slug of its last part and ten hex digits of its SHA-256."""
    stem = re.split(r"[/\\]", key.rstrip("/"))[-1]
    stem = unicodedata.normalize("NFKD", re.sub(r"\.[A-Za-z0-9]{1,5}$", "", stem)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:48].rstrip("-") or "article"
    return f"{slug}-{hashlib.sha256(storable(key).encode()).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an article that is read as a whole: a heading, a paragraph of the body, or a row of a table.

    Text outside of every block (title, byline, date line, picture credit) is stored and shown but never part of a
    passage. ``columns`` is the row of a table that names its columns, which is read with every other row of it.
    ``cells`` are those of a row, empty ones too, one a column; ``header`` is the number, among the article's blocks, of
    the one that names its columns.

    Only pages tell ``sign`` and ``level``: the bullet or number of a list item, and how deep it is nested, from 1 on;
    or the level of a heading, 1 to 6. 0 is not known.
    """

    start: int
    end: int
    kind: BlockKind = "paragraph"
    page: int | None = None
    cells: tuple[Span, ...] = ()
    header: int | None = None
    sign: str = ""
    level: int = 0

    def moved(self, by: int) -> "Block":
        """The block ``by`` code points further on."""
        cells = tuple((start + by, end + by) for start, end in self.cells)
        return replace(self, start=self.start + by, end=self.end + by, cells=cells)


@dataclass(frozen=True, slots=True)
class Style:
    """How a stretch of an article looks; nothing is searched or read by it.

    ``value`` is the address of a link, or the words that stand for an image, whose stretch is not seen. A ``line`` is
    one of a piece of code, with its indentation.
    """

    start: int
    end: int
    look: Look
    value: str = ""

    def moved(self, by: int) -> "Style":
        """The style ``by`` code points further on."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class Article:
    """One article with the metadata that a citation needs.

    ``blocks`` are in order and do not overlap; ``path`` is relative to the folder that was indexed. ``recognised`` are
    the numbers of pages whose text a program recognised from pictures of them: some of their letters may be wrong.
    """

    id: str
    title: str
    text: str
    blocks: tuple[Block, ...] = ()
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published: date | None = None
    language: str | None = None
    media_type: str = "text/plain"
    path: str | None = None
    tags: tuple[str, ...] = ()
    styles: tuple[Style, ...] = ()
    recognised: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not ARTICLE_ID.fullmatch(self.id):
            raise ValueError(
                f"article id {self.id!r} is not usable: take 1 to 128 of A-Z a-z 0-9 . _ ~ -, a letter or digit first"
            )
        end = 0
        for block in self.blocks:
            if not end <= block.start < block.end <= len(self.text):
                raise ValueError(f"article {self.id!r}: block {block.start}:{block.end} overlaps or leaves the text")
            end = block.end
            if any(not block.start <= low <= high <= block.end for low, high in block.cells):
                raise ValueError(f"article {self.id!r}: a cell leaves the row {block.start}:{block.end}")
            if block.header is not None and not (
                0 <= block.header < len(self.blocks) and self.blocks[block.header].kind == "columns"
            ):
                raise ValueError(f"article {self.id!r}: row {block.start}:{block.end} has no header {block.header}")

    @property
    def sha256(self) -> str:
        """The SHA-256 of the text, in hex; computed when it is asked for."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """A window of whole sentences of one article, short enough for the embedding model."""

    id: str
    article_id: str
    start: int
    end: int
    heading: str | None = None
    page: int | None = None


def title_span(article: Article) -> tuple[int, int] | None:
    """Where the title stands in the text, character for character but for the kind of its white space.

    It stands before the first block, or is one of the first three blocks whole; ``None`` when it is neither, for
    instance because only the file's name tells it. Upper and lower case are the same.
    """
    words = article.title.split()
    if not words:
        return None
    pattern = re.compile(r"(?<!\w)" + r"\s".join(map(re.escape, words)) + r"(?!\w)", re.IGNORECASE)
    head = article.blocks[0].start if article.blocks else len(article.text)
    places = (pattern.fullmatch(article.text, block.start, block.end) for block in article.blocks[:_BLOCKS_AT_THE_TOP])
    match = pattern.search(article.text, 0, head) or next(filter(None, places), None)
    return match.span() if match else None


def body(article: Article) -> str:
    """The text from its first block on: without what stands before it, such as the title and the byline."""
    return article.text[article.blocks[0].start :] if article.blocks else article.text
