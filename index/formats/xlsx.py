"""Excel workbooks: every sheet is a table."""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from index.article import Article
from index.parsing.cell_values import GENERAL, code_of, shown
from index.parsing.office_package import Package, local_name, office_metadata, open_package, value
from index.parsing.parts import Part, document_article
from index.parsing.sheets import Cells, filled, hidden, sheet_parts, too_long, written_name
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Note, Origin

SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm")
MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
)

_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


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
        self._counts_from_1904 = properties is not None and value(properties, "date1904") in {"1", "true"}
        self.notes: list[str] = []

    def parts(self) -> Iterator[Part]:
        sheets = list(self._package.document.iterfind("{*}sheets/{*}sheet"))
        visible = [sheet for sheet in sheets if value(sheet, "state") in {"", "visible"}]
        self.notes += hidden(len(sheets) - len(visible), len(sheets))
        for sheet in visible:
            name = value(sheet, "name")
            found = self._package.part(self._package.main, value(sheet, "id"))
            if found and local_name(found[1]) == "worksheet":
                rows = list(self._rows(found[1]))
                self.notes += too_long(name, len(rows))
                yield from sheet_parts(written_name(name), iter(rows))

    def _rows(self, sheet: etree._Element) -> Iterator[tuple[int, Cells]]:
        merged = dict(_merged(sheet))
        above: dict[int, tuple[int, str]] = {}
        number = 0
        for row in sheet.iterfind("{*}sheetData/{*}row"):
            given = value(row, "r")
            number = int(given) if given.isdecimal() and len(given) < 9 else number + 1
            texts = {column: text for column, text in self._cells(row) if text.strip()}
            above |= {at: (merged[number, at], text) for at, text in texts.items() if (number, at) in merged}
            texts = {at: text for at, (last, text) in above.items() if number <= last} | texts if texts else texts
            if cells := filled(sorted(texts.items())):
                yield number, cells

    def _cells(self, row: etree._Element) -> Iterator[tuple[int, str]]:
        column = -1
        for cell in row.iterfind("{*}c"):
            place = _PLACE.fullmatch(value(cell, "r"))
            column = _column(place[1]) if place else column + 1
            yield column, self._value(cell)

    def _value(self, cell: etree._Element) -> str:
        cell_type = value(cell, "t")
        if cell_type == "inlineStr":
            return "".join(_text(item) for item in cell.iterfind("{*}is"))
        text = next((node.text or "" for node in cell.iterfind("{*}v")), "")
        if cell_type == "s":
            at = int(text) if text.isdecimal() and len(text) < 9 else len(self._strings)
            return self._strings[at] if at < len(self._strings) else ""
        if cell_type == "b":
            return "yes" if text == "1" else "no"
        if cell_type in {"str", "e", "d"}:
            return text.partition("T")[0] if cell_type == "d" and text.endswith("T00:00:00") else text
        style = value(cell, "s")
        at = int(style) if style.isdecimal() and len(style) < 6 else -1
        try:
            number = float(text)
        except ValueError:
            return text
        return shown(number, self._formats[at] if 0 <= at < len(self._formats) else GENERAL, self._counts_from_1904)


def _merged(sheet: etree._Element) -> Iterator[tuple[tuple[int, int], int]]:
    """The row and column of each cell that spans rows, and the last row that it spans."""
    for node in sheet.iterfind("{*}mergeCells/{*}mergeCell"):
        first, _, last = value(node, "ref").partition(":")
        top, bottom = _PLACE.fullmatch(first), _PLACE.fullmatch(last)
        if top and bottom and top[2] != bottom[2]:
            yield (int(top[2]), _column(top[1])), int(bottom[2])


def _text(item: etree._Element) -> str:
    """The text of a string, without its readings (``rPh``)."""
    return "".join(node.text or "" for node in item.iter("{*}t") if local_name(node.getparent()) != "rPh")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _formats(styles: etree._Element | None) -> Sequence[str]:
    """The code of the format of each style of cells."""
    if styles is None:
        return ()
    found = styles.iterfind("{*}numFmts/{*}numFmt")
    codes = {_number(value(node, "numFmtId")): value(node, "formatCode") for node in found}
    return [code_of(_number(value(node, "numFmtId")), codes) for node in styles.iterfind("{*}cellXfs/{*}xf")]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
