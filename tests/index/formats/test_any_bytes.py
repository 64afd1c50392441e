"""Documents of every format with bytes changed, cut out and put in: read, or refused with a reason; nothing else."""

import importlib
import json
import pkgutil
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index.formats
from index.article import Article
from index.parsing.types import LoadError, Origin
from index.sources.documents import DocumentReader
from tests.support.compound_file import old_workbook, outlook_message
from tests.support.documents import Text, archive, docx, epub, pdf
from tests.support.tables import office, workbook

pytestmark = pytest.mark.slow

RAIN = "Rain fell on Callory for three days. The river Lorn rose by two metres."
RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Post</title><item><title>Rain</title>'
    f"<link>https://a.example/1</link><description>{RAIN}</description></item></channel></rss>"
)
_OPEN = 'xmlns:o="urn:o" xmlns:t="urn:t" xmlns:b="urn:b"'
_SLIDES = 'xmlns:p="urn:p" xmlns:a="urn:a" xmlns:r="http://r"'
CORPUS: dict[str, bytes] = {
    "a.eml": (
        f"From: Jane Doe <jane@a.example>\nSubject: Rain\nDate: Thu, 31 Oct 2024 09:30:00 +0000\n\n{RAIN}\n"
    ).encode(),
    "a.ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": ["# Rain\n", RAIN]}]}).encode(),
    "a.json": json.dumps([{"title": "Rain", "text": RAIN, "authors": ["Jane Doe"]}]).encode(),
    "a.odt": archive(
        {
            "content.xml": f"<o:document-content {_OPEN}><o:body><o:text><t:h>Rain</t:h><t:p>{RAIN}</t:p><b:table>"
            "<b:table-row><b:table-cell><t:p>1</t:p></b:table-cell></b:table-row></b:table></o:text></o:body>"
            "</o:document-content>"
        }
    ),
    "a.pptx": office(
        "ppt/p.xml",
        "presentation",
        {
            "ppt/p.xml": f"<p:presentation {_SLIDES}><p:sldIdLst><p:sldId id='1' r:id='r1'/></p:sldIdLst>"
            "</p:presentation>",
            "ppt/s.xml": f"<p:sld {_SLIDES}><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>{RAIN}</a:t></a:r></a:p>"
            "</p:txBody></p:sp></p:spTree></p:cSld></p:sld>",
        },
        {"s.xml": "slide"},
    ),
    "a.rst": (
        f"Rain\n====\n\n:author: Jane Doe\n\n.. note:: {RAIN}\n\n=== ===\na   b\n=== ===\n1   2\n=== ===\n"
    ).encode(),
    "a.rtf": rf"{{\rtf1{{\info{{\title Rain}}}}\b {RAIN}\b0\par \trowd A\cell B\cell\row}}".encode(),
    "a.srt": f"1\n00:00:01,000 --> 00:00:02,000\n<i>{RAIN}</i>\n".encode(),
    "a.tex": (
        rf"\title{{Rain}}\begin{{document}}\section{{Rain}} {RAIN} "
        rf"\begin{{tabular}}{{ll}}a&b\\1&2\end{{tabular}}\end{{document}}"
    ).encode(),
    "a.xlsx": workbook({"Rain": f"<row r='1'><c r='A1' t='inlineStr'><is><t>{RAIN}</t></is></c></row>"}),
    "a.xml": (
        "<article><front><article-meta><title-group><article-title>Rain</article-title></title-group></article-meta>"
        f"</front><body><p>{RAIN}</p></body></article>"
    ).encode(),
    "a.zip": archive({"rain.txt": f"Rain in Callory\n\n{RAIN}\n"}),
    "a.txt": f"Rain in Callory\n\nBy Jane Doe\n\n{RAIN}\n".encode(),
    "a.md": f"---\ntitle: Rain\ntags: [a, b]\n---\n# Rain\n\n- {RAIN}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n".encode(),
    "a.adoc": f"= Rain\nJane Doe\n:a: b\n\n{RAIN} *b* {{a}} link:b[c]\n\n|===\n|a |b\n\n|1 |2\n|===\n".encode(),
    "a.html": f"<html><head><title>Rain</title></head><body><article><h1>Rain</h1><p>{RAIN}</p></article>".encode(),
    "a.jsonl": "\n".join(json.dumps({"id": str(n), "title": "Rain", "text": RAIN}) for n in range(2)).encode(),
    "a.csv": f'title,text,date\nRain,"{RAIN}",2024-10-31\n'.encode(),
    "a.rss": RSS.encode(),
    "a.docx": docx([("Heading 1", "Rain"), ("Normal", RAIN)], title="Rain", author="Jane Doe"),
    "a.epub": epub([f"<h1>Rain</h1><p>{RAIN}</p>"], "Rain", "Jane Doe", "Press", date(2024, 10, 31)),
    "a.pdf": pdf([[Text("Rain", 18, bold=True), Text(RAIN)]]),
    "a.xls": old_workbook({"Rain": [["Day", "Metres"], ["Monday", (2.0, 0)], [RAIN, (45356.0, 14)]]}),
    "a.msg": outlook_message("Rain", "Jane Doe", datetime(2024, 10, 31, tzinfo=UTC), RAIN, {"a.txt": RAIN.encode()}),
    "a.mhtml": (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        f"<html><body><article><h1>Rain</h1><p>{RAIN}</p></article></body></html>\r\n--b--\r\n"
    ).encode(),
}
TOKENS = [
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<",
    b"]]>",
    b"&#0;",
    b'"',
    b"\r",
    b"\xed\xa0\x80",
    b"-1",
    b"9" * 40,
    b"(" * 50,
]


@st.composite
def broken(draw: st.DrawFn, sound: bytes) -> bytes:
    """A document after a few changes, each at any place of it."""
    data = bytearray(sound)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        put = draw(st.one_of(st.binary(max_size=8), st.sampled_from(TOKENS), st.just(bytes(data[start:end] * 2))))
        data[start:end] = put
    return bytes(data)


def readable(name: str, data: bytes) -> list[Article | LoadError]:
    return list(DocumentReader().read(data, Origin(name, name)))


@pytest.mark.parametrize("name", CORPUS)
def test_what_the_corpus_holds_is_read(name: str) -> None:
    found = readable(name, CORPUS[name])
    assert found
    assert name == "a.rss" or all(isinstance(item, Article) for item in found), found  # a feed names what to fetch


def test_the_corpus_has_every_kind_of_format() -> None:
    names = [module.name for module in pkgutil.iter_modules(index.formats.__path__) if module.name != "registry"]
    forms = [importlib.import_module(f"index.formats.{name}") for name in names]
    suffixes = {f".{name.partition('.')[2]}" for name in CORPUS}
    assert [form.__name__ for form in forms if not suffixes.intersection(form.SUFFIXES)] == []


def _check(name: str) -> Callable[[], None]:
    @settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
    @given(data=broken(CORPUS[name]))
    def check(data: bytes) -> None:
        for item in readable(name, data):
            if isinstance(item, LoadError):
                assert str(item)
                continue
            item.text.encode("utf-8")
            for block in item.blocks:
                assert 0 <= block.start < block.end <= len(item.text)

    return check


@pytest.mark.parametrize("name", CORPUS)
def test_broken_bytes_are_read_or_refused(name: str) -> None:
    _check(name)()
