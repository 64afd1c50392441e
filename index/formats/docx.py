"""Word documents: paragraphs, headings by their styles, lists, tables, charts, boxes, notes, equations, comments."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from lxml import etree

from index.article import Article
from index.parsing.charts import chart_parts
from index.parsing.equations import linear
from index.parsing.office_package import Package, local_name, office_metadata, open_package, value
from index.parsing.parts import Part, document_article, one_line
from index.parsing.pictures import picture
from index.parsing.report import searched, share_taken, visible
from index.parsing.superscripts import raised
from index.parsing.symbols import symbol
from index.parsing.tables import Row, table_parts
from index.parsing.types import LoadError, Note, Origin
from index.parsing.word_lists import Lists
from index.parsing.word_styles import Styles, style_of

SUFFIXES = (".docx", ".docm", ".dotx", ".dotm")
MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.ms-word.document.macroenabled.12",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
)

_SPACES = {"tab", "br", "cr", "ptab"}
_NOT_READ = {
    "del",
    "moveFrom",
    "instrText",
    "delText",
    "pPr",
    "rPr",
    "sdtPr",
    "sdtEndPr",
    "tblPr",
    "trPr",
    "tcPr",
    "rt",
}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_ELSEWHERE = {"header": "headers", "footer": "footers", "aFChunk": "embedded documents"}
_LONGEST_HEADING = 300
_DEEPEST = 200
"""Levels of nesting: whatever is nested deeper was made to break readers."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its text is in NFC, with changes that were tracked as if they were accepted.

    Foot- and endnotes, text boxes and the descriptions of pictures stand after the paragraph that they belong to,
    comments under a heading at the end. A :class:`Note` tells what is left out.

    :raises LoadError: if the file is no Word document, is damaged or encrypted, unpacks to too much, or has no text.
    """
    package = open_package(data, "Word document")
    document = _Document(package)
    parts = list(document.parts())
    comments = list(document.comments())
    metadata = office_metadata(package)
    title = metadata.title or document.title
    article = document_article([*parts, *comments], title, metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the document has no text: write the article into it or remove it")
    headings = (part.text for part in parts if part.kind == "heading")
    yield replace(article, title=title or next(headings, article.title))
    yield from _left_out(package, parts)


def _left_out(package: Package, parts: list[Part]) -> Iterator[LoadError]:
    if package.is_damaged:
        yield Note("its XML is damaged and was read as far as it makes sense: look at what is missing")
    whole = _length(package.document) - sum(map(_length, package.document.iter("{*}Fallback")))
    whole -= sum(_length(gone) for name in ("moveFrom", "del") for gone in package.document.iter(f"{{*}}{name}"))
    yield from share_taken(searched(parts), whole)
    for kind, name in _ELSEWHERE.items():
        length = sum(len(one_line(" ".join(root.itertext()))) for root in package.related(kind))
        if length or (kind == "aFChunk" and package.has(kind)):
            yield Note(f"its {name} are left out" + (f" ({length} characters)" if length else ""))


def _length(element: etree._Element) -> int:
    return sum(visible(text.text) for text in element.iter("{*}t"))


class _Document:
    """The parts of a document in order; ``title`` is known when they are read."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._styles = Styles(next(package.related("styles"), None))
        self._lists = Lists(next(package.related("numbering"), None))
        self._notes = {kind: _notes(package.related(kind)) for kind in set(_NOTES.values())}
        self.title: str | None = None
        self._initial = ""

    def parts(self) -> Iterator[Part]:
        return self._blocks(self._package.document, 0)

    def comments(self) -> Iterator[Part]:
        """What readers of the document wrote beside it, each with its author, under a heading."""
        heading: Part | None = Part("Comments", "heading")
        for root in self._package.related("comments"):
            for comment in root:
                author, *found = one_line(value(comment, "author")), *self._blocks(comment, 0)
                for number, part in enumerate(found):
                    yield from [heading] if heading else ()
                    heading = None
                    is_first = number == 0 and author and not part.cells
                    yield replace(part, text=f"{author}: {part.text}", kind="paragraph") if is_first else part

    def _blocks(self, element: etree._Element, depth: int) -> Iterator[Part]:
        """What stands in an element; what only wraps paragraphs, such as a content control, is looked through."""
        for child in element if depth < _DEEPEST else ():
            name = local_name(child)
            if name == "p":
                yield from self._paragraph(child, depth)
            elif name == "tbl":
                yield from self._table(child, depth)
            elif name == "AlternateContent":
                yield from self._blocks(_alternative(child), depth + 1)
            elif name not in _NOT_READ:
                yield from self._blocks(child, depth + 1)

    def _paragraph(self, element: etree._Element, depth: int) -> Iterator[Part]:
        words = _Words()
        words.read(element)
        text = one_line(self._initial + words.text())
        self._initial = text if _is_initial(element) else ""
        if text and not self._initial:
            kind = self._kind(element, text)
            place = self._styles.list_of(element) if kind == "paragraph" else None
            yield Part(text, kind, sign=self._lists.sign(*place), level=place[1] + 1) if place else Part(text, kind)
        yield from words.pictures
        for chart in words.charts:
            if found := self._package.part(self._package.main, chart):
                yield from chart_parts(found[1])
        for inner in words.boxes:
            yield from self._blocks(inner, depth + 1)
        for kind_of_note, number in words.notes:
            note = self._notes[kind_of_note].pop(number, None)
            if note is not None:
                yield from self._blocks(note, depth + 1)

    def _kind(self, paragraph: etree._Element, text: str) -> Literal["heading", "paragraph", "aside"]:
        role = self._styles.role(paragraph)
        if role == "title" and self.title is None:
            self.title = text
            return "aside"
        return "heading" if role != "text" and len(text) <= _LONGEST_HEADING else "paragraph"

    def _table(self, element: etree._Element, depth: int) -> Iterator[Part]:
        """A part for each row; a cell that spans columns has its text in the first, one that spans rows in each."""
        rows: list[Row] = []
        above: dict[int, str] = {}
        for row in _inner(element, "tr"):
            cells: list[str] = [""] * _number(row, "trPr", "gridBefore", 0)
            for cell in _inner(row, "tc"):
                found = list(self._blocks(cell, depth + 1))
                text = one_line(" ".join(part.text for part in found))
                if _goes_on(cell):
                    text = text or above.get(len(cells), "")
                above[len(cells)] = text
                cells += [text, *[""] * (_number(cell, "tcPr", "gridSpan", 1) - 1)]
            is_header = next(row.iterfind("{*}trPr/{*}tblHeader"), None) is not None
            rows.append(Row(cells, is_header or None))
        yield from table_parts(rows)


def _inner(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row, those in content controls and tracked insertions too."""
    for child in element:
        tag = local_name(child)
        if tag == name:
            if next(child.iterfind("{*}trPr/{*}del"), None) is None:
                yield child
        elif tag == "AlternateContent":
            yield from _inner(_alternative(child), name)
        elif tag not in _NOT_READ and tag not in {"p", "tbl"}:
            yield from _inner(child, name)


def _number(element: etree._Element, properties: str, name: str, least: int) -> int:
    number = next((value(node) for node in element.iterfind(f"{{*}}{properties}/{{*}}{name}")), str(least))
    return min(int(number), 63) if number.isdecimal() and len(number) < 6 and int(number) > least else least


def _is_initial(paragraph: etree._Element) -> bool:
    """Tell a large first letter that Word keeps in a paragraph of its own before the rest of its word."""
    return any(value(frame, "dropCap") in {"drop", "margin"} for frame in paragraph.iterfind("{*}pPr/{*}framePr"))


def _goes_on(cell: etree._Element) -> bool:
    """Tell a cell that is merged with the one above it."""
    return any(value(node) in {"", "continue"} for node in cell.iterfind("{*}tcPr/{*}vMerge"))


def _is_hidden(run: etree._Element) -> bool:
    """Tell words that the document hides."""
    return any(value(node) not in {"0", "false", "off"} for node in run.iterfind("{*}rPr/{*}vanish"))


def _alternative(element: etree._Element) -> etree._Element:
    """Of the ways to show one thing, the first that has any text: it is the same text in each."""
    return next((way for way in element if next(way.iter("{*}t"), None) is not None), element[0:1] or element)


def _notes(roots: Iterable[etree._Element]) -> dict[str, etree._Element]:
    """The foot- or endnotes by their ids, without the lines that separate them from the text."""
    return {value(note, "id"): note for root in roots for note in root if not value(note, "type")}


class _Words:
    """The words of a paragraph as a reader sees them: inserted ones too, deleted ones not."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._raised: list[str] = []
        self.boxes: list[etree._Element] = []
        self.pictures: list[Part] = []
        self.charts: list[str] = []
        self.notes: list[tuple[str, str]] = []

    def text(self) -> str:
        """The words that were read."""
        self._lower()
        return "".join(self._words)

    def read(self, element: etree._Element, is_raised: bool = False, depth: int = 0) -> None:
        """Add the words of an element."""
        for child in element if depth < _DEEPEST else ():
            name = local_name(child)
            if name == "t":
                (self._raised if is_raised else self._lowered()).append(child.text or "")
            elif name in _SPACES:
                self._lowered().append(" ")
            elif name == "noBreakHyphen":
                self._lowered().append("-")
            elif name == "oMath":
                self._lowered().append(linear(child))
            elif name == "docPr" or (name == "shape" and value(child, "alt")):
                self.pictures += picture(value(child, "descr") or value(child, "alt"))
                self.read(child, is_raised, depth + 1)
            elif name == "chart":
                self.charts.append(value(child, "id"))
            elif name == "txbxContent":
                self.boxes.append(child)
            elif name in _NOTES:
                self.notes.append((_NOTES[name], value(child, "id")))
            elif name == "AlternateContent":
                self.read(_alternative(child), is_raised, depth + 1)
            elif name == "sym":
                self._lowered().append(symbol(value(child, "font"), value(child, "char")))
            elif name == "r" and _is_hidden(child):
                continue
            elif name == "r":
                self.read(child, style_of(child, "vertAlign") == "superscript", depth + 1)
            elif name not in _NOT_READ and name:
                self.read(child, is_raised, depth + 1)

    def _lowered(self) -> list[str]:
        self._lower()
        return self._words

    def _lower(self) -> None:
        """Add what was raised so far, in the form it has in running text."""
        if self._raised:
            mark, self._raised = "".join(self._raised), []
            self._words.append(raised("".join(self._words[-8:]), mark))
