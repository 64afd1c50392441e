"""PDF documents: paragraphs and headings by where their lines stand, each with its page."""

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import mean
from typing import Any

from index.article import Article
from index.parsing.dates import stamped_day
from index.parsing.metadata import Metadata, read_metadata
from index.parsing.page_layout import Layout, read_pages
from index.parsing.page_line import PageLine
from index.parsing.parts import Part, document_article
from index.parsing.pdf_lines import Page
from index.parsing.recognition import recognise
from index.parsing.report import searched, share_taken, visible
from index.parsing.titles import named_by_a_person
from index.parsing.types import LoadError, Note, Origin, missing_package

SUFFIXES = (".pdf",)
MEDIA_TYPES = ("application/pdf", "application/x-pdf")

_PDFIUM = threading.Lock()
"""PDFium is not safe to call from two threads."""

_PASSWORD_ERROR = 4
_MOST_LINES = 500_000
_FIRST = "run text recognition (OCR) on it first, or turn it on"
_LITTLE = 100
"""Visible characters of a page that may be a picture with a stamp on it."""
_GARBAGE = 0.3
_STRANGE = 0.02
"""Shares of characters without Unicode from which on a PDF is refused, and from which on a note says so."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its text is in NFC, words that are divided at line ends are joined.

    Lines that repeat on many pages stand in the text once and are not searched; page numbers are left out.

    :raises LoadError: if the file is no PDF, is cut off, needs a password, or has no text.
    """
    with _PDFIUM:
        found = _read(data, origin.recognised)
    if found.untold > _GARBAGE * found.length:
        raise LoadError(f"the fonts of the PDF do not tell its characters: {_FIRST}", "text_recognition")
    layout = read_pages(found.lines)
    parts = list(_marked(layout.parts, found.recognised))
    article = document_article(parts, found.metadata.title or layout.title, found.metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError(f"the PDF has no text, only pictures of it: {_FIRST}", "text_recognition")
    yield replace(article, recognised=tuple(found.recognised))
    yield from _left_out(found, layout)


def _marked(parts: Sequence[Part], recognised: Collection[int]) -> Iterator[Part]:
    """The parts, with a line before those of each page that was recognised; it is shown and not searched."""
    before = None
    for part in parts:
        if part.page != before and part.page in recognised:
            yield Part(f"[Page {part.page}: recognised from a picture]", "aside", part.page)
        before = part.page
        yield part


def _left_out(found: "_Found", layout: Layout) -> Iterator[LoadError]:
    parts = layout.parts
    if layout.running:
        more = f" and {len(layout.running) - 1} more" if len(layout.running) > 1 else ""
        yield Note(f"running titles are left out but once: “{layout.running[0][:_LITTLE]}”{more}")
    if found.pictures:
        pages = ", ".join(_ranges(found.pictures))
        reason = f"pages that are pictures are not read ({pages} of {found.pages}): {_FIRST}"
        is_much = 2 * len(found.pictures) > found.pages
        yield LoadError(reason, "text_recognition") if is_much else Note(reason)
    if found.recognised:
        pages, certainty = ", ".join(_ranges(list(found.recognised))), mean(found.recognised.values())
        yield Note(
            f"pages are recognised from pictures ({pages} of {found.pages}), {certainty:.0f} % certain on average"
        )
    if found.untold > _STRANGE * found.length:
        yield Note(f"its fonts do not tell {found.untold:,} of {found.length:,} characters: look at what is missing")
    yield from share_taken(
        searched(parts), sum(visible(part.text) for part in parts if part.text not in layout.running)
    )


def _ranges(pages: Sequence[int]) -> Iterator[str]:
    """``1-3`` and ``7`` for 1, 2, 3 and 7."""
    first = last = pages[0]
    for page in [*pages[1:], 0]:
        if page != last + 1:
            yield str(first) if first == last else f"{first}-{last}"
            first = page
        last = page


@dataclass
class _Found:
    """What a file holds, as far as PDFium tells; ``pictures`` are pages with a picture and hardly any text."""

    metadata: Metadata = field(default_factory=Metadata)
    lines: list[PageLine] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    recognised: dict[int, float] = field(default_factory=dict)
    """Pages that were recognised from pictures, and how certain each is, of 100."""
    pages: int = 0
    length: int = 0
    untold: int = 0


def _read(data: bytes, language: str | None) -> _Found:
    try:
        import pypdfium2  # here because only PDF needs it, and it may not be installed
    except ImportError as error:
        raise missing_package("PDF documents", error) from error
    if b"%PDF-" not in data[:1024]:
        raise LoadError("the file is no PDF document: give it the ending of what it is, or remove it")
    try:
        with pypdfium2.PdfDocument(data) as document:
            found = _Found(_metadata(document))
            for number, page in enumerate(document, start=1):
                text = Page(page.get_textpage(), number)
                found.pages, untold = number, text.untold()
                is_picture = text.length < _LITTLE and _is_picture(page, text.length)
                is_garbled = untold > _GARBAGE * text.length
                seen = recognise(page, number, language) if language and (is_picture or is_garbled) else None
                if seen:
                    found.recognised[number] = seen.certainty
                    found.lines += seen.lines
                else:
                    found.length, found.untold = found.length + text.length, found.untold + untold
                    found.lines += text.lines()
                    found.pictures += [number] if is_picture else []
                page.close()
                if len(found.lines) > _MOST_LINES:
                    raise LoadError(f"the PDF has more than {_MOST_LINES} lines: split it")
            return found
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR:
            raise LoadError("the PDF is encrypted: save it without a password") from None
        is_cut = b"%%EOF" not in data[-2048:]
        reason = "is cut off, its end is missing" if is_cut else f"is damaged ({error})"
        raise LoadError(f"the PDF {reason}: get it again or save it anew") from None


def _is_picture(page: Any, length: int) -> bool:
    """Tell a page that is a picture: of all of it when there is any text, such as the mark of a trial version."""
    from pypdfium2 import raw

    width, height = page.get_size()
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = item.get_bounds()
        if not length or (right - left) * (top - bottom) > width * height / 2:
            return True
    return False


def _metadata(document: Any) -> Metadata:
    from pypdfium2 import raw

    properties = document.get_metadata_dict()
    language = None
    if hasattr(raw, "FPDFCatalog_GetLanguage"):
        size = raw.FPDFCatalog_GetLanguage(document, None, 0)
        buffer = (raw.FPDF_WCHAR * (size // 2 + 1))()
        raw.FPDFCatalog_GetLanguage(document, buffer, size)
        language = bytes(buffer).decode("utf-16-le").rstrip("\0")
    return read_metadata(
        {
            "title": named_by_a_person(properties["Title"]),
            "authors": properties["Author"],
            "published": stamped_day(properties["CreationDate"]),
            "language": language,
            "tags": properties["Keywords"].replace(";", ","),
        }
    )
