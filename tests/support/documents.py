"""Makes small documents of each format for tests, the broken ones too."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

_LEADING = 1.3
_WIDTH = 78


@dataclass(frozen=True)
class Text:
    """A heading or paragraph on a page of a PDF."""

    words: str
    size: int = 11
    bold: bool = False


def pdf(
    pages: Sequence[Sequence[Text] | bytes],
    info: Mapping[str, str] = {},
    footer: str = "",
    encrypted: bool = False,
    to_unicode: str = "",
) -> bytes:
    """A PDF with its paragraphs wrapped; ``footer`` stands on every page, with the number of the page.

    A page may be given as what is drawn on it, and ``to_unicode`` is what the letters of the plain font are.
    """
    streams = [
        page if isinstance(page, bytes) else _page(page, f"{footer} {number}" if footer else "")
        for number, page in enumerate(pages, start=1)
    ]
    last = 6 + 2 * len(streams)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (len(streams), b" ".join(b"%d 0 R" % (6 + 2 * at) for at in range(len(streams)))),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding %s>>"
        % (b"/ToUnicode %d 0 R " % last if to_unicode else b""),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< %s >>" % b" ".join(b"/%s %s" % (name.encode(), _string(value)) for name, value in info.items()),
    ]
    for at, stream in enumerate(streams):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (7 + 2 * at)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    if to_unicode:
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(to_unicode), to_unicode.encode()))
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>]" % (
        b"11" * 32,
        b"22" * 32,
    )
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(places) + 1, len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    data += b"trailer << /Size %d /Root 1 0 R /Info 5 0 R %s >>\n" % (size, lock if encrypted else b"")
    return data + b"startxref\n%d\n%%%%EOF\n" % start


def _page(page: Sequence[Text], footer: str) -> bytes:
    lines, height = [], 740.0
    for text in page:
        for line in wrap(text.words, _WIDTH * 11 // text.size):
            lines.append(drawn(line, text.size, text.bold, height))
            height -= text.size * _LEADING
        height -= text.size * 0.8
    if footer:
        lines.append(drawn(footer, 9, False, 40))
    return b"\n".join(lines)


def drawn(words: str, size: int, bold: bool, height: float, left: float = 72) -> bytes:
    """What draws a line on a page of a PDF."""
    return b"BT /F%d %d Tf %.1f %.1f Td %s Tj ET" % (2 if bold else 1, size, left, height, _string(words))


def _string(words: str) -> bytes:
    data = words.encode("cp1252")
    for sign in (b"\\", b"(", b")"):
        data = data.replace(sign, b"\\" + sign)
    return b"(" + data + b")"


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in members.items():
            packed.writestr(name, body)
    return data.getvalue()


_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_OPEN = "http://schemas.openxmlformats.org"
_WORD = f"{_OPEN}/wordprocessingml/2006/main"
_CORE = f"{_OPEN}/package/2006/metadata/core-properties"
_PARTS = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_STYLES = {"Title": "Title", "Heading1": "heading 1", "Normal": "Normal"}


def docx(body: Sequence[tuple[str, str]], title: str = "", author: str = "", created: date | None = None) -> bytes:
    """A Word document of paragraphs with the ids of their styles."""
    return archive(docx_members(body, title, author, created))


def docx_members(
    body: Sequence[tuple[str, str]], title: str = "", author: str = "", created: date | None = None, extra: str = ""
) -> dict[str, str]:
    """The members of :func:`docx`; ``extra`` is more of the document's XML."""
    paragraphs = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{escape(words)}</w:t></w:r></w:p>'
        for style, words in body
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"{" w:default=" + quoteattr("1") if key == "Normal" else ""}>'
        f'<w:name w:val="{name}"/></w:style>'
        for key, name in _STYLES.items()
    )
    relation = f"{_OPEN}/officeDocument/2006/relationships"
    links = f'{_XML}<Relationships xmlns="{_OPEN}/package/2006/relationships">'
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_OPEN}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_PARTS}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_PARTS}.styles+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
        "_rels/.rels": f'{links}<Relationship Id="r1" Type="{relation}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="r2" Type="{_OPEN}/package/2006/relationships/metadata/core-properties" '
        'Target="docProps/core.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'{links}<Relationship Id="r1" Type="{relation}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "word/document.xml": f'{_XML}<w:document xmlns:w="{_WORD}"><w:body>{paragraphs}{extra}</w:body></w:document>',
        "word/styles.xml": f'{_XML}<w:styles xmlns:w="{_WORD}">{styles}</w:styles>',
        "docProps/core.xml": f'{_XML}<cp:coreProperties xmlns:cp="{_CORE}" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
        + (f'<dcterms:created xsi:type="dcterms:W3CDTF">{created}T08:00:00Z</dcterms:created>' if created else "")
        + "</cp:coreProperties>",
    }


def epub(chapters: Sequence[str], title: str, author: str, publisher: str, published: date) -> bytes:
    """An EPUB book whose chapters are given as the XHTML of their bodies."""
    return archive(epub_members(chapters, title, author, publisher, published))


def epub_members(
    chapters: Sequence[str], title: str, author: str, publisher: str, published: date
) -> dict[str, str | bytes]:
    """The members of :func:`epub`."""
    names = [f"chapter {number}.xhtml" for number in range(1, len(chapters) + 1)]
    items = "".join(
        f'<item id="c{at}" href="text/{quote(name)}" media-type="application/xhtml+xml"/>'
        for at, name in enumerate(names)
    )
    order = "".join(f'<itemref idref="c{at}"/>' for at in range(len(names)))
    container = "urn:oasis:names:tc:opendocument:xmlns:container"
    package = (
        f'{_XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x</dc:identifier>'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator><dc:language>en</dc:language>"
        f"<dc:publisher>{escape(publisher)}</dc:publisher><dc:date>{published}</dc:date></metadata>"
        '<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f"{items}</manifest>"
        f'<spine><itemref idref="nav"/>{order}</spine></package>'
    )
    page = (
        f'{_XML}<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>%s</body></html>'
    )
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": f'{_XML}<container xmlns="{container}" version="1.0"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "OEBPS/book.opf": package,
        "OEBPS/nav.xhtml": page % "<nav><ol><li>Contents</li></ol></nav>",
        **{f"OEBPS/text/{name}": page % chapter for name, chapter in zip(names, chapters, strict=True)},
    }
