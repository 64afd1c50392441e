"""Articles in the XML of journals (JATS), editions (TEI) and news agencies (NITF), read as the HTML they amount to.

https://jats.nlm.nih.gov, https://tei-c.org/release/doc/tei-p5-doc/en/html/, https://iptc.org/standards/nitf/
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from lxml import etree

from index.article import Article
from index.parsing.dates import parse_date
from index.parsing.inline import simplify
from index.parsing.markup import parts
from index.parsing.metadata import Metadata, complete
from index.parsing.parts import document_article, one_line
from index.parsing.people import people
from index.parsing.table_grid import settle
from index.parsing.types import LoadError, Origin

_AS_HTML = {
    **dict.fromkeys(
        ("sec", "div", "lg", "block", "boxed-text", "disp-quote", "quote", "sp", "app", "ack", "media"), "div"
    ),
    **dict.fromkeys(("title", "head", "hl2"), "h2"),
    **dict.fromkeys(("l", "speaker", "verse-line", "attrib", "media-caption"), "p"),
    **dict.fromkeys(("list", "def-list"), "ul"),
    **dict.fromkeys(("list-item", "item", "def-item"), "li"),
    **dict.fromkeys(("row",), "tr"),
    **dict.fromkeys(("cell",), "td"),
    **dict.fromkeys(("lb", "break"), "br"),
}
_RAISED = {"superscript": "sup", "sup": "sup"}
_LEFT_OUT = (
    *("ref-list", "listBibl", "graphic", "figDesc", "object-id", "label", "pb", "fw", "app-group"),
    *(
        "media-reference",
        "media-metadata",
        "media-producer",
        "body.end",
        "kicker",
        "index",
        "gap",
        "alternatives",
        "inline-graphic",
    ),
)
_CAPTIONED = {"caption", "figure", "table"}
_WRITTEN = {"abbr", "sic", "orig"}
"""What stands in the source where the edition also says what is meant, which is read."""
_REFERENCES = {"bibr", "fn", "bibl", "note", "foot"}
"""Marks in running text that lead to a note or to the list of references."""

_Find = Callable[[str], list[etree._Element]]


def read_xml_article(root: etree._Element, origin: Origin, media_type: str) -> Article:
    """The article of a document whose names have no namespace.

    :raises LoadError: if it has no text.
    """
    find: _Find = lambda path: list(root.iterfind(path))  # noqa: E731
    title, metadata, texts = {"article": _jats, "TEI": _tei, "nitf": _nitf}[str(root.tag)](find)
    found = list(chain.from_iterable(parts(_as_html(text)) for text in texts))
    article = document_article(found, title, metadata, origin, media_type)
    if article is None:
        raise LoadError("the document has no text: look at what it holds")
    return complete(article, metadata)


def _jats(find: _Find) -> tuple[str | None, Metadata, list[etree._Element]]:
    meta = ".//article-meta"
    names = [
        " ".join(filter(None, (_text(name.iterfind("given-names")), _text(name.iterfind("surname")))))
        for name in find(f"{meta}//contrib[@contrib-type='author']/name")
    ]
    day = None
    for date in find(f"{meta}/pub-date"):
        written = [_text(date.iterfind(part)) or "" for part in ("year", "month", "day")]
        day = day or (parse_date("-".join(part.zfill(2) for part in written)) if all(written) else None)
    metadata = Metadata(
        source=_text(find(".//journal-meta//journal-title")),
        authors=people(names, is_list=True),
        published=day,
        tags=tuple(filter(None, (one_line("".join(word.itertext())) for word in find(f"{meta}/kwd-group/kwd")))),
    )
    places = (
        f"{meta}/title-group/subtitle",
        f"{meta}/abstract",
        "./body",
        "./floats-group",
        "./back//fn-group",
        "./back/ack",
    )
    texts = [text for place in (*places, "./sub-article//body") for text in find(place)]
    return _text(find(f"{meta}//article-title")), metadata, texts


def _tei(find: _Find) -> tuple[str | None, Metadata, list[etree._Element]]:
    header = "./teiHeader/fileDesc"
    days = [date.get("when") or one_line("".join(date.itertext())) for date in find(f"{header}//date")]
    metadata = Metadata(
        source=_text(find(f"{header}/publicationStmt/publisher")),
        authors=people(
            (one_line(" ".join(map(str, name.itertext()))) for name in find(f"{header}/titleStmt/author")), is_list=True
        ),
        published=next(filter(None, map(parse_date, days)), None),
        language=next((use.get("ident") for use in find("./teiHeader/profileDesc/langUsage/language")), None),
    )
    return _text(find(f"{header}/titleStmt/title")), metadata, find("./text")


def _nitf(find: _Find) -> tuple[str | None, Metadata, list[etree._Element]]:
    days = [date.get("norm") or "" for date in find("./head/docdata/date.issue") + find("./head/docdata/date.release")]
    written = _text(find("./body/body.head/byline/person")) or _text(find("./body/body.head/byline")) or ""
    published = [one_line(data.get("name")) for data in find("./head/pubdata")]
    metadata = Metadata(
        source=_text(find("./body/body.head/distributor")) or next(filter(None, published), None),
        authors=people([written.removeprefix("By ").removeprefix("by ")]),
        published=next(filter(None, (parse_date(f"{day[:4]}-{day[4:6]}-{day[6:8]}") for day in days if day)), None),
        tags=tuple(filter(None, (one_line(word.get("key")) for word in find("./head/docdata/key-list/keyword")))),
    )
    title = _text(find("./body/body.head/hedline/hl1")) or _text(find("./head/title"))
    head = "./body/body.head"
    return title, metadata, find(f"{head}/hedline/hl2") + find(f"{head}/abstract") + find("./body/body.content")


def _text(elements: Iterable[etree._Element]) -> str | None:
    """The text of the first element, if there is one."""
    first = next(iter(elements), None)
    return one_line("".join(map(str, first.itertext()))) or None if first is not None else None


def _as_html(root: etree._Element) -> etree._Element:
    """The text of a document with the names of HTML, in place."""
    etree.strip_elements(root, *_LEFT_OUT, with_tail=False)
    for element in list(_elements(root)):
        if element.tag in {"xref", "ref"} and _REFERENCES & {element.get("ref-type"), element.get("type")}:
            _drop_mark(element)
        elif element.tag == "lb" and element.get("break") == "no":
            element.tag = "span"
        elif element.tag == "note" and element.get("place") != "inline":
            _put_after_paragraph(element)
        elif element.tag in {"title", "head"} and _tag_above(element) in _CAPTIONED:
            element.tag = "p"
        elif element.tag in _WRITTEN and _tag_above(element) == "choice" and len(element.getparent()) > 1:
            _drop_mark(element)
        elif element.tag == "hi":
            element.tag = "sup" if (element.get("rend") or "").startswith("sup") else "span"
        else:
            element.tag = _RAISED.get(str(element.tag)) or _AS_HTML.get(str(element.tag), element.tag)
    root.tag = "div"
    simplify(root)
    settle(root)
    return root


def _tag_above(element: etree._Element) -> str:
    above = element.getparent()
    return str(above.tag) if above is not None else ""


def _drop_mark(mark: etree._Element) -> None:
    """Empty a mark that leads to a note, and take the blank before it away."""
    for inner in list(mark):
        mark.remove(inner)
    mark.tag, mark.text = "span", None
    previous, above = mark.getprevious(), mark.getparent()
    if not (mark.tail or " ")[0].isalnum():
        if previous is not None:
            previous.tail = (previous.tail or "").rstrip() or None
        elif above is not None:
            above.text = (above.text or "").rstrip() or None


def _put_after_paragraph(note: etree._Element) -> None:
    """Put a note behind the paragraph or line that it stands in."""
    note.tag = "div"
    paragraph = next(note.iterancestors("p", "l"), None)
    if paragraph is None:
        return
    tail, previous, above = note.tail or "", note.getprevious(), note.getparent()
    if previous is not None:
        previous.tail = (previous.tail or "") + tail
    elif above is not None:
        above.text = (above.text or "") + tail
    note.tail = None
    paragraph.addnext(note)


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element in root.iter() if isinstance(element.tag, str))


def without_namespaces(root: etree._Element) -> etree._Element:
    """The tree with local names alone, in place, but for equations."""
    for element in _elements(root):
        name = etree.QName(element)
        if name.namespace and "MathML" not in name.namespace:
            element.tag = name.localname
    return root
