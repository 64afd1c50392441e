"""Rich Text Format, which most text processors write."""

import re
from collections.abc import Iterator
from typing import Any

from index.article import Article
from index.parsing.metadata import Metadata, read_metadata
from index.parsing.parts import Part, document_article, one_line
from index.parsing.rtf_groups import HEADING, arranged
from index.parsing.tables import Row, table_parts
from index.parsing.titles import named_by_a_person
from index.parsing.types import LoadError, Note, Origin, missing_package

SUFFIXES = (".rtf",)
MEDIA_TYPES = ("application/rtf", "text/rtf")

_BEGINS = re.compile(rb"\s*+\{\s*+\\(?:rtf|pard|plain|trowd)")
_TITLE = re.compile(r".{0,98}[^.:,;]", re.DOTALL)
_LONGEST_HEADING = 300
_LARGEST = 50_000_000
"""Bytes."""
_INFO = re.compile(r"\{\\(title|author|keywords)\s([^{}]{1,500})\}")
_CREATED = re.compile(r"\{\\creatim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_CHARSET = re.compile(r"\\ansicpg\d{1,5}")
_HEAD = 100_000
"""Code points in which what a file tells of itself is looked for."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: its headings, paragraphs, notes behind them, and tables by their rows.

    :raises LoadError: if the file is no RTF, is too large, or has no text.
    """
    try:
        from striprtf import striprtf  # here because it may not be installed
    except ImportError as error:
        raise missing_package("RTF documents", error) from error
    if not _BEGINS.match(data):
        raise LoadError("the file is no RTF document: give it the ending of what it is")
    if len(data) > _LARGEST:
        raise LoadError(f"the RTF document is larger than {_LARGEST // 1_000_000} MB: take out pictures or split it")
    source = data.decode("latin-1")
    is_whole = data.lstrip().startswith(b"{\\rtf")
    source = source if is_whole else f"{{\\rtf1 {source}}}"
    convert: Any = striprtf.rtf_to_text
    try:
        text = str(convert(arranged(source), errors="replace"))
        metadata = _metadata(source, convert)
    except Exception as error:  # documents are hostile: whatever breaks must not stop the other files
        raise LoadError(f"the RTF document is damaged ({type(error).__name__}): save it anew") from error
    parts = list(_parts(text))
    first = parts[0].text if parts else ""
    is_title = bool(first) and (parts[0].kind == "heading" or _TITLE.fullmatch(first) is not None)
    title = metadata.title or (first if is_title else None)
    article = document_article(parts, title, metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the document has no text: write the article into it or remove it")
    yield article
    if not is_whole:
        yield Note("it is a piece of an RTF document, its beginning is missing: get it again")


def _metadata(source: str, convert: Any) -> Metadata:
    charset = _CHARSET.search(source, 0, _HEAD)
    head = f"{{\\rtf1\\ansi{charset[0] if charset else ''} "
    found = {
        match[1]: one_line(convert(f"{head}{match[2]}}}", errors="replace"))
        for match in _INFO.finditer(source, 0, _HEAD)
    }
    created = _CREATED.search(source, 0, _HEAD)
    return read_metadata(
        {
            "title": named_by_a_person(found.get("title")),
            "authors": found.get("author"),
            "published": "-".join(number.zfill(2) for number in created.groups()) if created else None,
            "tags": found.get("keywords"),
        }
    )


def _parts(text: str) -> Iterator[Part]:
    rows: list[Row] = []
    for line in text.split("\n"):
        if line.count("|") > 1 and line.rstrip().endswith("|"):
            rows.append(Row(line.rstrip()[:-1].split("|")))
            continue
        yield from table_parts(rows)
        rows = []
        if words := one_line(line.replace(HEADING, "")):
            is_heading = HEADING in line and len(words) <= _LONGEST_HEADING
            yield Part(words, "heading" if is_heading else "paragraph")
    yield from table_parts(rows)
