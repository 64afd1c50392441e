"""PDF documents: paragraphs and headings by where their lines stand, each with its page."""

import ctypes
import re
import threading
from collections.abc import Iterator
from statistics import median
from typing import Any

from index.article import Article
from index.parsing.metadata import Metadata, read_metadata
from index.parsing.page_layout import DIVISIONS, PageLine, largest_heading, read_pages
from index.parsing.parts import document_article, one_line
from index.parsing.types import LoadError, Origin, missing_package

SUFFIXES = (".pdf",)
MEDIA_TYPES = ("application/pdf", "application/x-pdf")

_PDFIUM = threading.Lock()
"""PDFium is not safe to call from two threads."""

_PASSWORD_ERROR = 4
_MOST_LINES = 500_000
_JUNK_TITLE = re.compile(r"untitled|microsoft word|.*\.(?:docx?|indd|tex|pdf|qxd|rtf|odt|pptx?|dvi)", re.IGNORECASE)
_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_BOLD_WEIGHT = 600


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its text is in NFC, words that are divided at line ends are joined.

    Lines that repeat on many pages, and page numbers, are left out.

    :raises LoadError: if the file is no PDF, is cut off, needs a password, or has no text.
    """
    with _PDFIUM:
        lines, metadata = _read(data)
    parts = read_pages(lines)
    title = metadata.title or largest_heading(parts, lines)
    article = document_article(parts, title, metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the PDF has no text, only pictures of it: run text recognition (OCR) on it first")
    yield article


def _read(data: bytes) -> tuple[list[PageLine], Metadata]:
    try:
        import pypdfium2  # here because only PDF needs it, and it may not be installed
    except ImportError as error:
        raise missing_package("PDF documents", error) from error
    if b"%PDF-" not in data[:1024]:
        raise LoadError("the file is no PDF document: give it the ending of what it is, or remove it")
    try:
        with pypdfium2.PdfDocument(data) as document:
            lines: list[PageLine] = []
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


def _page_lines(page: Any, number: int) -> Iterator[PageLine]:
    from pypdfium2 import raw

    characters = [chr(raw.FPDFText_GetUnicode(page, at)) for at in range(page.count_chars())]
    start = 0
    for end in [at + 1 for at, character in enumerate(characters) if character in ("\n", *DIVISIONS)] + [
        len(characters)
    ]:
        visible = [at for at in range(start, end) if not characters[at].isspace()]
        if visible:
            boxes = [page.get_charbox(at, loose=True) for at in visible[:: max(1, len(visible) // 5)]]
            size = median(top - bottom for _, bottom, _, top in boxes)
            left, bottom = boxes[0][0], median(box[1] for box in boxes)
            right = page.get_charbox(visible[-1], loose=True)[2]
            text = "".join(characters[visible[0] : visible[-1] + 1])
            is_bold = _is_bold(page, visible[0]) and _is_bold(page, visible[-1])
            yield PageLine(text, number, left, right, bottom, size, is_bold)
        start = end


def _is_bold(page: Any, at: int) -> bool:
    from pypdfium2 import raw

    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(page, at, name, len(name), None)
    return (
        _BOLD.search(name.value.decode("utf-8", "replace")) is not None
        or raw.FPDFText_GetFontWeight(page, at) >= _BOLD_WEIGHT
    )
