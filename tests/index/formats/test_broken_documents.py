"""Broken and hostile documents: each is told with its reason, and the sound ones beside them are indexed."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from index.article import Article
from index.sources.unread import SourceFailure, read
from index.storage.versions import Versions
from tests.support.cost import seconds
from tests.support.documents import Text, archive, docx, docx_members, epub_members, pdf
from tests.support.stories import STORIES, html_page, plain

STORY = STORIES[0]
LAUGHS = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10 if at else "ha" * 10}">' for at in range(10))
LAUGHING = f'<?xml version="1.0"?><!DOCTYPE x [{LAUGHS}]>'
SPYING = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY spy SYSTEM "file:///etc/hostname">]>'
BODY = [("Normal", paragraph) for _, paragraphs in STORY.sections for paragraph in paragraphs]


def _pdf() -> bytes:
    return pdf([[Text(" ".join(paragraphs))] for _, paragraphs in STORY.sections])


def _bomb(members: dict[str, str | bytes], name: str, megabytes: int = 201) -> bytes:
    """So much white space in a member; packed it is a thousandth."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for other, body in members.items():
            packed.writestr(other, body)
        with packed.open(name, "w") as member:
            for _ in range(megabytes):
                member.write(b" " * 1_000_000)
    return data.getvalue()


def _lying_bomb() -> bytes:
    """A bomb whose directory tells that the member has 1000 bytes."""
    data = bytearray(_bomb({}, "word/document.xml", 5))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def _encrypted_zip() -> bytes:
    data = bytearray(docx(BODY))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    return bytes(data)


def _epub(members: dict[str, str | bytes]) -> bytes:
    return archive({**epub_members(["<p>Rain fell.</p>"], "Rain", "Jane Doe", "Press", STORY.published), **members})


def _feed(head: str, text: str) -> bytes:
    return f"{head}<rss version='2.0'><channel><item><title>{text}</title></item></channel></rss>".encode()


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "truncated.pdf": (lambda: _pdf()[: len(_pdf()) // 2], "is cut off, its end is missing"),
    "damaged.pdf": (lambda: b"%PDF-1.7\n" + b"\x00garbage" * 90 + b"%%EOF", "is damaged"),
    "encrypted.pdf": (lambda: pdf([[Text("Secret.")]], encrypted=True), "is encrypted: save it without a password"),
    "pictures.pdf": (lambda: pdf([[]]), "has no text, only pictures"),
    "page.pdf": (lambda: html_page(STORY).encode(), "is no PDF document"),
    "bomb.docx": (lambda: _bomb({**docx_members(BODY)}, "word/media/a.xml"), "unpacks to 201 MB"),
    "lying.docx": (_lying_bomb, "is damaged|is no Word document"),
    "truncated.docx": (lambda: docx(BODY)[:900], "is cut off or damaged"),
    "encrypted.docx": (_encrypted_zip, "is encrypted: save it without a password"),
    "password.docx": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted or old office document"),
    "text.docx": (lambda: plain(STORY).encode(), "is no Word document"),
    "book.docx": (lambda: _epub({}), "is no Word document"),
    "empty.docx": (lambda: docx([]), "has no text"),
    "spy.docx": (
        lambda: archive(
            {
                **docx_members(BODY),
                "word/document.xml": SPYING + "<w:document xmlns:w='x'>&spy;</w:document>",
            }
        ),
        "declares XML entities",
    ),
    "bomb.epub": (lambda: _bomb({}, "OEBPS/a.xhtml"), "the EPUB book unpacks to 201 MB"),
    "nothing.epub": (lambda: archive({"a.txt": "x"}), "has no META-INF/container.xml"),
    "laughs.epub": (lambda: _epub({"OEBPS/text/chapter 1.xhtml": LAUGHING + "<html>&l9;</html>"}), "XML entities"),
    "gone.epub": (
        lambda: archive({k: v for k, v in zipfile_members(_epub({})).items() if "chapter" not in k}),
        "chapter 1",
    ),
    "scripts.html": (lambda: b"<html><body><script>document.write('x')</script></body></html>", "no article text"),
    "laughs.rss": (lambda: _feed(LAUGHING, "&l9;"), "declares XML entities"),
    "laughs.xml": (lambda: _feed(LAUGHING, "&l9;"), "declares XML entities"),
    "spy.atom": (lambda: _feed(SPYING, "&spy;"), "declares XML entities"),
    "wide.rss": (lambda: _feed(LAUGHING, "&l9;").decode().encode("utf-16"), "declares XML entities"),
    "prologue.rss": (lambda: b"\n" * 6_000 + _feed("", "x"), "stand before the first element"),
    "page.rss": (lambda: html_page(STORY).encode(), "is no RSS or Atom feed"),
    "drawing.xml": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", r"XML of this kind \(svg\)"),
    "broken.xml": (lambda: b"<urlset><url>", "not well-formed"),
    "nothing.xml": (lambda: b"no XML", "no element"),
    "spy.xml": (lambda: (SPYING + "<urlset><url><loc>&spy;</loc></url></urlset>").encode(), "declares XML entities"),
    "columns.csv": (lambda: b"a,b\n1,It rained.\n", 'no column is called "text"'),
    "pdf.txt": (_pdf, "is a PDF document, not text"),
    "word.txt": (lambda: docx(BODY), "office document, not text"),
    "word.html": (lambda: docx(BODY), "office document, not text"),
    "word.md": (lambda: docx(BODY), "office document, not text"),
    "word.csv": (lambda: docx(BODY), "office document, not text"),
    "mail.mhtml": (lambda: b"Subject: x\n\nhello", "holds no web page"),
    "film.mp4": (lambda: bytes(10), r"this kind of file \(.mp4\) is not supported"),
}


def zipfile_members(data: bytes) -> dict[str, str | bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every broken document and two sound ones."""
    folder = tmp_path_factory.mktemp("broken") / "news"
    folder.mkdir()
    for name, (make, _) in BROKEN.items():
        (folder / name).write_bytes(make())
    (folder / "aa.txt").write_text(plain(STORIES[0]))
    (folder / "zz.txt").write_text(plain(STORIES[1]))
    return folder


def test_each_is_told_with_its_reason_and_the_rest_is_read(broken: Path) -> None:
    found = list(read([broken]))
    assert [item.title for item in found if isinstance(item, Article)] == [STORIES[0].title, STORIES[1].title]
    failures = [item for item in found if isinstance(item, SourceFailure)]
    reasons: dict[str, str] = {}
    for failure in failures:
        assert "\n" not in failure.reason
        reasons.setdefault(failure.key.removeprefix("news/"), failure.reason)
    assert reasons.keys() == BROKEN.keys()
    for name, (_, wanted) in BROKEN.items():
        assert re.search(wanted, reasons[name]), f"{name}: {reasons[name]}"


@pytest.mark.slow
def test_none_of_them_takes_long(broken: Path) -> None:
    assert seconds(lambda: list(read([broken])), runs=1) < 30


def test_strict_tells_them_and_publishes_nothing(broken: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["build", str(broken), "--strict", "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert sum(line.startswith("not read: news/") for line in lines) >= len(BROKEN)
    assert "can't be read: nothing is published" in lines[-1]
    assert Versions(tmp_path / "index").names() == []


def test_scripts_are_no_part_of_an_article(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(html_page(STORY))
    (article,) = read([tmp_path / "a.html"])
    assert isinstance(article, Article)
    assert "alert" not in article.text


@pytest.mark.slow
def test_a_line_of_fifty_megabytes_is_refused(tmp_path: Path) -> None:
    for name, line in (("words.txt", b"word " * 10_000_000), ("one.md", b"x" * 50_000_000)):
        (tmp_path / name).write_bytes(line)
    (tmp_path / "lines.jsonl").write_bytes(b'{"text": "' + b"word " * 10_000_000 + b'"}\n{"text": "Rain fell."}\n')
    (tmp_path / "wide.csv").write_bytes(b"text\n" + b"word " * 10_000_000 + b"\nRain fell.\n")
    found = list(read([tmp_path]))
    failures = [item for item in found if isinstance(item, SourceFailure)]
    assert len(failures) == 4
    assert all("characters, more than 10000000: split it" in failure.reason for failure in failures)
    assert [item.text for item in found if isinstance(item, Article)] == ["Rain fell.", "Rain fell."]
