"""Excel workbooks: every sheet is a table."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from lxml import etree

from index.article import Article
from index.parsing.office_package import Package, local_name, office_metadata, open_package, value
from index.parsing.parts import Part, document_article
from index.parsing.sheets import Cells, filled, sheet_parts
from index.parsing.tables import MOST_ROWS
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Note, Origin

SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm")
MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
)

_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Numbers of the formats of dates and times that every workbook has: ISO/IEC 29500-1, 18.8.30."""
_DATE_SIGNS = re.compile(r"[ymdhs]", re.IGNORECASE)
_NOT_SIGNS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_PERCENT_FORMATS = {9, 10}
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_DAY_ZERO, _DAY_ZERO_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST_DAY = 2_958_465
"""The last of December 9999, in days."""
_DEFAULT_NAME = re.compile(r"\D{1,12}\s?\d{1,3}")
"""A name that a program gave: Sheet1, Tabelle1, Feuil1."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: the sheets that are shown, in their order, with the values of formulas as they were saved.

    :raises LoadError: if the file is no workbook, is damaged or encrypted, unpacks to too much, or is empty.
    """
    package = open_package(data, "Excel workbook", "workbook")
    workbook = _Workbook(package)
    metadata = office_metadata(package)
    title = metadata.title or fallback_title(origin, "")
    article = document_article(list(workbook.parts()), title, metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the workbook is empty: write the table into it or remove it")
    yield article
    yield from map(Note, workbook.notes)


class _Workbook:
    def __init__(self, package: Package) -> None:
        self._package = package
        self._strings = [_text(item) for root in package.related("sharedStrings") for item in root]
        self._formats = _formats(next(package.related("styles"), None))
        properties = next(package.document.iterfind("{*}workbookPr"), None)
        is_1904 = properties is not None and value(properties, "date1904") in {"1", "true"}
        self._day_zero = _DAY_ZERO_1904 if is_1904 else _DAY_ZERO
        self.notes: list[str] = []

    def parts(self) -> Iterator[Part]:
        sheets = list(self._package.document.iterfind("{*}sheets/{*}sheet"))
        shown = [sheet for sheet in sheets if value(sheet, "state") in {"", "visible"}]
        if len(shown) < len(sheets):
            self.notes.append(f"hidden sheets are left out ({len(sheets) - len(shown)} of {len(sheets)})")
        for sheet in shown:
            name = value(sheet, "name")
            found = self._package.part(self._package.main, value(sheet, "id"))
            if found and local_name(found[1]) == "worksheet":
                rows = list(self._rows(found[1]))
                if len(rows) > MOST_ROWS:
                    self.notes.append(f"sheet {name!r}: {MOST_ROWS:,} of {len(rows):,} rows are read, divide it")
                yield from sheet_parts(None if _DEFAULT_NAME.fullmatch(name) else name, iter(rows))

    def _rows(self, sheet: etree._Element) -> Iterator[tuple[int, Cells]]:
        number = 0
        for row in sheet.iterfind("{*}sheetData/{*}row"):
            given = value(row, "r")
            number = int(given) if given.isdecimal() and len(given) < 9 else number + 1
            if cells := filled(list(self._cells(row))):
                yield number, cells

    def _cells(self, row: etree._Element) -> Iterator[tuple[int, str]]:
        column = -1
        for cell in row.iterfind("{*}c"):
            place = _PLACE.fullmatch(value(cell, "r"))
            column = _column(place[1]) if place else column + 1
            yield column, self._value(cell)

    def _value(self, cell: etree._Element) -> str:
        kind = value(cell, "t")
        if kind == "inlineStr":
            return "".join(_text(item) for item in cell.iterfind("{*}is"))
        text = next((node.text or "" for node in cell.iterfind("{*}v")), "")
        if kind == "s":
            at = int(text) if text.isdecimal() and len(text) < 9 else len(self._strings)
            return self._strings[at] if at < len(self._strings) else ""
        if kind == "b":
            return "yes" if text == "1" else "no"
        if kind in {"str", "e", "d"}:
            return text.partition("T")[0] if kind == "d" and text.endswith("T00:00:00") else text
        style = value(cell, "s")
        at = int(style) if style.isdecimal() and len(style) < 6 else -1
        return self._number(text, self._formats[at] if 0 <= at < len(self._formats) else "")

    def _number(self, text: str, kind: str) -> str:
        """A number as it is shown: a day, a share, or rid of what floating point adds."""
        try:
            number = float(text)
        except ValueError:
            return text
        if kind == "date" and 0 <= number <= _LAST_DAY:
            moment = self._day_zero + timedelta(days=number)
            moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
            if number < 1:
                return moment.strftime("%H:%M")
            return moment.date().isoformat() if number == int(number) else moment.strftime("%Y-%m-%d %H:%M")
        return f"{number * 100:.12g}%" if kind == "percent" else f"{number:.15g}"


def _text(item: etree._Element) -> str:
    """The text of a string, without its readings (``rPh``)."""
    return "".join(node.text or "" for node in item.iter("{*}t") if local_name(node.getparent()) != "rPh")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _formats(styles: etree._Element | None) -> Sequence[str]:
    """What each style of cells shows: ``date``, ``percent`` or nothing of these."""
    if styles is None:
        return ()
    codes = {value(node, "numFmtId"): value(node, "formatCode") for node in styles.iterfind("{*}numFmts/{*}numFmt")}
    return [_kind(value(node, "numFmtId"), codes) for node in styles.iterfind("{*}cellXfs/{*}xf")]


def _kind(number: str, codes: dict[str, str]) -> str:
    if number in codes:
        signs = _NOT_SIGNS.sub("", codes[number])
        return "percent" if "%" in signs else "date" if _DATE_SIGNS.search(signs) and "0" not in signs[:1] else ""
    known = int(number) if number.isdecimal() and len(number) < 5 else -1
    return "percent" if known in _PERCENT_FORMATS else "date" if known in _DATE_FORMATS else ""
