"""Markdown with front matter, and MDX.

As with plain text, every offset into the text of the article holds in the decoded file: line breaks inside a paragraph,
and the ``>`` that continue a block quote after them, are spaces; marks (emphasis, addresses of links, tags, ids of
headings) are characters that are not seen, one for one; what can't be stored is U+FFFD.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, zip_longest

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.article import Article, Block, Style, article_id, canonical, searchable, storable
from index.parsing.byline import Header, is_credit, read_line
from index.parsing.dates import day_in_name
from index.parsing.decoding import damage, decode
from index.parsing.front_matter import front_matter
from index.parsing.markdown_html import html_block
from index.parsing.markdown_marks import UNSEEN, Edits, marks, without_marks
from index.parsing.metadata import read_metadata
from index.parsing.text_layout import unwrap
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Origin

SUFFIXES = (".md", ".markdown", ".mdx")
MEDIA_TYPES = ("text/markdown", "text/x-markdown")

_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_NOT_A_LINE_BREAK = re.compile(r"[^\r\n]")
_WRAP = re.compile(r"[\r\n]+(?: {0,3}>(?: {0,3}>)*)?")
_CELLS = {"td_open", "th_open"}
_CLOSING_FENCE = re.compile(r"(?:(?<!`)`{3,}+|(?<!~)~{3,}+)\Z")
_BEFORE_ROW = re.compile(r"[ \t>]*\|?")
_CELL = re.compile(r"(?:\\.|[^|\\])*+", re.DOTALL)
_NOTHING = Token("", "", 0)
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

Span = tuple[int, int]

_MODULE = re.compile(r"(?:import\s[^\r\n]*\bfrom\s*[\"'][^\"'\r\n]+[\"'];?|import\s+[\"'][^\"'\r\n]+[\"'];?)\s*")
_EXPORT = re.compile(r"(?:export\s+(?:const|let|default|function|async|\{)|import\s+(?:[\w*{]|[\"']))")
"""Lines of JavaScript in MDX."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its headings, paragraphs, list items, table rows, HTML and code.

    :raises LoadError: if the bytes are not text.
    """
    decoded = decode(data, origin.charset)
    source = storable(decoded)
    front = front_matter(source)
    body_start, metadata = front.end, read_metadata(front.fields)
    blocks, edits, styles = _blocks(source, body_start, (origin.path or origin.key).lower().endswith(".mdx"))
    source = without_marks(source, edits)
    blocks = [
        block if block.cells else replace(block, start=span[0], end=span[1])
        for block in blocks
        if (span := _trimmed(source, block.start, block.end))
    ]
    title, header, blocks = _head(source, blocks, metadata.title)
    blocks = list(_with_headers(blocks))
    text = unwrap(source, blocks, _WRAP)
    yield Article(
        id=article_id(origin.key),
        title=title or fallback_title(origin, text[blocks[0].start :] if blocks else text[body_start:]),
        text=text,
        blocks=tuple(blocks),
        url=origin.url or metadata.url,
        source=metadata.source or header.source,
        authors=metadata.authors or header.authors,
        published=metadata.published or header.published or day_in_name(origin.path or origin.key),
        language=metadata.language,
        media_type=MEDIA_TYPES[0],
        path=origin.path,
        tags=metadata.tags,
        styles=tuple(sorted(styles, key=lambda style: (style.start, -style.end))),
    )
    yield from front.notes
    yield from damage(data, decoded)


def _blocks(source: str, body_start: int, is_mdx: bool) -> tuple[list[Block], Edits, list[Style]]:
    """The headings and paragraphs, the marks in them, and how they look."""
    lines = [match.span(1) for match in _LINE.finditer(source)]
    # the front matter becomes blank lines, so that line numbers hold
    body = _NOT_A_LINE_BREAK.sub(" ", source[:body_start]) + source[body_start:]
    blocks: list[Block] = []
    edits: Edits = {}
    styles: list[Style] = []
    cells: Iterator[Span] = iter(())
    row_kind = "row"
    lists = _Lists()

    def read(start: int, end: int, inline: Token) -> None:
        hidden, found = marks(source, start, end, inline, is_mdx)
        edits.update(hidden)
        styles.extend(found)

    for token, following in pairwise([*_PARSER.parse(body), _NOTHING]):
        end = blocks[-1].end if blocks else 0
        lists.meet(token)
        if token.type == "html_block" and token.map:
            stretches, hidden, found = html_block(source, lines[token.map[0]][0], lines[token.map[1] - 1][1])
            blocks += [Block(*stretch[:3], cells=stretch.cells) for stretch in stretches if stretch.start >= end]
            if is_mdx:
                for stretch in stretches:
                    if span := _trimmed(source, stretch.start, stretch.end):
                        read(*span, _PARSER.parseInline(source[slice(*span)])[0])
            edits |= hidden
            styles += found
        elif token.type in {"fence", "code_block"} and token.map:
            for block, written in _code(source, lines, token):
                if block.start >= end:
                    blocks.append(block)
                    styles += written
            edits |= _fence(source, lines, token)
        elif token.type in {"thead_open", "tbody_open"}:
            row_kind = "columns" if token.type == "thead_open" else "row"
        elif token.type == "tr_open" and token.map and (row := _row(source, lines[token.map[0]], row_kind)):
            blocks.append(row)
            cells = iter(row.cells)
        elif token.type in _CELLS:
            read(*next(cells, (0, 0)), following)
        elif (
            (span := _span(source, lines, token, following)) and span[0] >= end and not _is_module(source, span, is_mdx)
        ):
            if _is_picture(following):
                read(*span, following)
                continue
            is_heading = token.type == "heading_open"
            sign, depth = lists.sign()
            blocks.append(
                Block(*span, "heading", level=int(token.tag[1])) if is_heading else Block(*span, sign=sign, level=depth)
            )
            if following.type == "inline":
                read(*span, following)
    return blocks, edits, styles


class _Lists:
    """The lists around a paragraph: how many there are, and the bullet or number of the item that begins with it."""

    def __init__(self) -> None:
        self._bullets: list[bool] = []
        self._sign = ""

    def meet(self, token: Token) -> None:
        """Take note of the next token."""
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            self._bullets.append(token.type == "bullet_list_open")
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            self._bullets.pop()
        elif token.type == "list_item_open":
            self._sign = "•" if self._bullets[-1] else token.info + token.markup

    def sign(self) -> tuple[str, int]:
        """The sign of a paragraph that is met now, and how many lists it stands in."""
        sign, self._sign = self._sign, ""
        return sign, len(self._bullets)


def _code(source: str, lines: Sequence[Span], token: Token) -> Iterator[tuple[Block, list[Style]]]:
    """The lines of code, each run of them without a blank one as a paragraph, without the fence around them."""
    first, behind = token.map or (0, 0)
    first += token.type == "fence"
    run: list[Style] = []
    start = 0
    for line, content in zip_longest(lines[first:behind], [*token.content.splitlines(), ""], fillvalue=None):
        words = content.strip() if content else ""
        at = source.rfind(words, *line) if words and line else -1
        if at >= 0 and content and line:
            start = start if run else at
            indent = len(content) - len(content.lstrip())
            run.append(Style(max(line[0], at - indent), at + len(words), "line"))
        elif run:
            yield Block(start, run[-1].end), run
            run = []


def _fence(source: str, lines: Sequence[Span], token: Token) -> Edits:
    """The lines before and behind fenced code, to be hidden."""
    if token.type != "fence" or not token.map:
        return {}
    opening = source.find(token.markup, *lines[token.map[0]])
    edits = {opening: UNSEEN * (lines[token.map[0]][1] - opening)}
    closing = _trimmed(source, *lines[token.map[1] - 1])
    if token.map[1] - token.map[0] > 1 and closing and (found := _CLOSING_FENCE.search(source, *closing)):
        edits[found.start()] = UNSEEN * len(found[0])
    return edits


def _row(source: str, line: Span, kind: str) -> Block | None:
    """A row of a table, its cells without the signs between them; ``None`` for one that is empty."""
    before = _BEFORE_ROW.match(source, *line)
    at, end = before.end() if before else line[0], line[1]
    cells: list[Span] = []
    while at < end:
        match = _CELL.match(source, at, end)
        stop = match.end() if match else end
        cells.append(_trimmed(source, at, stop) or (stop, stop))
        at = stop + 1
    if not any(low < high for low, high in cells):
        return None
    filled = [cell for cell in cells if cell[0] < cell[1]]
    first, last = min(cells[0][0], filled[0][0]), max(cells[-1][1], filled[-1][1])
    return Block(first, last, "columns" if kind == "columns" else "row", cells=tuple(cells))


def _with_headers(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, their rows with the number of the row that names their columns."""
    header = None
    for number, block in enumerate(blocks):
        header = number if block.kind == "columns" else header if block.kind == "row" else None
        yield replace(block, header=header) if block.kind == "row" else block


def _is_module(source: str, span: Span, is_mdx: bool) -> bool:
    """Tell a paragraph of JavaScript, which stands at the beginning of MDX."""
    text = source[span[0] : span[1]]
    is_expression = text.startswith("{") and text.endswith("}")
    return all(map(_MODULE.fullmatch, text.splitlines())) or (
        is_mdx and (is_expression or _EXPORT.match(text) is not None)
    )


def _span(source: str, lines: Sequence[Span], token: Token, following: Token) -> Span | None:
    """Where the content of a block stands in the source, without its markers; ``None`` for what is not read."""
    if token.map is None:
        return None
    first, last = lines[token.map[0]], lines[token.map[1] - 1]
    if token.type not in {"heading_open", "paragraph_open"}:
        return None
    if token.type == "heading_open" and token.markup in {"=", "-"}:
        last = lines[token.map[1] - 2]
    content = [line.strip() for line in following.content.split("\n")]
    start = source.rfind(content[0], *first)
    end = source.rfind(content[-1], *last)
    if start < 0 or end < 0:
        return _trimmed(source, first[0], last[1])
    return _trimmed(source, start, end + len(content[-1]))


def _is_blank(sign: str) -> bool:
    return sign == UNSEEN or sign.isspace()


def _trimmed(source: str, start: int, end: int) -> Span | None:
    is_quoted = False  # behind a line break, a sign of quotation is no text either
    while start < end and (_is_blank(source[start]) or (is_quoted and source[start] == ">")):
        is_quoted = is_quoted or source[start] in "\r\n"
        start += 1
    while start < end and _is_blank(source[end - 1]):
        end -= 1
    return (start, end) if start < end else None


def _is_picture(inline: Token) -> bool:
    children = inline.children or []
    words = any(child.type in {"text", "code_inline"} and child.content.strip() for child in children)
    return not words and any(child.type == "image" for child in children)


def _head(source: str, blocks: list[Block], title: str | None) -> tuple[str | None, Header, list[Block]]:
    """The title, what the lines under it say, and the blocks without both."""
    header = Header()
    first = " ".join(searchable(source[blocks[0].start : blocks[0].end]).split()) if blocks else ""
    if blocks and blocks[0].kind == "heading" and len(blocks) > 1 and title in {None, canonical(first)}:
        title, blocks = canonical(first), blocks[1:]
    while (
        title
        and len(blocks) > 1
        and not blocks[0].cells
        and _is_head_line(header, source[blocks[0].start : blocks[0].end])
    ):
        blocks = blocks[1:]
    return title, header, blocks


def _is_head_line(header: Header, text: str) -> bool:
    text = searchable(text).strip("*_ ")
    return not re.search(r"[\r\n]", text) and (read_line(header, text) or is_credit(text))
