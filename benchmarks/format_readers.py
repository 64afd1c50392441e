"""Reads documents with one library, in a process of its own: ``python format_readers.py READER < PATHS``.

It is run by ``benchmarks.formats`` with the Python that has the library, so it imports nothing of this project at the
top. A line of JSON for each path, with its text, title and seconds or its error, then one with the peak memory.
"""

import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Read = tuple[str, str]
"""Text and title."""


def pullquote(path: Path) -> Read:
    """The texts of all articles, and the first title."""
    from index.article import Article, searchable
    from index.formats.registry import load
    from index.parsing.types import LoadError, Origin

    found = load(path.read_bytes(), Origin(path.name, path.name))
    articles = [item for item in found if isinstance(item, Article)]
    if not articles:
        raise next(item for item in found if isinstance(item, LoadError))
    return "\n\n".join(searchable(article.text) for article in articles), articles[0].title


def python_docx(path: Path) -> Read:
    import docx

    document = docx.Document(str(path))
    texts = [paragraph.text for paragraph in document.paragraphs]
    texts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(texts), document.core_properties.title


def docx2txt(path: Path) -> Read:
    import docx2txt as library

    return library.process(str(path)), ""


def docx2python(path: Path) -> Read:
    from docx2python import docx2python as library

    with library(path) as found:
        return found.text, found.core_properties.get("title") or ""


def mammoth(path: Path) -> Read:
    import mammoth as library

    return library.extract_raw_text(io.BytesIO(path.read_bytes())).value, ""


def markitdown(path: Path) -> Read:
    from markitdown import MarkItDown

    found = _once("markitdown", MarkItDown).convert(str(path))
    return found.text_content, found.title or ""


def odfpy(path: Path) -> Read:
    from odf import opendocument, teletype

    return teletype.extractText(opendocument.load(str(path)).body), ""


def ebooklib(path: Path) -> Read:
    import ebooklib as library
    from bs4 import BeautifulSoup
    from ebooklib import epub

    book = epub.read_epub(str(path))
    items = [book.get_item_with_id(name) for name, _ in book.spine]
    pages = [item.get_content() for item in items if item and item.get_type() == library.ITEM_DOCUMENT]
    return "\n".join(BeautifulSoup(page, "lxml").get_text(" ") for page in pages), book.title


def striprtf(path: Path) -> Read:
    import striprtf.striprtf as library

    convert: Any = library.rtf_to_text
    return convert(path.read_text("latin-1")), ""


def python_pptx(path: Path) -> Read:
    import pptx

    deck = pptx.Presentation(str(path))
    texts = []
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                texts.append(shape.text_frame.text)
            if shape.has_table:
                texts += [cell.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(texts), deck.core_properties.title


def python_calamine(path: Path) -> Read:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return "\n".join(str(cell) for rows in sheets for row in rows for cell in row if cell != ""), ""


def openpyxl(path: Path) -> Read:
    import openpyxl as library

    book = library.load_workbook(path, read_only=True, data_only=True)
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    return "\n".join(map(str, cells)), ""


def pypdf(path: Path) -> Read:
    from pypdf import PdfReader

    reader = PdfReader(path)
    title = (reader.metadata or {}).get("/Title") or ""
    return "\f".join(page.extract_text() for page in reader.pages), str(title)


def pdfminer(path: Path) -> Read:
    from pdfminer.high_level import extract_text

    return extract_text(str(path)), ""


def pdfplumber(path: Path) -> Read:
    import pdfplumber as library

    with library.open(path) as document:
        texts = [page.extract_text() or "" for page in document.pages]
        return "\n".join(texts), str(document.metadata.get("Title") or "")


def pypdfium2(path: Path) -> Read:
    import pypdfium2 as library

    document = library.PdfDocument(path)
    return "\f".join(page.get_textpage().get_text_range() for page in document), document.get_metadata_dict()["Title"]


def trafilatura(path: Path) -> Read:
    import trafilatura as library

    found: Any = library.bare_extraction(path.read_bytes(), include_comments=False, with_metadata=True)
    return (found.text or "", found.title or "") if found else ("", "")


def readability_lxml(path: Path) -> Read:
    from lxml import html
    from readability import Document

    document = Document(path.read_text("utf-8"))
    return html.fromstring(document.summary()).text_content(), document.short_title()


def justext(path: Path) -> Read:
    import justext as library

    found = library.justext(path.read_bytes(), library.get_stoplist("English"))
    return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate), ""


def boilerpy3(path: Path) -> Read:
    from boilerpy3 import extractors

    found = extractors.ArticleExtractor().get_doc(path.read_text("utf-8"))
    return found.content, found.title or ""


def resiliparse(path: Path) -> Read:
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(path.read_text("utf-8"), main_content=True), ""


READERS: dict[str, Callable[[Path], Read]] = {
    function.__name__: function
    for function in (
        *(pullquote, python_docx, docx2txt, docx2python, mammoth, markitdown, odfpy, ebooklib, striprtf, python_pptx),
        *(python_calamine, openpyxl, pypdf, pdfminer, pdfplumber, pypdfium2, trafilatura, readability_lxml, justext),
        *(boilerpy3, resiliparse),
    )
}
_MADE: dict[str, Any] = {}


def _once(name: str, make: Callable[[], Any]) -> Any:
    if name not in _MADE:
        _MADE[name] = make()
    return _MADE[name]


def _results(reader: Callable[[Path], Read], paths: list[Path]) -> Iterator[dict[str, object]]:
    for number, path in enumerate([paths[0], *paths]):
        began = time.process_time()
        try:
            text, title = reader(path)
            result: dict[str, object] = {"text": text, "title": title or ""}
        except Exception as error:  # whatever a library raises is what it makes of the file
            result = {"error": f"{type(error).__name__}: {error}"[:200]}
        if number:  # the first reading also imports
            yield {"path": str(path), "seconds": time.process_time() - began, **result}


def main() -> None:
    """Read the paths on standard input."""
    paths = [Path(line) for line in sys.stdin.read().splitlines()]
    out, sys.stdout = sys.stdout, sys.stderr
    for result in _results(READERS[sys.argv[1]], paths):
        print(json.dumps(result), file=out)
    print(json.dumps({"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), file=out)


if __name__ == "__main__":
    main()
