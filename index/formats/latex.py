"""LaTeX, without running it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from index.article import Article
from index.parsing.decoding import damage, decode
from index.parsing.latex_macros import written_out
from index.parsing.metadata import read_metadata
from index.parsing.parts import Part, document_article, one_line
from index.parsing.tables import Row, table_parts
from index.parsing.types import LoadError, Origin, missing_package

SUFFIXES = (".tex", ".latex")
MEDIA_TYPES = ("application/x-latex", "application/x-tex", "text/x-tex")

_OPTION = r"\[[^\]]{0,300}\]\s*+"
"""What stands in brackets behind a command, and the space behind it."""

_COMMENT = re.compile(r"(?<!\\)%.*")
_BODY = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.DOTALL)
_HEADING = re.compile(rf"\\(?:part|chapter|(?:sub)*section|(?:sub)?paragraph)\*?\s*+(?:{_OPTION})?(?=\{{)")
_NOT_TEXT = re.compile(
    r"\\begin\{(thebibliography|tikzpicture|filecontents)\*?\}(?:(?!\\begin\{\1).)*?\\end\{\1\*?\}|"
    r"\\(?:bibliographystyle|bibliography|label|includegraphics|input|include|vspace|hspace|cite[tp]?|autocite|parencite|"
    rf"footnotemark|pagestyle|thispagestyle)\*?\s*+(?:{_OPTION})*+\{{[^{{}}]*+\}}|\\(?:maketitle|tableofcontents)\b",
    re.DOTALL,
)
_TABLE = re.compile(
    r"\\begin\{(tabular\*?|tabularx|longtable)\}(?:\[[^\]]{0,300}\])?(?:\{[^{}]*+\}){1,2}"
    r"((?:(?!\\begin\{\1).)*?)\\end\{\1\}",
    re.DOTALL,
)
_RULES = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|cline\{[^{}]*\})")
_CELL_END = re.compile(r"(?<!\\)&")
_ITEM = re.compile(r"\\item\b|(?=\\caption\b)|(?<=\\end\{figure\})|(?<=\\end\{table\})")
_NOTE = re.compile(rf"\\(?:foot|end)note(?:text)?\s*+(?:{_OPTION})?(?=\{{)")
_THANKS = re.compile(r"\\(?:thanks|footnote)\{[^{}]*\}")
_AND = re.compile(r"\\and\b|\\\\|\\thanks\{[^{}]*\}")
_BLANK_LINE = re.compile(r"\n\s*\n")
_BEFORE_STOP = re.compile(r"(?<!\s)\s++(?=[.,;:!?])")


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: headings, paragraphs and items, their notes behind them, formulas as written; of no other file.

    :raises LoadError: if the bytes are not text or there is none in it.
    """
    try:
        from pylatexenc.latex2text import LatexNodes2Text  # here because it may not be installed
    except ImportError as error:
        raise missing_package("LaTeX", error) from error
    plain = LatexNodes2Text(math_mode="text", strict_latex_spaces=False)
    decoded = decode(data, origin.charset)
    source = written_out(_COMMENT.sub("", decoded))
    found = _BODY.search(source)
    body = found[1] if found else source
    title, authors, day = (_argument(source, name) for name in ("title", "author", "date"))
    metadata = read_metadata(
        {
            "authors": [_read(plain, name) for name in _AND.split(authors)] if authors else None,
            "date": _read(plain, day) if day else None,
        }
    )
    named = _read(plain, _THANKS.sub("", title)) if title else None
    article = document_article(list(_parts(plain, body)), named, metadata, origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the document has no text: write the article into it or remove it")
    yield article
    yield from damage(data, decoded)


def _parts(plain: Any, body: str) -> Iterator[Part]:
    body = _NOT_TEXT.sub("", body)
    at = 0
    for match in _HEADING.finditer(body):
        if match.start() < at:
            continue
        yield from _paragraphs(plain, body[at : match.start()])
        end = _closing(body, match.end())
        named, notes = _notes_apart(body[match.end() + 1 : end])
        if heading := _read(plain, named):
            yield Part(heading, "heading")
        yield from _texts(plain, notes)
        at = end + 1
    yield from _paragraphs(plain, body[at:])


def _paragraphs(plain: Any, source: str) -> Iterator[Part]:
    at = 0
    for table in _TABLE.finditer(source):
        yield from _prose(plain, source[at : table.start()])
        cells, notes = _notes_apart(table[2])
        lines = filter(str.strip, _RULES.sub("", cells).split(r"\\"))
        yield from table_parts([Row([_read(plain, cell) for cell in _CELL_END.split(line)]) for line in lines])
        yield from _texts(plain, notes)
        at = table.end()
    yield from _prose(plain, source[at:])


def _prose(plain: Any, source: str) -> Iterator[Part]:
    for paragraph in _BLANK_LINE.split(_ITEM.sub("\n\n", source)):
        words, notes = _notes_apart(paragraph)
        yield from _texts(plain, [words, *notes])


def _texts(plain: Any, sources: Sequence[str]) -> Iterator[Part]:
    yield from (Part(words) for source in sources if (words := _read(plain, source)))


def _notes_apart(source: str) -> tuple[str, list[str]]:
    """A piece of LaTeX without its notes, and what stands in these."""
    pieces, notes, at = [], [], 0
    for match in _NOTE.finditer(source):
        if match.start() >= at:
            end = _closing(source, match.end())
            pieces.append(source[at : match.start()])
            notes.append(source[match.end() + 1 : end])
            at = end + 1
    return "".join([*pieces, source[at:]]), notes


def _read(plain: Any, source: str) -> str:
    """The text of a piece of LaTeX on one line; a piece that can't be parsed is taken without its commands."""
    try:
        text = str(plain.latex_to_text(source))
    except Exception:  # whatever breaks costs the form of one paragraph
        text = re.sub(r"\\[A-Za-z]+\*?|[{}$]", " ", source)
    return _BEFORE_STOP.sub("", one_line(text.replace("<ref>", "").replace("<cit.>", "")))


def _argument(source: str, command: str) -> str | None:
    """What stands in the braces of a command, the first time it is used."""
    found = re.search(rf"\\{command}\s*+(?:{_OPTION})?(?=\{{)", source)
    return source[found.end() + 1 : _closing(source, found.end())] if found else None


def _closing(source: str, opening: int) -> int:
    """Where the brace that opens at ``opening`` is closed; the end of the text if it never is."""
    depth = 0
    for at in range(opening, len(source)):
        if source[at] in "{}" and source[at - 1] != "\\":
            depth += 1 if source[at] == "{" else -1
            if depth == 0:
                return at
    return len(source)
