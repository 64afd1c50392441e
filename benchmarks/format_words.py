"""What the words of a document are, for ``benchmarks.formats``: told by test suites, by markup, by several readers."""

import re
import statistics
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from lxml import etree

_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
"""Words; of scripts that have no spaces between them, each character is one."""
_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})[-\u00ad\u2010\u0002\ufffe](?:[^\S\n]*\n\s*)?(?=[^\W\d_]{2})")
"""Between syllables, with the end of the line behind it; between single letters it is a minus."""

_NATIVE = re.compile(
    r"\b(?:Str|Math\s+\w+|Code(?:Block)?\s*\(\s*\"[^\"]*\"\s*,\s*\[[^\]]*\]\s*,\s*\[[^\]]*\]\s*\))\s*"
    r"\"((?:[^\"\\]|\\.)*)\"|\b[A-Z]\w+\b|\(\s*\[\s*(?=[A-Z])"
)
"""In what pandoc prints of a document: a string of words, or the name of what divides them, or a term of a list."""
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[{}\[\]]")
_BESIDE_TEXT = re.compile(
    r"\b(?:Strikeout\s*|Image\s*\(\s*\"[^\"]*\"\s*,\s*\[[^\]]*\]\s*,\s*\[(?:[^\]\"]|\"(?:[^\"\\]|\\.)*\")*\]\s*\)\s*)(?=\[)"
)
"""Behind it the description of a picture, or words that are struck out, stand in brackets."""
_COMMAND = re.compile(r"\\(?:begin|end|[mh]space)\s*\{[^}]*\}|\\[A-Za-z]+")
"""Of TeX, in a formula: no words of the document."""
_JOINS = {"Emph", "Strong", "Span", "Superscript", "Subscript", "SmallCaps", "Strikeout", "Underline", "Link", "Quoted"}
_FEET = etree.XPath("./*/*/*[local-name() = 'ph'][@type = 'ftr' or @type = 'dt' or @type = 'sldNum']")
"""Of a shape of a slide: its place in the foot."""
_CAPTIONS = etree.XPath("//figcaption | //*[contains(@class, 'caption')]")
_EXCEL_BEGINS = date(1899, 12, 30)
_DAYS = {*range(14, 23), *range(45, 48)}
"""Formats of Excel for days and times: ECMA-376, 18.8.30."""
_NOT_A_CODE = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|General", re.IGNORECASE)
_EDGE = 3
"""Lines at the beginning and at the end of a page among which running titles stand."""
_OFTEN = 0.1
"""The share of the pages from which on a line on them is a running title wherever it stands, on three at least."""
_MOST_TIMES = 100
"""How often a cell that is stored once for several is counted."""


class Reference(NamedTuple):
    """The words of a document, and those that it shows beside them: a reader may take or leave them."""

    words: str
    optional: str = ""


def words(text: str) -> list[str]:
    """Letters and digits, in one form (NFKC, lower case); a hyphen between letters counts as nothing."""
    return _WORD.findall(_HYPHEN.sub("", unicodedata.normalize("NFKC", text).lower()))


def native_words(native: str) -> Reference:
    """The words of a document as pandoc prints it; metadata, pictures and what is struck out are optional."""
    body = _behind_metadata(native)
    optional = [native[:body]]
    rest = []
    for match in _BESIDE_TEXT.finditer(native, body):
        end = _closing(native, match.end())
        rest.append(native[body : match.start()])
        optional.append(native[match.end() : end])
        body = max(body, end)
    return Reference(_strings("".join([*rest, native[body:]])), _strings(" Image ".join(optional)))


def _strings(native: str) -> str:
    return "".join(
        (_COMMAND.sub(" ", _unescaped(match[1])) if match[0].startswith("Math") else _unescaped(match[1]))
        if match[1] is not None
        else ""
        if match[0] in _JOINS
        else " "
        for match in _NATIVE.finditer(native)
    )


def _behind_metadata(native: str) -> int:
    """Where the blocks of a document begin: behind the braces of ``Meta``."""
    opening = native.find("{") if native.lstrip().startswith("Pandoc") else -1
    return _closing(native, opening) if opening >= 0 else 0


def _closing(native: str, at: int) -> int:
    """Behind the bracket that closes the first one from ``at`` on."""
    depth = 0
    for match in _STRING.finditer(native, at):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match[0], 0)
        if not depth and match[0] in "}]":
            return match.end()
    return len(native)


def _unescaped(text: str) -> str:
    text = text.replace("\\\\", "\0")
    text = re.sub(r"\\(\d{1,6})(?:\\&)?", lambda match: chr(int(match[1])), text)
    return text.replace("\\&", "").replace("\\n", "\n").replace('\\"', '"').replace("\0", "\\")


_PARTS = {
    "docx": (r"word/(?:document|footnotes|endnotes)\d?\.xml", "t", {"del", "moveFrom", "Fallback"}, "p"),
    "pptx": (r"ppt/slides/slide\d+\.xml", "t", set[str](), "p"),
    "odt": (r"content\.xml", "", {"tracked-changes", "annotation", "note-citation", "table-of-content"}, "p"),
    "ods": (r"content\.xml", "", {"tracked-changes", "annotation"}, "p"),
    "xlsx": (r"xl/(?:worksheets/\w+|sharedStrings)\.xml", "t", {"rPh"}, "si"),
}
"""For each format: its parts, the elements that hold text (none: all), those left out, and those around paragraphs."""
_CHART = "/*[local-name() = 'chartSpace']//*[local-name() = 'v' or local-name() = 't']/text()"
_BESIDE = {
    "docx": (
        r"word/(?:comments|document|charts/chart\d+)\.xml",
        f".//w:comment//w:t/text() | .//w:comment/@w:author | .//@descr | {_CHART}",
    ),
    "odt": (r"content\.xml", ".//*[local-name() = 'annotation' or local-name() = 'table-of-content']//text()"),
    "ods": (r"content\.xml", ".//*[local-name() = 'table']/@*[local-name() = 'name']"),
    "xlsx": (r"xl/workbook\.xml", ".//*[local-name() = 'sheet']/@name"),
    "pptx": (
        r"ppt/(?:slides/slide|charts/chart|notesSlides/notesSlide)\d+\.xml",
        f".//@descr | {_CHART} | /*[local-name() = 'notes']//*[local-name() = 't']/text()",
    ),
}
"""What a document shows beside its text: comments, pictures, charts, notes of speakers, contents, names of sheets."""
_WORD_NAMES = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}


def office_words(path: Path) -> Reference | None:
    """The text in the elements for text of a document's parts; None where it can't be told so simply."""
    ending = path.suffix[1:]
    if ending not in _PARTS or not zipfile.is_zipfile(path):
        return None
    pattern, tag, without, block = _PARTS[ending]
    try:
        with zipfile.ZipFile(path) as package:
            days = set(_styles_of_days(package)) if ending == "xlsx" else set()
            found = " ".join(_texts(root, tag, without, block, days) for root in _roots(package, pattern))
        return Reference(found, beside(path))
    except etree.XMLSyntaxError:
        return None


def beside(path: Path) -> str:
    """What an Office document shows beside its text, and what it stores once for several cells."""
    pattern, places = _BESIDE.get(path.suffix[1:], ("", ""))
    if not pattern or not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as package:
        roots = list(_roots(package, pattern, etree.XMLParser(recover=True)))
    texts = [root.xpath(places, namespaces=_WORD_NAMES) for root in roots]
    again = [text for root in roots for text in _repeated(root)]
    return " ".join(map(str, chain(*texts, again)))


def _roots(package: zipfile.ZipFile, pattern: str, parser: etree.XMLParser | None = None) -> Iterator[etree._Element]:
    names = (name for name in package.namelist() if re.fullmatch(pattern, name))
    for name in sorted(names, key=lambda name: (len(name), name)):
        if (root := etree.fromstring(package.read(name), parser)) is not None:
            yield root


def _repeated(root: etree._Element) -> Iterator[str]:
    """The texts of cells that stand for several, as often as they are not stored."""
    for cell in root.iter("{*}table-cell"):
        row = cell.getparent()
        times = _times(cell, "columns") * (_times(row, "rows") if row is not None else 1)
        yield from [" ".join(map(str, cell.itertext()))] * (min(times, _MOST_TIMES) - 1)


def _times(element: etree._Element, what: str) -> int:
    return int(next(iter(element.xpath(f"@*[local-name() = 'number-{what}-repeated']")), 1))


def _styles_of_days(package: zipfile.ZipFile) -> Iterator[str]:
    """The numbers of the styles in which Excel shows a number as a day."""
    for root in _roots(package, r"xl/styles\.xml"):
        codes = {node.get("numFmtId"): node.get("formatCode") or "" for node in root.iter("{*}numFmt")}
        own = {name for name, code in codes.items() if re.search("[ymdhs]", _NOT_A_CODE.sub("", code), re.IGNORECASE)}
        formats = [node.get("numFmtId") for node in root.iterfind("{*}cellXfs/{*}xf")]
        yield from (str(at) for at, name in enumerate(formats) if name in own or int(name or 0) in _DAYS)


def _texts(root: etree._Element, tag: str, without: set[str], block: str, days: set[str]) -> str:
    """The text of the elements called ``tag``, or of all; without what is in others, and apart by ``block``."""
    found: list[str] = []
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        is_left_out = name in without or (name == "sp" and bool(_FEET(element)))
        depth += is_left_out if event == "start" else 0
        is_value = name == "v" and tag == "t" and _kind_of_cell(element) not in {"s", "b", "e"}
        if name == block and event == "start":
            found.append(" ")
        if not depth and event == "start" and (name == tag or not tag or is_value):
            found.append(_shown(element, days) if is_value else element.text or "")
        depth -= is_left_out if event == "end" else 0
        if name in {block, "c", "h", "tab", "br", "s"} and event == "end":
            found.append(" ")
        if not depth and not tag and event == "end":
            found.append(element.tail or "")
    return "".join(found)


def _shown(value: etree._Element, days: set[str]) -> str:
    """A value as Excel shows it: with 15 digits at most, and as a day where its style says so."""
    text = value.text or ""
    cell = value.getparent()
    try:
        if cell is not None and cell.get("s") in days:
            return str(_EXCEL_BEGINS + timedelta(days=int(text)))
        return text if len(text) < 16 else f"{float(text):.15g}"
    except (ValueError, OverflowError):
        return text


def _kind_of_cell(element: etree._Element) -> str:
    """What Excel says the value of a cell is: ``s`` is the number of a text."""
    cell = element.getparent()
    return (cell.get("t") or "") if cell is not None else ""


def page_captions(data: bytes) -> str:
    """The captions of a page."""
    tree = etree.fromstring(data, etree.HTMLParser(encoding="utf-8"))
    return " ".join(" ".join(map(str, found.itertext())) for found in _CAPTIONS(tree)) if tree is not None else ""


def page_headings(data: bytes, title: str) -> list[str]:
    """The headings of the highest level of a page that have a third of their words or more in common with its title."""
    tree = etree.fromstring(data, etree.HTMLParser(encoding="utf-8"))
    headings = [" ".join(map(str, found.itertext())) for found in tree.iter("h1")] if tree is not None else []
    wanted = set(words(title))
    return [" ".join(text.split()) for text in headings if 3 * len(wanted & set(words(text))) >= len(wanted)]


def agreed_words(texts: Sequence[str], pages: Sequence[str]) -> Reference:
    """Words in the order of the first reader that has them, each as often as the middle one of the readers has it.

    :param pages: the texts of the pages by one of them: page numbers are optional, and running titles but once.
    """
    counts = [Counter(words(text)) for text in texts]
    left = Counter({word: int(statistics.median(found[word] for found in counts)) for word in set().union(*counts)})
    beside_text = Counter(word for line in _furniture(pages) for word in words(line)) & left
    left -= beside_text
    agreed = []
    for word in chain.from_iterable(map(words, texts)):
        if left[word] > 0:
            left[word] -= 1
            agreed.append(word)
    return Reference(" ".join(agreed), " ".join(beside_text.elements()))


def _furniture(pages: Sequence[str]) -> Iterator[str]:
    """Lines that stood on a page before, but for numbers, and at the edge of a page those that are but a number."""
    lines = [[line.strip() for line in page.splitlines() if line.strip()] for page in pages]
    forms = [[re.sub(r"[\W\d_]", "", line) for line in page] for page in lines]
    often = Counter(chain.from_iterable(map(set, forms)))
    seen: set[str] = set()
    for page, page_forms in zip(lines, forms, strict=True):
        for at, (line, form) in enumerate(zip(page, page_forms, strict=True)):
            is_edge = at < _EDGE or at >= len(page) - _EDGE
            is_running = is_edge or often[form] >= max(3, _OFTEN * len(pages))
            if (is_running and form in seen) or (is_edge and not form and re.search(r"\d", line)):
                yield line
        seen.update(filter(None, page_forms))
