"""Word documents: paragraphs, headings by their styles, lists and tables."""

import io
import re
from collections.abc import Iterator
from typing import Any

from index.article import Article
from index.parsing.metadata import Metadata, read_metadata
from index.parsing.parts import Part, document_article, one_line
from index.parsing.types import LoadError, Origin, missing_package
from index.parsing.zipped_xml import open_archive, read_member, refuse_entities

SUFFIXES = (".docx",)
MEDIA_TYPES = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading [1-9]|subtitle", re.IGNORECASE)
_SPACES = {f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}ptab"}
_NOT_READ = {f"{_W}del", f"{_W}moveFrom", f"{_W}txbxContent", f"{_W}instrText", f"{_W}pPr", f"{_W}rPr"}
_LONGEST_HEADING = 300


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its text is in NFC, with changes that were tracked as if they were accepted.

    :raises LoadError: if the file is no Word document, is damaged or encrypted, unpacks to too much, or has no text.
    """
    document = _open(data)
    metadata = _metadata(document.core_properties)
    styled = list(_parts(document))
    title = metadata.title or next((part.text for style, part in styled if style == "title"), None)
    article = document_article([part for _, part in styled], title, metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the document has no text: write the article into it or remove it")
    yield article


def _open(data: bytes) -> Any:
    with open_archive(data, "Word document") as archive:
        for member in archive.namelist():
            if member.endswith((".xml", ".rels")):
                refuse_entities(read_member(archive, member))
    try:
        import docx  # here because only Word documents need it, and it may not be installed
    except ImportError as error:
        raise missing_package("Word documents", error) from error
    try:
        return docx.Document(io.BytesIO(data))
    except Exception as error:  # python-docx tells damage by whatever it stumbles on
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise LoadError(f"the file is no Word document or is damaged ({reason}): save it anew") from None


def _metadata(core: Any) -> Metadata:
    return read_metadata(
        {
            "title": core.title,
            "authors": core.author if core.author != "python-docx" else None,
            "published": core.created or core.modified,
            "language": core.language,
            "tags": core.keywords.replace(";", ","),
        }
    )


def _parts(document: Any) -> Iterator[tuple[str, Part]]:
    """The style and the part of each paragraph and table row, in order."""
    for item in document.iter_inner_content():
        if hasattr(item, "rows"):
            yield from (("table", Part(text)) for row in item.rows if (text := _row(row)))
            continue
        style = (item.style.name if item.style is not None else "").lower()
        text = one_line("".join(_words(item._p)))
        if text:
            is_heading = _HEADING.fullmatch(style) is not None and len(text) <= _LONGEST_HEADING
            yield style, Part(text, "aside" if style == "title" else "heading" if is_heading else "paragraph")


def _row(row: Any) -> str:
    """The cells of a row; a cell that spans columns or rows once."""
    cells = list(dict.fromkeys(cell._tc for cell in row.cells))
    texts = (one_line(" ".join("".join(_words(paragraph)) for paragraph in cell.iter(f"{_W}p"))) for cell in cells)
    return " | ".join(filter(None, texts))


def _words(element: Any) -> Iterator[str]:
    """The words of a paragraph as a reader sees them: inserted ones too, deleted ones not."""
    for child in element:
        if child.tag in _NOT_READ:
            continue
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _SPACES:
            yield " "
        elif child.tag == f"{_W}noBreakHyphen":
            yield "-"
        else:
            yield from _words(child)
