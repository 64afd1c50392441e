"""Excel workbooks of before 2007, and what else is called so: web pages, tables of text and newer workbooks."""

import io
import re
from collections.abc import Iterator
from typing import Any

from index.formats import csv, html, xlsx
from index.parsing.cell_values import code_of, shown
from index.parsing.dates import stamped_day
from index.parsing.decoding import decode
from index.parsing.markup import parse_html, parts
from index.parsing.metadata import Metadata, read_metadata
from index.parsing.parts import Part, document_article
from index.parsing.sheets import Cells, filled, hidden, sheet_parts, too_long, written_name
from index.parsing.titles import fallback_title, named_by_a_person
from index.parsing.types import Loaded, LoadError, Note, Origin, missing_package

SUFFIXES = (".xls", ".xlt")
MEDIA_TYPES = ("application/vnd.ms-excel",)

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"
_OLDEST = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
"""How workbooks begin that are no compound files: those of Excel 2 to 4."""
_SEPARATED = re.compile(rb"[^\r\n]*[\t,;|]")
_SHOWN = 0
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What xlrd raises on bytes that make no sense, besides its own errors."""


def load(data: bytes, origin: Origin) -> Iterator[Loaded]:
    """Read one article: the sheets that are shown, in their order, with the values of formulas as they were saved.

    :raises LoadError: if the file is no workbook, is damaged or encrypted, or is empty.
    """
    if not data.startswith((_COMPOUND_FILE, *_OLDEST)):
        yield from _export(data, origin)
        return
    book = _opened(data)
    notes = hidden(sum(sheet.visibility != _SHOWN for sheet in book.sheets()), book.nsheets)
    found: list[Part] = []
    for sheet in book.sheets():
        if sheet.visibility == _SHOWN:
            rows = list(_rows(book, sheet))
            notes += too_long(sheet.name, len(rows))
            found += sheet_parts(written_name(sheet.name), iter(rows))
    metadata = _metadata(data)
    title = metadata.title or fallback_title(origin, "")
    article = document_article(found, title, metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the workbook is empty: write the table into it or remove it")
    yield article
    yield from map(Note, notes)


def _export(data: bytes, origin: Origin) -> Iterator[Loaded]:
    """What programs write under the name of a workbook: a newer one, a page or a table of text."""
    start = data.lstrip()
    if data.startswith(b"PK\x03\x04"):
        yield from xlsx.load(data, origin)
    elif start.startswith(b"<"):
        tree = parse_html(decode(data, origin.charset))
        found = list(parts(tree)) if tree is not None else []
        article = document_article(found, fallback_title(origin, ""), Metadata(), origin, html.MEDIA_TYPES[0])
        if article is None:
            raise LoadError("the page that is called a workbook is empty: save it anew")
        yield article
    elif _SEPARATED.match(start):
        yield from csv.load(data, origin)
    else:
        raise LoadError("the file is no workbook: give it the ending of what it is, or save it anew")


def _opened(data: bytes) -> Any:
    try:
        import xlrd  # here because only these need it, and it may not be installed
        from xlrd.compdoc import CompDocError
    except ImportError as error:
        raise missing_package("Excel workbooks of before 2007", error) from error
    try:
        return xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except (xlrd.XLRDError, CompDocError, *_FAILURES) as error:
        if "encrypted" in str(error):
            raise LoadError("the workbook is encrypted: save it without a password") from None
        raise LoadError(f"the workbook is damaged ({error}): get it again or save it anew") from None


def _rows(book: Any, sheet: Any) -> Iterator[tuple[int, Cells]]:
    for number in range(sheet.nrows):
        cells = [(column, _value(book, cell)) for column, cell in enumerate(sheet.row(number))]
        if row := filled(cells):
            yield number + 1, row


def _value(book: Any, cell: Any) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "yes" if cell.value else "no"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, ""))
    if cell.ctype not in {xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE}:
        return str(cell.value)
    form = book.xf_list[cell.xf_index].format_key
    codes = {form: book.format_map[form].format_str} if form in book.format_map else {}
    return shown(cell.value, code_of(form, codes), book.datemode == 1)


def _metadata(data: bytes) -> Metadata:
    """What the summary of a compound file says."""
    try:
        import olefile
    except ImportError as error:
        raise missing_package("Excel workbooks of before 2007", error) from error
    if not data.startswith(_COMPOUND_FILE):
        return Metadata()
    try:
        with olefile.OleFileIO(data) as opened:
            summary = opened.get_metadata()
    except (OSError, *_FAILURES):
        return Metadata()
    codepage = f"cp{summary.codepage}" if (summary.codepage or 0) > 0 else "utf-8"

    def text(value: Any) -> str:
        try:
            return value.decode(codepage, "replace") if isinstance(value, bytes) else ""
        except LookupError:
            return ""

    return read_metadata(
        {
            "title": named_by_a_person(text(summary.title)),
            "authors": text(summary.author),
            "published": stamped_day(summary.create_time.isoformat() if summary.create_time else None),
            "tags": text(summary.keywords).replace(";", ","),
        }
    )
