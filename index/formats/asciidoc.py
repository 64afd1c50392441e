"""AsciiDoc.

As with Markdown, every offset into the text of the article holds in the decoded file: line breaks inside a paragraph
are spaces; marks are characters that are not seen, one for one.

Syntax: https://docs.asciidoctor.org/asciidoc/latest/
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.article import Article, Block, Style, article_id, canonical, searchable, storable
from index.parsing.asciidoc_marks import marks
from index.parsing.asciidoc_table import Span, table_blocks
from index.parsing.dates import day_in_name, parse_date
from index.parsing.decoding import damage, decode
from index.parsing.front_matter import front_matter
from index.parsing.list_items import BULLET
from index.parsing.markdown_html import html_block
from index.parsing.markdown_marks import UNSEEN, Edits, without_marks
from index.parsing.metadata import read_metadata
from index.parsing.text_layout import unwrap
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Note, Origin

SUFFIXES = (".adoc", ".asciidoc", ".asc")
MEDIA_TYPES = ("text/asciidoc", "text/x-asciidoc")

_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_ATTRIBUTE = re.compile(r":!?([\w-]+)!?:(?:[ \t]+(.*))?[ \t]*")
_TITLE = re.compile(r"(={1,6}|#{1,6})[ \t]++(\S.*?)(?:(?<![ \t])[ \t]++\1)?")
_AUTHORS = re.compile(r"[^\W\d_][\w.'’-]*(?: +[\w.'’-]+){0,3}(?: +<[^<>]*>)?(?:; *[^\W\d_][\w.' ’-]*(?: +<[^<>]*>)?)*")
_MAIL = re.compile(r" *<[^<>]*>")
_REVISION = re.compile(r"(?:[Vv]?(\d[\w.]*)[ \t]*(?:,[ \t]*|\Z))?([^:]*?)(?::(?:[ \t].*)?)?")
_DELIMITER = re.compile(r"(?:={4,}|-{4,}|\.{4,}|\*{4,}|_{4,}|\+{4,}|/{4,}|~{4,}|--|`{3,}[\w,-]*|[|,:!]={3,})")
_BLOCK_ATTRIBUTES = re.compile(r"\[(?:|[\w.#%{,\"'\[].*)\]")
_QUOTED = re.compile(r"\[(?:quote|verse)\s*,\s*(.*\S)\s*\]")
_CAPTION = re.compile(r"\.(?=[^\s.])")
_NOT_SHOWN = re.compile(
    r"(?:include|ifn?def|ifeval|endif|image|video|audio|toc)::.*\[.*\][ \t]*"
    r"|<<<+|'''+|---|\*\*\*|- - -|\* \* \*|\+|//(?!/).*"
)
_INCLUDE = re.compile(r"include::([^\[\r\n]+)\[")
_ITEM = re.compile(
    r"[ \t]*(?:\*{1,5}|-|\.{1,5}|\d{1,4}\.|[A-Za-z]\.|<(?:\d{1,3}|\.)>)[ \t]+(?:\[[ xX*]\][ \t]+)?(?=\S)"
)
_TERM = re.compile(r"[ \t]*(\S.*?)(:{2,4}|;;)(?:[ \t]+|\Z)")
_CALLOUT = re.compile(r"(?<![ \t])[ \t]*+(?:(?://|#|--|;;|<!--)[ \t]*)?<(?:\d{1,3}|\.)>(?:[ \t]*-->)?[ \t]*\Z")
_UNDERLINES = "=-~^+"
_NAMED = 5
_LONGEST_AUTHORS = 500


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its headings, paragraphs, items of lists, tables, notes and code.

    Files that it includes are not opened; text under conditions is read whether they hold or not.

    :raises LoadError: if the bytes are not text, or none of it is to be read.
    """
    decoded = decode(data, origin.charset)
    source = storable(decoded)
    front = front_matter(source)
    reader = _Reader(source, front.end)
    reader.read()
    text = without_marks(source, reader.edits)
    blocks = [
        block if block.cells else replace(block, start=span[0], end=span[1])
        for block in reader.blocks
        if (span := _trimmed(text, block.start, block.end))
    ]
    if not blocks:
        raise LoadError("the document has no text: write the article into it or remove it")
    metadata = read_metadata({**reader.fields(), **front.fields})
    text = unwrap(text, blocks)
    yield Article(
        id=article_id(origin.key),
        title=metadata.title or fallback_title(origin, text[blocks[0].start :]),
        text=text,
        blocks=tuple(blocks),
        url=origin.url or metadata.url,
        source=metadata.source,
        authors=metadata.authors,
        published=metadata.published or day_in_name(origin.path or origin.key),
        language=metadata.language,
        media_type=MEDIA_TYPES[0],
        path=origin.path,
        tags=metadata.tags,
        styles=tuple(reader.styles),
    )
    if reader.included:
        more = f" and {len(reader.included) - _NAMED} more" if len(reader.included) > _NAMED else ""
        yield Note(f"files that it includes are not read with it: {', '.join(reader.included[:_NAMED])}{more}")
    yield from front.notes
    yield from damage(data, decoded)


class _Reader:
    """Walks over the lines, from block to block."""

    def __init__(self, source: str, start: int) -> None:
        self._source = source
        self._lines = [match.span(1) for match in _LINE.finditer(source, start)]
        self._at = 0
        self._attributes: dict[str, str] = {}
        self._block_attributes = ""
        self.blocks: list[Block] = []
        self.styles: list[Style] = []
        self.edits: Edits = {}
        self._numbers: dict[int, int] = {}
        self.included: list[str] = []

    def fields(self) -> dict[str, object]:
        """What the header tells of the document."""
        known = self._attributes
        names = {"title": "title", "author": "author", "authors": "authors", "revdate": "date", "lang": "lang"}
        found: dict[str, object] = {to: known[name] for name, to in names.items() if known.get(name)}
        return {**found, "tags": known.get("keywords", "")}

    def read(self) -> None:
        """Read the header, and then every block."""
        self._header()
        while self._at < len(self._lines):
            self._block()

    def _text(self, at: int) -> str:
        """A line without the white space at its end; nothing behind the last one."""
        return self._source[slice(*self._lines[at])].rstrip() if at < len(self._lines) else ""

    def _header(self) -> None:
        while self._at < len(self._lines) and (self._skipped() or not self._text(self._at)):
            self._at += not self._text(self._at)
        title = _TITLE.fullmatch(self._text(self._at))
        if title and len(title[1]) == 1:
            self._attributes["title"] = title[2]
        elif self._is_underlined("="):
            self._attributes["title"] = self._text(self._at).strip()
            self._at += 1
        else:
            return
        self._at += 1
        if len(line := self._text(self._at)) <= _LONGEST_AUTHORS and _AUTHORS.fullmatch(line):
            self._attributes["authors"] = "; ".join(name.replace("_", " ") for name in _MAIL.sub("", line).split(";"))
            self._at += 1
            revision = _REVISION.fullmatch(self._text(self._at))
            if revision and self._text(self._at) and (revision[1] or parse_date(revision[2])):
                self._attributes["revdate"] = revision[2].strip()
                self._at += 1
        while self._text(self._at) and self._skipped():
            pass
        self._attributes["title"] = self._shown(self._attributes["title"])

    def _shown(self, words: str) -> str:
        """Words without their marks."""
        plain = without_marks(words, marks(words, 0, len(words), self._attributes))
        return canonical(searchable(plain.replace(UNSEEN, "")))

    def _skipped(self) -> bool:
        """Whether a line, or a comment of several, is none that is shown; then it is passed."""
        line = self._text(self._at)
        if attribute := _ATTRIBUTE.fullmatch(line):
            value = attribute[2] or ""
            while value.endswith((" \\", " +")) and self._at + 1 < len(self._lines):
                self._at += 1
                value = f"{value[:-2]} {self._text(self._at).strip()}"
            self._attributes[attribute[1].lower()] = value.strip()
        elif line.startswith("////") and not line.strip("/") and (end := self._closing(line)):
            self._at = end
        elif not _NOT_SHOWN.fullmatch(line):
            return False
        elif included := _INCLUDE.match(line):
            self.included.append(included[1])
        self._at += 1
        return True

    def _closing(self, delimiter: str) -> int | None:
        """The line that ends what a delimiter begins."""
        return next((at for at in range(self._at + 1, len(self._lines)) if self._text(at) == delimiter), None)

    def _block(self) -> None:
        line = self._text(self._at)
        start, end = self._lines[self._at]
        if not line:
            self._at += 1
            self._block_attributes = ""
        elif self._skipped():
            pass
        elif _BLOCK_ATTRIBUTES.fullmatch(line):
            self._block_attributes += line
            if quoted := _QUOTED.fullmatch(line):
                self._add(start + quoted.start(1), start + quoted.end(1))
            self._at += 1
        elif _DELIMITER.fullmatch(line):
            self._delimited(line)
        elif title := _TITLE.fullmatch(line):
            self._add(start + title.start(2), start + title.end(2), "heading")
            self._at += 1
        elif self._is_underlined(_UNDERLINES):
            self._add(start, end, "heading")
            self._at += 2
        elif caption := _CAPTION.match(line):
            self._add(start + caption.end(), end)
            self._at += 1
        else:
            self._paragraph(line)

    def _is_underlined(self, signs: str) -> bool:
        """Whether a line is a title because of the one under it, which is as long."""
        line, under = self._text(self._at), self._text(self._at + 1)
        is_rule = len(under) > 2 and under[0] in signs and not under.strip(under[0])
        return is_rule and re.search(r"\w", line) is not None and abs(len(line) - len(under)) < 2

    def _delimited(self, line: str) -> None:
        sign = line[0]
        closing = self._closing("```" if sign == "`" else line)
        attributes, self._block_attributes = self._block_attributes, ""
        if closing is None or sign in "=*_~" or line == "--":
            self._at += 1  # what lies between the two lines is read as if they were not there
            return
        inner = self._lines[self._at + 1 : closing]
        self._at = closing + 1
        if not inner:
            return
        if line[1] == "=":
            blocks, edits = table_blocks(self._source, inner, attributes, sign, len(self.blocks))
            for block in blocks:
                for cell in block.cells:
                    self.edits |= marks(self._source, *cell, self._attributes)
            self.blocks += blocks
            self.edits |= edits
        elif sign == "+" and "stem" not in attributes and "math" not in attributes:
            stretches, hidden, found = html_block(self._source, inner[0][0], inner[-1][1])
            self.blocks += [Block(*stretch[:3], cells=stretch.cells) for stretch in stretches]
            self.edits |= hidden
            self.styles += found
        else:
            self._verbatim(inner)

    def _verbatim(self, lines: Sequence[Span]) -> None:
        """Code, and other text that keeps its lines: each run of them without a blank one is a paragraph."""
        run: list[Span] = []
        for start, end in [*lines, (0, 0)]:
            if words := self._source[start:end].rstrip():
                run.append((start, end))
                self.styles.append(Style(start, start + len(words), "line"))
                if callout := _CALLOUT.search(self._source[start:end]):
                    self.edits[start + callout.start()] = UNSEEN * len(callout[0])
            elif run:
                self.blocks.append(Block(run[0][0], run[-1][1]))
                run = []

    def _paragraph(self, line: str) -> None:
        """A paragraph, an item of a list, or a term with what is said of it."""
        start = self._lines[self._at][0]
        item, term = _ITEM.match(line), _TERM.match(line)
        first = self._at
        self._at += 1
        if term and not item:
            if term.end() == len(line):
                while self._at + 1 < len(self._lines) and not self._text(self._at):
                    self._at += 1  # what is said may stand below
            self.edits[start + term.start(2)] = ":" + UNSEEN * (len(term[2]) - 1)
        elif not item and line[0] in " \t":
            while self._text(self._at):
                self._at += 1
            self._verbatim(self._lines[first : self._at])
            return
        if not (term and not item and self._ends(self._at, True)):
            while not self._ends(self._at, bool(item or term)):
                if self._text(self._at).startswith("//"):
                    low, high = self._lines[self._at]
                    self.edits[low] = UNSEEN * (high - low)
                self._at += 1
        last = self._at - 1
        while not self._text(last):
            last -= 1
        self._add(start + (item.end() if item else 0), self._lines[last][1])
        if item:
            sign, level = self._sign(item[0].split()[0])
            self.blocks[-1] = replace(self.blocks[-1], sign=sign, level=level)
        elif first and self._text(first - 1) != "+":
            self._numbers.clear()

    def _sign(self, mark: str) -> tuple[str, int]:
        """What is drawn for the mark of an item, and how deep it is nested."""
        if mark[0] in "*-":
            return BULLET, len(mark)
        if mark.strip("."):
            number = mark.strip("<>.")
            return f"{number}." if number else BULLET, 1
        level = len(mark)
        self._numbers = {each: number for each, number in self._numbers.items() if each <= level}
        self._numbers[level] = self._numbers.get(level, 0) + 1
        return f"{self._numbers[level]}.", level

    def _ends(self, at: int, is_item: bool) -> bool:
        """Whether a line is none of the paragraph that goes before."""
        line = self._text(at)
        if not line or line == "+" or _DELIMITER.fullmatch(line) or _BLOCK_ATTRIBUTES.fullmatch(line):
            return True
        if _NOT_SHOWN.fullmatch(line) and not line.startswith("//"):
            return True
        return is_item and (_ITEM.match(line) or _TERM.match(line) or _TITLE.fullmatch(line)) is not None

    def _add(self, start: int, end: int, kind: str = "paragraph") -> None:
        self.edits |= marks(self._source, start, end, self._attributes)
        self.blocks.append(Block(start, end, "heading" if kind == "heading" else "paragraph"))


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and (text[start] == UNSEEN or text[start].isspace()):
        start += 1
    while start < end and (text[end - 1] == UNSEEN or text[end - 1].isspace()):
        end -= 1
    return (start, end) if start < end else None
