"""One source that takes too much is a failure, and the others are indexed."""

import io
import zipfile
from pathlib import Path

import pytest

from index.building.builder import BuildReport, build
from index.limited.limits import TOO_LARGE, TOO_LONG, Limits
from index.models.embedder import Embedder
from index.storage.versions import Versions

_MEGABYTE = 1 << 20

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
_BODY = (
    '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    "{}</w:body></w:document>"
)


def word_file(paragraphs: int) -> bytes:
    """A Word file of many short paragraphs: small on the disk, large in memory."""
    held = io.BytesIO()
    body = _BODY.format("<w:p><w:r><w:t>It rained.</w:t></w:r></w:p>" * paragraphs)
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("[Content_Types].xml", _TYPES), ("_rels/.rels", _RELATIONS), ("word/document.xml", body)):
            archive.writestr(name, data)
    return held.getvalue()


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.txt").write_text("The ferry to Miren sails at noon.\n")
    (folder / "b.docx").write_bytes(word_file(500_000))
    (folder / "c.txt").write_text("The lighthouse was built in 1884.\n")
    return folder


def index(news: Path, embedder: Embedder, limits: Limits) -> tuple[BuildReport, list[str]]:
    versions = Versions(news.parent / "index")
    report = build([news], versions, embedder, limits=limits)
    with versions.open() as snapshot:
        return report, sorted(snapshot.store.owners())


def test_a_source_that_takes_too_much_memory_stops_no_other(news: Path, embedder: Embedder) -> None:
    narrow = Limits(seconds=60, memory=150 * _MEGABYTE)
    report, found = index(news, embedder, narrow)
    [failure] = report.failures
    assert (failure.key, failure.code) == ("news/b.docx", TOO_LARGE)
    assert len(found) == 2
    again, _ = index(news, embedder, narrow)
    assert again.failures == report.failures
    assert not again.is_new
    (news / "b.docx").write_bytes(word_file(3))
    mended, found = index(news, embedder, narrow)
    assert not mended.failures
    assert len(found) == 3


@pytest.mark.slow
def test_one_that_takes_too_long_is_read_again_when_it_may_take_longer(news: Path, embedder: Embedder) -> None:
    (news / "c.txt").unlink()
    report, found = index(news, embedder, Limits(seconds=1.5, processes=1))
    [failure] = report.failures
    assert (failure.key, failure.code, len(found)) == ("news/b.docx", TOO_LONG, 1)
    assert "more than 1.5 s of processor time" in failure.reason
    wider, _ = index(news, embedder, Limits(seconds=2, processes=1))
    assert "more than 2 s of processor time" in wider.failures[0].reason


def test_an_index_is_the_same_however_many_processes_read(news: Path, embedder: Embedder, tmp_path: Path) -> None:
    (news / "b.docx").write_bytes(word_file(30))
    for number in range(8):
        (news / f"d{number}.md").write_text(f"# Report {number}\n\nIt rained {number} mm. The ferry sailed.\n")
    digests = set()
    for processes in (1, 3):
        versions = Versions(tmp_path / str(processes))
        build([news], versions, embedder, limits=Limits(processes=processes))
        with versions.open() as snapshot:
            digests.add(snapshot.manifest.digest)
    assert len(digests) == 1
