"""PowerPoint presentations: each slide's title is a heading, its tables and charts are tables."""

from collections.abc import Iterator

from lxml import etree

from index.article import Article
from index.parsing.charts import chart_parts
from index.parsing.office_package import Package, local_name, office_metadata, open_package, value
from index.parsing.parts import Part, document_article, one_line
from index.parsing.report import visible
from index.parsing.tables import Row, table_parts
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Note, Origin

SUFFIXES = (".pptx", ".pptm", ".ppsx", ".potx")
MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
)

_TITLES = {"title", "ctrTitle"}
_EVERYWHERE = {"dt", "ftr", "sldNum", "hdr"}
"""What stands on every slide: day, foot, number."""
_DEEPEST = 100


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: the slides that are shown, in order, each with its number as the page.

    :raises LoadError: if the file is no presentation, is damaged or encrypted, unpacks to too much, or has no text.
    """
    package = open_package(data, "PowerPoint presentation", "presentation")
    slides = [slide for slide in _slides(package) if value(slide[1], "show") not in {"0", "false"}]
    parts = [part for number, slide in enumerate(slides, 1) for part in _slide(package, *slide, number)]
    metadata = office_metadata(package)
    first = next((part.text for part in parts if part.kind == "heading" and part.page == 1), None)
    article = document_article(
        parts, metadata.title or first or fallback_title(origin, ""), metadata, origin, MEDIA_TYPES[0]
    )
    if article is None:
        raise LoadError("the presentation has no text, only pictures: run text recognition (OCR) on it first")
    yield article
    if spoken := sum(_spoken(package, name) for name, _ in slides):
        yield Note(f"its notes of speakers are left out ({spoken} characters)")
    if len(slides) < _count(package):
        yield Note(f"hidden slides are left out ({_count(package) - len(slides)} of {_count(package)})")


def _count(package: Package) -> int:
    return sum(1 for _ in package.document.iterfind("{*}sldIdLst/{*}sldId"))


def _spoken(package: Package, slide: str) -> int:
    """How many characters the notes of a slide have."""
    pages = package.related_to(slide, "notesSlide")
    texts = [
        text for page in pages for shape in page.iter("{*}sp") if _place(shape) == "body" for text in _paragraphs(shape)
    ]
    return sum(visible(text) for text in texts)


def _slides(package: Package) -> Iterator[tuple[str, etree._Element]]:
    """The names of the slides, with their roots."""
    for entry in package.document.iterfind("{*}sldIdLst/{*}sldId"):
        identifiers = (text for key, text in entry.attrib.items() if key.endswith("}id"))
        if found := package.part(package.main, next(identifiers, "")):
            yield found


def _slide(package: Package, name: str, slide: etree._Element, number: int) -> Iterator[Part]:
    """The title first, wherever it stands in the file, then the other shapes in their order."""
    shapes = [shape for tree in slide.iterfind("{*}cSld/{*}spTree") for shape in _shapes(tree, 0)]
    titles = [shape for shape in shapes if _place(shape) in _TITLES]
    for shape in titles:
        if text := one_line(" ".join(_paragraphs(shape))):
            yield Part(text, "heading", number)
    for shape in shapes:
        if shape in titles or _place(shape) in _EVERYWHERE:
            continue
        for table in shape.iter("{*}tbl"):
            rows = [
                Row([one_line(" ".join(_paragraphs(cell))) for cell in row.iterfind("{*}tc")], None, number)
                for row in table.iterfind("{*}tr")
            ]
            yield from table_parts(rows)
        for chart in shape.iter("{*}chart"):
            if found := package.part(name, value(chart, "id")):
                yield from chart_parts(found[1], number)
        if local_name(shape) == "sp":
            yield from (Part(text, page=number) for text in map(one_line, _paragraphs(shape)) if text)


def _shapes(tree: etree._Element, depth: int) -> Iterator[etree._Element]:
    for child in tree if depth < _DEEPEST else ():
        name = local_name(child)
        if name in {"sp", "graphicFrame"}:
            yield child
        elif name == "grpSp":
            yield from _shapes(child, depth + 1)


def _place(shape: etree._Element) -> str:
    """What a shape is on its slide: ``title``, ``body``, ``ftr``; empty for one that is drawn."""
    return next((value(node, "type") or "body" for node in shape.iterfind("*/{*}nvPr/{*}ph")), "")


def _paragraphs(element: etree._Element) -> Iterator[str]:
    for paragraph in element.iter("{*}p"):
        yield "".join(" " if local_name(node) == "br" else node.text or "" for node in paragraph.iter("{*}t", "{*}br"))
