"""Articles whose text is extracted, not given: headings, paragraphs and rows in order, a blank line between them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.article import Article, Block, BlockKind, Span, article_id, canonical, single_spaced
from index.parsing.byline import Header, is_credit, read_line
from index.parsing.metadata import Metadata
from index.parsing.titles import fallback_title
from index.parsing.types import Origin


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text on one line. An ``aside`` (a title, a byline, a page number) is kept but never searched.

    ``cells`` are spans of the text of a row; ``header`` is the part that names the columns of its table. ``sign`` and
    ``level`` are those of a :class:`index.article.Block`.
    """

    text: str
    kind: BlockKind | Literal["aside"] = "paragraph"
    page: int | None = None
    cells: tuple[Span, ...] = ()
    header: "Part | None" = None
    sign: str = ""
    level: int = 0


def one_line(text: str | None) -> str:
    """The text in its canonical form, with a space for each run of white space."""
    return canonical(single_spaced(text or ""))


def assemble(parts: Sequence[Part]) -> tuple[str, tuple[Block, ...]]:
    """Join parts to the text of an article and its blocks."""
    blocks: list[Block] = []
    headers: dict[int, int] = {}
    start = 0
    for part in parts:
        end = start + len(part.text)
        if part.kind != "aside":
            if part.kind == "columns":
                headers[id(part)] = len(blocks)
            cells = tuple((start + low, start + high) for low, high in part.cells)
            header = headers.get(id(part.header))
            blocks.append(Block(start, end, part.kind, part.page, cells, header, part.sign, part.level))
        start = end + 2
    return "\n\n".join(part.text for part in parts), tuple(blocks)


def read_head(parts: Sequence[Part], title: str | None = None) -> tuple[Header, list[Part]]:
    """What the parts before the first paragraph tell (byline, date line), and the parts with those as asides.

    A first part that repeats ``title`` is an aside, too. The last part is never one: something has to be read.
    """
    header, read = Header(), list(parts)
    for at, part in enumerate(read[:-1]):
        is_title = at == 0 and title is not None and part.text.casefold() == title.casefold()
        if part.kind in {"columns", "row"}:
            break
        if part.kind != "aside" and not is_title and not read_line(header, part.text) and not is_credit(part.text):
            break
        read[at] = replace(part, kind="aside")
    return header, read


def document_article(
    parts: Sequence[Part], title: str | None, metadata: Metadata, origin: Origin, media_type: str
) -> Article | None:
    """The article of a document that is read in parts; None when nothing of it is to be searched.

    Its date line counts more than ``metadata``, in which the day is often that of a conversion; its byline counts less.
    """
    header, read = read_head(parts, title)
    text, blocks = assemble(read)
    if not blocks:
        return None
    return Article(
        id=article_id(origin.key),
        title=title or fallback_title(origin, text[blocks[0].start : blocks[0].end]),
        text=text,
        blocks=blocks,
        url=origin.url,
        source=header.source,
        authors=metadata.authors or header.authors,
        published=header.published or metadata.published,
        language=metadata.language,
        media_type=media_type,
        path=origin.path,
        tags=metadata.tags,
    )
