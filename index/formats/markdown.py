"""Markdown with YAML front matter.

Links and emphasis stay as they are written. As with plain text, the text of the article has the code points of the
decoded file, except that line breaks inside a paragraph, and the ``>`` that continue a block quote after them, are
spaces, and what can't be stored is U+FFFD.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from yaml.composer import ComposerError

from index.article import Article, Block, article_id, canonical, storable
from index.parsing.byline import Header, is_credit, read_line
from index.parsing.decoding import decode
from index.parsing.metadata import read_metadata
from index.parsing.text_layout import unwrap
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Origin

SUFFIXES = (".md", ".markdown")
MEDIA_TYPES = ("text/markdown", "text/x-markdown")

_FRONT_MATTER = re.compile(r"---[ \t]*(?:\r\n|\r|\n)(.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)", re.DOTALL)
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_NOT_A_LINE_BREAK = re.compile(r"[^\r\n]")
_WRAP = re.compile(r"[\r\n]+(?: {0,3}>(?: {0,3}>)*)?")
_PARSER = MarkdownIt("commonmark").enable("table")

Span = tuple[int, int]
_LONGEST_FRONT_MATTER = 100_000
"""Code points."""


class _FrontMatter(yaml.SafeLoader):
    """YAML without references: a few lines of them grow without end."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise ComposerError(None, None, "it refers to another value with *: write the value out", mark)
        return super().compose_node(parent, index)


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its headings, its paragraphs, list items and table rows, but not its code and HTML blocks.

    :raises LoadError: if the bytes are not text or the front matter is not YAML.
    """
    source = storable(decode(data, origin.charset))
    fields, body_start = _front_matter(source)
    metadata = read_metadata(fields)
    blocks = _blocks(source, body_start)
    title, header, blocks = _head(source, blocks, metadata.title)
    text = unwrap(source, blocks, _WRAP)
    yield Article(
        id=article_id(origin.key),
        title=title or fallback_title(origin, text[blocks[0].start :] if blocks else text[body_start:]),
        text=text,
        blocks=tuple(blocks),
        url=origin.url or metadata.url,
        source=metadata.source or header.source,
        authors=metadata.authors or header.authors,
        published=metadata.published or header.published,
        language=metadata.language,
        media_type=MEDIA_TYPES[0],
        path=origin.path,
        tags=metadata.tags,
    )


def _front_matter(source: str) -> tuple[dict[str, object], int]:
    """The fields of the front matter, and where the body begins."""
    match = _FRONT_MATTER.match(source)
    if match is None:
        return {}, 0
    if len(match[1]) > _LONGEST_FRONT_MATTER:
        raise LoadError(
            f"the front matter has {len(match[1])} characters, more than {_LONGEST_FRONT_MATTER}: shorten it"
        )
    try:
        fields = yaml.load(match[1], _FrontMatter)
    except MemoryError:
        raise
    except Exception as error:  # a tag with a value that is not of its type raises whatever its constructor stumbles on
        mark = getattr(error, "problem_mark", None)
        where = f"at line {mark.line + 2}" if mark else "in a value"
        reason = " ".join(str(getattr(error, "problem", None) or f"{type(error).__name__}: {error}").split())
        raise LoadError(f"the front matter is not valid YAML {where} ({reason}): mend it or remove it") from None
    if fields is None:
        return {}, match.end()
    return (fields, match.end()) if isinstance(fields, dict) else ({}, 0)


def _blocks(source: str, body_start: int) -> list[Block]:
    lines = [match.span(1) for match in _LINE.finditer(source)]
    # the front matter becomes blank lines, so that line numbers hold
    body = _NOT_A_LINE_BREAK.sub(" ", source[:body_start]) + source[body_start:]
    blocks: list[Block] = []
    tokens = _PARSER.parse(body)
    for token, following in pairwise(tokens):
        span = _span(source, lines, token, following)
        if span and span[0] >= (blocks[-1].end if blocks else 0):
            blocks.append(Block(*span, "heading" if token.type == "heading_open" else "paragraph"))
    return blocks


def _span(source: str, lines: Sequence[Span], token: Token, following: Token) -> Span | None:
    """Where the content of a block stands in the source, without its markers; ``None`` for what is not read."""
    if token.map is None:
        return None
    first, last = lines[token.map[0]], lines[token.map[1] - 1]
    if token.type == "tr_open":
        return _trimmed(source, first[0], first[1])
    if token.type not in {"heading_open", "paragraph_open"} or _is_picture(following):
        return None
    if token.type == "heading_open" and token.markup in {"=", "-"}:
        last = lines[token.map[1] - 2]
    content = [line.strip() for line in following.content.split("\n")]
    start = source.rfind(content[0], *first)
    end = source.rfind(content[-1], *last)
    if start < 0 or end < 0:
        return _trimmed(source, first[0], last[1])
    return _trimmed(source, start, end + len(content[-1]))


def _trimmed(source: str, start: int, end: int) -> Span | None:
    text = source[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    return (start, end) if start < end else None


def _is_picture(inline: Token) -> bool:
    children = inline.children or []
    words = any(child.type in {"text", "code_inline"} and child.content.strip() for child in children)
    return not words and any(child.type == "image" for child in children)


def _head(source: str, blocks: list[Block], title: str | None) -> tuple[str | None, Header, list[Block]]:
    """The title, what the lines under it say, and the blocks without both."""
    header = Header()
    first = " ".join(source[blocks[0].start : blocks[0].end].split()) if blocks else ""
    if blocks and blocks[0].kind == "heading" and len(blocks) > 1 and title in {None, canonical(first)}:
        title, blocks = canonical(first), blocks[1:]
    while title and len(blocks) > 1 and _is_head_line(header, source[blocks[0].start : blocks[0].end]):
        blocks = blocks[1:]
    return title, header, blocks


def _is_head_line(header: Header, text: str) -> bool:
    text = text.strip("*_ ")
    return not re.search(r"[\r\n]", text) and (read_line(header, text) or is_credit(text))
