"""Rich Text Format, which most text processors write."""

import re
from collections.abc import Iterator
from typing import Any

from index.article import Article
from index.parsing.metadata import Metadata, read_metadata
from index.parsing.parts import Part, document_article, one_line
from index.parsing.tables import Row, table_parts
from index.parsing.titles import named_by_a_person
from index.parsing.types import LoadError, Origin, missing_package

SUFFIXES = (".rtf",)
MEDIA_TYPES = ("application/rtf", "text/rtf")

_LARGEST = 50_000_000
"""Bytes."""
_INFO = re.compile(r"\{\\(title|author|keywords)\s([^{}\\]{1,300})\}")


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its paragraphs, and tables by their rows.

    :raises LoadError: if the file is no RTF, is too large, or has no text.
    """
    try:
        from striprtf import striprtf  # here because it may not be installed
    except ImportError as error:
        raise missing_package("RTF documents", error) from error
    if not data.lstrip().startswith(b"{\\rtf"):
        raise LoadError("the file is no RTF document: give it the ending of what it is")
    if len(data) > _LARGEST:
        raise LoadError(f"the RTF document is larger than {_LARGEST // 1_000_000} MB: take out pictures or split it")
    source = data.decode("latin-1")
    convert: Any = striprtf.rtf_to_text
    try:
        text = str(convert(source, errors="replace"))
    except Exception as error:  # documents are hostile: whatever breaks must not stop the other files
        raise LoadError(f"the RTF document is damaged ({type(error).__name__}): save it anew") from error
    metadata = _metadata(source)
    article = document_article(list(_parts(text)), metadata.title, metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the document has no text: write the article into it or remove it")
    yield article


def _metadata(source: str) -> Metadata:
    found = {match[1]: match[2] for match in _INFO.finditer(source, 0, 100_000)}
    return read_metadata(
        {"title": named_by_a_person(found.get("title")), "authors": found.get("author"), "tags": found.get("keywords")}
    )


def _parts(text: str) -> Iterator[Part]:
    rows: list[Row] = []
    for line in text.split("\n"):
        if line.count("|") > 1 and line.rstrip().endswith("|"):
            rows.append(Row(line.rstrip()[:-1].split("|")))
            continue
        yield from table_parts(rows)
        rows = []
        if words := one_line(line):
            yield Part(words)
    yield from table_parts(rows)
