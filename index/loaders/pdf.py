"""PDF documents: paragraphs and headings by where their lines stand, each with its page."""

import ctypes
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from index.article import Article, article_id
from index.loaders.metadata import Metadata, read_metadata
from index.loaders.naming import fallback_title
from index.loaders.origin import LoadError, Origin
from index.loaders.parts import Part, assemble, one_line, read_head
from index.loaders.requirement import missing_package

SUFFIXES = (".pdf",)
MEDIA_TYPES = ("application/pdf", "application/x-pdf")

_PDFIUM = threading.Lock()
"""PDFium is not safe to call from two threads."""

_PASSWORD_ERROR = 4
_MOST_LINES = 500_000
_JUNK_TITLE = re.compile(r"untitled|microsoft word|.*\.(?:docx?|indd|tex|pdf|qxd|rtf|odt|pptx?|dvi)", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"\W*(?:page\s+|p\.\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\W*", re.IGNORECASE)
_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_CONTENTS_LINE = re.compile(r"(?:\.\s?){4,}\s*\d*$")
_ITEM = re.compile(r"(?:[-*•‣▪◦·–]|\(?\d{1,3}[.)])\s+\S")
_DIVISIONS = "\u0002\ufffe"
"""What PDFium gives for a hyphen and a line break in a word."""
_LINE_ENDS = "\n" + _DIVISIONS
_HYPHENS = "-\u00ad\u2010" + _DIVISIONS

_LONGEST_HEADING = 200
_LARGER = 1.12
"""How much larger than the body the letters of a heading are."""
_EDGE_LINES = 2
"""Lines at the top and at the bottom of a page among which running titles are looked for."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it stands on its page, in points, ``y`` upwards."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float
    is_bold: bool
    is_running: bool = False

    @property
    def ends_sentence(self) -> bool:
        return _SENTENCE_END.search(self.text) is not None


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its text is in NFC, words that are divided at line ends are joined.

    Lines that repeat on many pages, and page numbers, are no part of the body.

    :raises LoadError: if the file is no PDF, is cut off, needs a password, or has no text.
    """
    with _PDFIUM:
        lines, metadata = _read(data)
    lines = _mark_running(lines)
    parts = _parts(lines)
    title = metadata.title or _largest(parts, lines)
    header, parts = read_head(parts, title)
    text, blocks = assemble(parts)
    if not blocks:
        raise LoadError("the PDF has no text, only pictures of it: run text recognition (OCR) on it first")
    yield Article(
        id=article_id(origin.key),
        title=title or fallback_title(origin, text[blocks[0].start :]),
        text=text,
        blocks=blocks,
        url=origin.url,
        source=header.source,
        authors=metadata.authors or header.authors,
        published=header.published or metadata.published,
        language=metadata.language,
        media_type=MEDIA_TYPES[0],
        path=origin.path,
        tags=metadata.tags,
    )


def _read(data: bytes) -> tuple[list[_Line], Metadata]:
    try:
        import pypdfium2  # here because only PDF needs it, and it may not be installed
    except ImportError as error:
        raise missing_package("PDF documents", error) from error
    if b"%PDF-" not in data[:1024]:
        raise LoadError("the file is no PDF document: give it the ending of what it is, or remove it")
    try:
        with pypdfium2.PdfDocument(data) as document:
            lines: list[_Line] = []
            for number, page in enumerate(document, start=1):
                lines += _page_lines(page.get_textpage(), number)
                page.close()
                if len(lines) > _MOST_LINES:
                    raise LoadError(f"the PDF has more than {_MOST_LINES} lines: split it")
            return lines, _metadata(document)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR:
            raise LoadError("the PDF is encrypted: save it without a password") from None
        is_cut = b"%%EOF" not in data[-2048:]
        reason = "is cut off, its end is missing" if is_cut else f"is damaged ({error})"
        raise LoadError(f"the PDF {reason}: get it again or save it anew") from None


def _metadata(document: Any) -> Metadata:
    from pypdfium2 import raw

    told = document.get_metadata_dict()
    title = one_line(told["Title"])
    created = re.match(r"D:(\d{8})", told["CreationDate"])
    language = None
    if hasattr(raw, "FPDFCatalog_GetLanguage"):
        size = raw.FPDFCatalog_GetLanguage(document, None, 0)
        buffer = (raw.FPDF_WCHAR * (size // 2 + 1))()
        raw.FPDFCatalog_GetLanguage(document, buffer, size)
        language = bytes(buffer).decode("utf-16-le").rstrip("\0")
    return read_metadata(
        {
            "title": None
            if _JUNK_TITLE.fullmatch(title.partition(" - ")[0]) or _JUNK_TITLE.fullmatch(title)
            else title,
            "authors": told["Author"],
            "published": created and created[1],
            "language": language,
            "tags": told["Keywords"].replace(";", ","),
        }
    )


def _page_lines(page: Any, number: int) -> Iterator[_Line]:
    from pypdfium2 import raw

    characters = [chr(raw.FPDFText_GetUnicode(page, at)) for at in range(page.count_chars())]
    start = 0
    for end in [at + 1 for at, character in enumerate(characters) if character in _LINE_ENDS] + [len(characters)]:
        visible = [at for at in range(start, end) if not characters[at].isspace()]
        if visible:
            boxes = [page.get_charbox(at, loose=True) for at in visible[:: max(1, len(visible) // 5)]]
            size = median(top - bottom for _, bottom, _, top in boxes)
            left, bottom = boxes[0][0], median(box[1] for box in boxes)
            right = page.get_charbox(visible[-1], loose=True)[2]
            text = "".join(characters[visible[0] : visible[-1] + 1])
            is_bold = _is_bold(page, visible[0]) and _is_bold(page, visible[-1])
            yield _Line(text, number, left, right, bottom, size, is_bold)
        start = end


def _is_bold(page: Any, at: int) -> bool:
    from pypdfium2 import raw

    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(page, at, name, len(name), None)
    return (
        _BOLD.search(name.value.decode("utf-8", "replace")) is not None or raw.FPDFText_GetFontWeight(page, at) >= 600
    )


def _mark_running(lines: Sequence[_Line]) -> list[_Line]:
    """Mark page numbers, and lines at the edges of pages that are equal but for numbers on at least half of them."""
    pages: dict[int, list[_Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    edges = {id(line) for page in pages.values() for line in [*page[:_EDGE_LINES], *page[-_EDGE_LINES:]]}

    def form(line: _Line) -> str:
        return re.sub(r"\d+", "#", line.text)

    counts = Counter(key for page in pages.values() for key in {form(line) for line in page if id(line) in edges})
    most = max(2, len(pages) / 2)
    return [
        replace(line, is_running=id(line) in edges and (counts[form(line)] >= most or _is_number(line)))
        for line in lines
    ]


def _is_number(line: _Line) -> bool:
    return _PAGE_NUMBER.fullmatch(line.text) is not None


def _parts(lines: Sequence[_Line]) -> list[Part]:
    body = [line for line in lines if not line.is_running]
    if not body:
        return []
    size = median(line.size for line in body for _ in range(1 + len(line.text) // 20))
    steps = [
        a.bottom - b.bottom for a, b in pairwise(body) if a.page == b.page and 0 < a.bottom - b.bottom < 3 * a.size
    ]
    step = sorted(steps)[len(steps) // 4] if steps else size
    groups: list[list[_Line]] = []
    for line in lines:
        if not groups or line.is_running or _breaks(groups[-1], line, step, size):
            groups.append([])
        groups[-1].append(line)
    words = set(re.findall(r"\w+(?:-\w+)*", " ".join(line.text for line in body)))
    return [_part(group, words, size) for group in groups]


def _breaks(group: Sequence[_Line], line: _Line, step: float, size: float) -> bool:
    """Tell whether a new paragraph begins with ``line``."""
    last = group[-1]
    if last.is_running or last.page != line.page or _is_large(last, size) != _is_large(line, size):
        return True
    down = last.bottom - line.bottom
    if abs(last.size - line.size) > 0.1 * size or last.is_bold != line.is_bold or _ITEM.match(line.text):
        return True
    if down < -0.5 * size:  # the next column
        return last.ends_sentence
    if down > 1.3 * max(step * max(1.0, line.size / size), line.size):
        return True
    is_indented = line.left > min(other.left for other in group) + 0.8 * size
    is_short = last.right < max(other.right for other in [*group, line]) - 6 * size and line.text[0].isupper()
    return last.ends_sentence and (is_indented or (is_short and len(group) > 1))


def _is_large(line: _Line, size: float) -> bool:
    return line.size > _LARGER * size


def _part(group: Sequence[_Line], words: set[str], size: float) -> Part:
    text = group[0].text
    for line in group[1:]:
        text = _joined(text, line.text, words)
    text = one_line(re.sub(f"[{_DIVISIONS}]", "-", text.replace("\u00ad", "")))
    stands_out = all(_is_large(line, size) or line.is_bold for line in group)
    is_heading = stands_out and len(text) <= _LONGEST_HEADING and not text.endswith((".", ",", ";"))
    if group[0].is_running or _CONTENTS_LINE.search(text):
        return Part(text, "aside", group[0].page)
    return Part(text, "heading" if is_heading else "paragraph", group[0].page)


def _joined(text: str, following: str, words: set[str]) -> str:
    """Join two lines; a word divided between them is one again, unless the document writes it with its hyphen."""
    left, right = re.search(r"(\w+)[" + _HYPHENS + "]$", text), re.match(r"\w+", following)
    if not left or not right:
        return f"{text} {following}"
    has_hyphen = f"{left[1]}-{right[0]}" in words and left[1] + right[0] not in words
    if has_hyphen or not right[0][0].islower():
        return f"{text[:-1]}-{following}"
    return text[:-1] + following


def _largest(parts: Sequence[Part], lines: Sequence[_Line]) -> str | None:
    """The heading of the first page that is set in the largest letters."""
    headings = [part.text for part in parts if part.kind == "heading" and part.page == 1]
    sizes = {line.text: line.size for line in reversed(lines) if line.page == 1}
    return max(headings, key=lambda text: sizes.get(text, 0.0), default=None)
