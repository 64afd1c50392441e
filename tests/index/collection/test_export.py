"""What was exported is imported whole, and what is no export is refused, with nothing changed."""

import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from index.collection.export import ArchiveError, export_version, import_version
from index.collection.store import FILE, Collection, WrittenDocument
from index.sources.intake import Edits
from index.storage.filters import EVERYTHING
from index.storage.snapshot import MANIFEST, QUESTIONS, STORE, VECTORS
from index.storage.versions import Versions

WRITTEN = "written.jsonl"
COLLECTION = {FILE, f"{FILE}-wal", f"{FILE}-shm"}


@pytest.fixture(scope="module")
def archive(seed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("export") / "index.zip"
    export_version(Versions(seed_data / "index"), Collection(file.parent), file)
    return file


def test_an_export_is_imported_with_the_same_content(seed_data: Path, archive: Path, tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    import_version(versions, Collection(tmp_path), archive)
    with versions.open() as here, Versions(seed_data / "index").open() as there:
        assert here.manifest == there.manifest
        assert here.example_questions == there.example_questions != ()
    assert import_version(versions, Collection(tmp_path), archive) == (versions.names()[0], 0)
    assert len(versions.names()) == 1


def test_the_same_version_gives_the_same_bytes(seed_data: Path, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    export_version(Versions(seed_data / "index"), Collection(tmp_path), tmp_path / "out" / "again.zip")
    assert (tmp_path / "out" / "again.zip").read_bytes() == archive.read_bytes()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["again.zip"]


def test_an_import_becomes_the_newest_version(archive: Path, articles_data: Path, tmp_path: Path) -> None:
    shutil.copytree(articles_data / "index", tmp_path / "index")
    versions = Versions(tmp_path / "index")
    name, _ = import_version(versions, Collection(tmp_path), archive)
    assert name.startswith("000002-")
    assert versions.open().version == name


def _rewrite(source: Path, target: Path, change: Callable[[str, bytes], bytes | None], extra: object = None) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
        if extra is not None:
            new.writestr(extra, b"x")  # type: ignore[arg-type]


def _link(name: str, kind: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "extra",
    ["../evil", "/etc/evil", "a/../../evil", "C:\\evil", "readme.txt", _link("link"), _link("device", stat.S_IFBLK)],
)
def test_what_is_no_file_of_an_index_is_refused(archive: Path, tmp_path: Path, extra: object) -> None:
    _rewrite(archive, tmp_path / "bad.zip", lambda _, data: data, extra)
    refused(tmp_path, "no file of an index")


def refused(folder: Path, reason: str) -> None:
    """What is refused leaves nothing behind, neither in the index nor anywhere else."""
    (folder / "index").mkdir()
    versions, collection = Versions(folder / "index"), Collection(folder)
    with pytest.raises(ArchiveError, match=reason):
        import_version(versions, collection, folder / "bad.zip")
    assert versions.names() == []
    assert collection.edits() == Edits([], set())
    assert {path.name for path in folder.rglob("*")} <= {"bad.zip", "index", "versions", "lock", *COLLECTION}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR])
def test_a_file_of_the_index_must_not_be_a_link_or_a_device(archive: Path, tmp_path: Path, kind: int) -> None:
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(tmp_path / "bad.zip", "w") as new:
        for name in (MANIFEST, STORE):
            new.writestr(name, old.read(name))
        new.writestr(_link(VECTORS, kind), "/etc/passwd")
    refused(tmp_path, "no file of an index")


@pytest.mark.parametrize("name", [MANIFEST, STORE, VECTORS, WRITTEN])
def test_a_file_that_is_missing_or_there_twice_is_refused(archive: Path, tmp_path: Path, name: str) -> None:
    _rewrite(archive, tmp_path / "bad.zip", lambda found, data: None if found == name else data)
    refused(tmp_path, "once each")
    shutil.rmtree(tmp_path / "index")
    with pytest.warns(UserWarning, match="Duplicate"):
        _rewrite(archive, tmp_path / "bad.zip", lambda _, data: data, name)
    refused(tmp_path, "once each")


@pytest.mark.parametrize("name", [STORE, VECTORS, QUESTIONS])
def test_a_file_with_another_content_or_size_is_refused(archive: Path, tmp_path: Path, name: str) -> None:
    _rewrite(archive, tmp_path / "bad.zip", lambda found, data: data[:-1] + b"?" if found == name else data)
    refused(tmp_path, "altered")
    shutil.rmtree(tmp_path / "index")
    _rewrite(archive, tmp_path / "bad.zip", lambda found, data: data + bytes(10**7) if found == name else data)
    refused(tmp_path, "larger than")


def test_an_export_of_a_version_without_example_questions_is_imported(archive: Path, tmp_path: Path) -> None:
    def without(name: str, data: bytes) -> bytes | None:
        if name != MANIFEST:
            return None if name == QUESTIONS else data
        manifest = json.loads(data)
        del manifest["files"][QUESTIONS]
        return json.dumps(manifest).encode()

    _rewrite(archive, tmp_path / "old.zip", without)
    import_version(versions := Versions(tmp_path / "index"), Collection(tmp_path), tmp_path / "old.zip")
    with versions.open() as snapshot:
        assert snapshot.example_questions == ()


def test_an_archive_that_lacks_the_questions_of_its_manifest_is_refused(archive: Path, tmp_path: Path) -> None:
    _rewrite(archive, tmp_path / "bad.zip", lambda name, data: None if name == QUESTIONS else data)
    refused(tmp_path, "files that its manifest lists")


def test_a_manifest_that_is_huge_or_none_is_refused(archive: Path, tmp_path: Path) -> None:
    _rewrite(archive, tmp_path / "bad.zip", lambda found, data: data + b" " * 10**6 if found == MANIFEST else data)
    refused(tmp_path, "larger than")
    shutil.rmtree(tmp_path / "index")
    _rewrite(archive, tmp_path / "bad.zip", lambda found, data: b"[]" if found == MANIFEST else data)
    refused(tmp_path, "damaged: .*manifest")
    shutil.rmtree(tmp_path / "index")

    def lying(found: str, data: bytes) -> bytes:
        if found != MANIFEST:
            return data
        manifest = json.loads(data)
        return json.dumps({**manifest, "passages": 99}).encode()

    _rewrite(archive, tmp_path / "bad.zip", lying)
    refused(tmp_path, "damaged: .*99")


@pytest.mark.parametrize("cut", [0, 100, 5000])
def test_a_cut_archive_is_refused(archive: Path, tmp_path: Path, cut: int) -> None:
    (tmp_path / "bad.zip").write_bytes(archive.read_bytes()[:cut])
    refused(tmp_path, "can't be read as an archive")


def test_a_broken_byte_is_noticed(archive: Path, tmp_path: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "bad.zip").write_bytes(content)
    refused(tmp_path, "can't be read as an archive|damaged")


def put(collection: Collection, key: str, body: bytes, *article_ids: str) -> None:
    with collection.transaction() as connection:
        collection.put(
            connection, WrittenDocument(key, body, f"{key}.txt", metadata={"title": key}), article_ids, over=True
        )


def content(collection: Collection) -> tuple[set[tuple[str, str]], set[str]]:
    edits = collection.edits()
    return {(written.key, written.sha256()) for written in edits.written}, set(edits.deleted)


def test_what_was_written_and_deleted_comes_along(seed_data: Path, tmp_path: Path) -> None:
    there, here, file = Collection(tmp_path / "there"), Collection(tmp_path / "here"), tmp_path / "index.zip"
    put(there, "a", b"Ada Finch is the mayor \xff.", "a")
    put(there, "b", b"The ferry is late.", "b")
    with there.transaction() as connection:
        there.delete(connection, "old")
    export_version(Versions(seed_data / "index"), there, file)
    versions = Versions(tmp_path / "here" / "index")
    assert import_version(versions, here, file)[1] == 2
    assert content(here) == content(there)
    assert import_version(versions, here, file)[1] == 0
    assert content(here) == content(there)


def test_an_import_leaves_what_was_written_here(seed_data: Path, tmp_path: Path) -> None:
    there, here, file = Collection(tmp_path / "there"), Collection(tmp_path / "here"), tmp_path / "index.zip"
    for key in ("a", "b", "c"):
        put(there, key, b"There.", key)
    with there.transaction() as connection:
        there.delete(connection, "mine")
    export_version(Versions(seed_data / "index"), there, file)
    put(here, "a", b"Here.", "a")
    put(here, "other", b"Here.", "b", "mine")
    before = content(here)[0]
    assert import_version(Versions(tmp_path / "here" / "index"), here, file)[1] == 1
    written, deleted = content(here)
    assert before < written
    assert {key for key, _ in written} == {"written:a", "written:other", "written:c"}
    assert deleted == set()


def test_an_old_archive_brings_no_deleted_article_back_unless_that_is_wanted(
    seed_data: Path, archive: Path, tmp_path: Path
) -> None:
    versions, here = Versions(tmp_path / "index"), Collection(tmp_path)
    shutil.copytree(seed_data / "index", tmp_path / "index", symlinks=True)
    with versions.open() as snapshot:
        [article] = snapshot.store.articles(EVERYTHING, "", 1)
    with here.transaction() as connection:
        here.delete(connection, article.id)
    before = versions.names()
    with pytest.raises(ArchiveError, match=f"holds '{article.id}', which was deleted here"):
        import_version(versions, here, archive)
    assert (versions.names(), versions.left_overs()) == (before, [])
    import_version(versions, here, archive, restore_deleted=True)
    with versions.open() as snapshot:
        assert snapshot.store.article(article.id)


@pytest.mark.parametrize(
    "lines",
    [
        b"no JSON",
        b"[]",
        b'{"document": null, "articles": []}',
        b'{"document": null, "articles": [1]}',
        b'{"document": {"key": "a", "body": "?"}, "articles": ["a"]}',
        b'{"document": {"key": 1, "body": ""}, "articles": ["a"]}',
        b'{"document": {"key": "a", "body": "", "metadata": []}, "articles": ["a"]}',
        b'{"document": {"key": "a", "body": "", "colour": "red"}, "articles": ["a"]}',
    ],
)
def test_lines_that_are_none_are_refused(archive: Path, tmp_path: Path, lines: bytes) -> None:
    good = b'{"document": {"key": "a", "body": "SGk="}, "articles": ["a"]}\n'
    _rewrite(archive, tmp_path / "bad.zip", lambda found, data: good + lines if found == WRITTEN else data)
    refused(tmp_path, "written document can't be read")


def test_lines_that_grow_beyond_measure_are_refused(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, bytes(10**7) if name == WRITTEN else old.read(name))
    refused(tmp_path, "larger than")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    versions, collection = Versions(tmp_path / "index"), Collection(tmp_path)
    with pytest.raises(ArchiveError, match=r"missing\.zip can't be read \(No such file"):
        import_version(versions, collection, tmp_path / "missing.zip")
    with pytest.raises(ArchiveError, match=r"can't be read \(Is a directory\): name a file"):
        import_version(versions, collection, tmp_path)
