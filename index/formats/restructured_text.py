"""reStructuredText, as Docutils reads it; what Sphinx adds is read for its text."""

import re
from collections.abc import Iterator
from typing import Any

from index.article import Article
from index.parsing.decoding import damage, decode
from index.parsing.list_items import BULLET, as_item
from index.parsing.markup import BLANK_LINE
from index.parsing.metadata import read_metadata
from index.parsing.parts import Part, document_article, one_line
from index.parsing.tables import Row, table_parts
from index.parsing.types import LoadError, Origin, missing_package

SUFFIXES = (".rst", ".rest")
MEDIA_TYPES = ("text/x-rst", "text/prs.fallenstein.rst")

_SETTINGS: dict[str, Any] = {
    "_disable_config": True,
    "file_insertion_enabled": False,  # a document must not bring in files of this machine
    "raw_enabled": False,
    "halt_level": 5,
    "report_level": 5,
    "warning_stream": "",
    "syntax_highlight": "none",
    "smart_quotes": False,
}
_NOT_READ = {"comment", "docinfo", "image", "substitution_definition", "target", "raw", "pending", "meta", "label"}
_DIRECTIVE = re.compile(r"\s*\.\. +([\w:.+-]+)::[ \t]*(.*)")
_OPTION = re.compile(r"\s*:[\w-]+:")
_LISTS = {"toctree", "include", "literalinclude", "image", "figure", "index", "raw", "currentmodule", "highlight"}
"""Directives whose lines are names of files and options."""
_ROLE = re.compile(r":[\w:.+-]{1,60}:`[~!]?([^`<]{1,300}?)(?:\s{0,9}<[^`>]{0,300}>)?`")
_BEFORE_STOP = re.compile(r"(?<!\s)\s++(?=[.,;:!?](?:\s|$))")
_DEEPEST = 4
"""Unknown directives in unknown directives that are read."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: headings, paragraphs, lists, notes, code and tables. Other files that it names are not opened.

    :raises LoadError: if the bytes are not text or there is none in it.
    """
    text = decode(data, origin.charset)
    tree = _tree(text)
    fields = {node.tagname: node.astext() for info in tree if info.tagname == "docinfo" for node in info}
    title = next((one_line(node.astext()) for node in tree if node.tagname in {"title"}), None)
    parts = [part for part in _parts(tree, 0) if part != Part(title or "", "heading")]
    metadata = read_metadata({name: value for name, value in fields.items() if name in {"author", "date"}})
    article = document_article(parts, title or _first_heading(parts), metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the document has no text: write the article into it or remove it")
    yield article
    yield from damage(data, text)


def _tree(text: str) -> Any:
    try:
        from docutils.core import publish_doctree  # here because it is slow to import and may not be installed
    except ImportError as error:
        raise missing_package("reStructuredText", error) from error
    return publish_doctree(text, settings_overrides=_SETTINGS)


def _first_heading(parts: list[Part]) -> str | None:
    return parts[0].text if parts and parts[0].kind == "heading" else None


def _parts(node: Any, depth: int) -> Iterator[Part]:
    name = node.tagname
    if name in _NOT_READ:
        return
    if name == "system_message":
        yield from _unknown(node, depth)
    elif name in {"title", "subtitle", "rubric"}:
        yield from _part(node, "heading")
    elif name == "table":
        yield from _table(node)
    elif name in {"literal_block", "doctest_block", "math_block"}:
        yield from (Part(words) for stanza in BLANK_LINE.split(node.astext()) if (words := one_line(stanza)))
    elif name in {"bullet_list", "enumerated_list"}:
        first = node.get("start", 1)
        for number, item in enumerate(node, first):
            sign = BULLET if name == "bullet_list" else f"{number}."
            yield from as_item((part for child in item for part in _parts(child, depth)), sign)
    elif any(child.tagname == "#text" for child in node) or name in {"paragraph", "term", "line"}:
        yield from _part(node, "paragraph")
    else:
        for child in node:
            yield from _parts(child, depth)


def _part(node: Any, kind: Any) -> Iterator[Part]:
    if words := _BEFORE_STOP.sub("", one_line(_ROLE.sub(r"\1", _text(node)))):
        yield Part(words, kind)


def _text(node: Any) -> str:
    """The text of a node without the marks of notes."""
    if node.tagname == "#text":
        return str(node.astext())
    if node.tagname in {"footnote_reference", "citation_reference", "image"}:
        return ""
    return "".join(map(_text, node))


def _table(table: Any) -> Iterator[Part]:
    rows = []
    for row in table.findall(lambda node: node.tagname == "row"):
        cells = [one_line(_text(entry) if len(entry) < 2 else entry.astext()) for entry in row]
        rows.append(Row(cells, row.parent.tagname == "thead" or None))
    yield from (part for child in table if child.tagname == "title" for part in _part(child, "paragraph"))
    yield from table_parts(rows)


def _unknown(message: Any, depth: int) -> Iterator[Part]:
    """The text under a directive that Docutils does not know, such as those of Sphinx."""
    blocks = [node.astext() for node in message if node.tagname == "literal_block"]
    head, _, body = (blocks[0] if blocks else "").partition("\n")
    found = _DIRECTIVE.match(head)
    if found is None or found[1].rpartition(":")[2] in _LISTS or depth == _DEEPEST or "Unknown" not in message.astext():
        return
    lines = body.split("\n")
    while lines and (not lines[0].strip() or _OPTION.match(lines[0])):
        lines.pop(0)
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    if words := one_line(found[2]):
        yield Part(words)
    for child in _tree("\n".join(line[margin:] for line in lines)):
        yield from _parts(child, depth + 1)
