"""Makes small documents of each format for tests, the broken ones too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

_LEADING = 1.3
_WIDTH = 78


@dataclass(frozen=True)
class Text:
    """A heading or paragraph on a page of a PDF."""

    words: str
    size: int = 11
    bold: bool = False


def pdf(
    pages: Sequence[Sequence[Text]], info: Mapping[str, str] = {}, footer: str = "", encrypted: bool = False
) -> bytes:
    """A PDF with its paragraphs wrapped; ``footer`` stands on every page, with the number of the page."""
    streams = [_page(page, f"{footer} {number}" if footer else "") for number, page in enumerate(pages, start=1)]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (len(streams), b" ".join(b"%d 0 R" % (6 + 2 * at) for at in range(len(streams)))),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< %s >>" % b" ".join(b"/%s %s" % (name.encode(), _string(value)) for name, value in info.items()),
    ]
    for at, stream in enumerate(streams):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (7 + 2 * at)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
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
            lines.append(_line(line, text.size, text.bold, height))
            height -= text.size * _LEADING
        height -= text.size * 0.8
    if footer:
        lines.append(_line(footer, 9, False, 40))
    return b"\n".join(lines)


def _line(words: str, size: int, bold: bool, height: float) -> bytes:
    return b"BT /F%d %d Tf 72 %.1f Td %s Tj ET" % (2 if bold else 1, size, height, _string(words))


def _string(words: str) -> bytes:
    data = words.encode("cp1252")
    for sign in (b"\\", b"(", b")"):
        data = data.replace(sign, b"\\" + sign)
    return b"(" + data + b")"
