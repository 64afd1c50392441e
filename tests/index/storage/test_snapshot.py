import json
import shutil
from pathlib import Path

import pytest

from index.storage.snapshot import FORMAT, MANIFEST, QUESTIONS, STORE, VECTORS, Snapshot, SnapshotError
from index.storage.versions import BusyError, Versions


@pytest.fixture
def folder(seed_data: Path, tmp_path: Path) -> Path:
    current = Versions(seed_data / "index").current()
    assert current
    return Path(shutil.copytree(current, tmp_path / "snapshot"))


def test_every_count_is_equal(articles_snapshot: Snapshot) -> None:
    counts = articles_snapshot.store.counts()
    passages = articles_snapshot.manifest.passages
    assert counts["passages"] == counts["lengths"] == len(articles_snapshot.vectors) == passages
    assert counts["articles"] == articles_snapshot.manifest.articles == 16
    assert articles_snapshot.count_problems() == []


def test_counts_that_differ_are_told(articles_snapshot: Snapshot, seed_snapshot: Snapshot) -> None:
    mixed = Snapshot(seed_snapshot.manifest, seed_snapshot.store, articles_snapshot.vectors)
    [problem] = mixed.count_problems()
    assert "vectors" in problem
    assert str(len(articles_snapshot.vectors)) in problem


@pytest.mark.parametrize("name", [STORE, VECTORS, QUESTIONS, MANIFEST])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(SnapshotError, match=rf"index file missing: .*{name}"):
        Snapshot.open(folder)


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("name", [STORE, VECTORS, QUESTIONS])
def test_a_file_cut_short_is_named(folder: Path, name: str, verify: bool) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(SnapshotError, match=rf"index file cut: .*{name}"):
        Snapshot.open(folder, verify)


@pytest.mark.parametrize("name", [STORE, VECTORS, QUESTIONS])
def test_a_file_changed_by_one_byte_is_named(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(SnapshotError, match=rf"index file altered: .*{name}"):
        Snapshot.open(folder)


@pytest.mark.parametrize("content", ["{", "{}", "[1]"])
def test_questions_that_were_tampered_with_are_named(folder: Path, content: str) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][QUESTIONS]["bytes"] = len(content)
    (folder / MANIFEST).write_text(json.dumps(manifest))
    (folder / QUESTIONS).write_text(content)
    with pytest.raises(SnapshotError, match=QUESTIONS):
        Snapshot.open(folder, verify=False)


@pytest.mark.parametrize("changes", [{"files": {}}, {"files": []}, {"embedder": {}}, {"version": "000001-00000000"}])
def test_a_manifest_that_was_tampered_with_is_named(folder: Path, changes: dict[str, object]) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **changes}))
    with pytest.raises(SnapshotError, match=r"can't be read as a manifest"):
        Snapshot.open(folder)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", f'{{"format": {FORMAT}}}', f'{{"format": {FORMAT}, "surprise": 2}}']
)
def test_a_damaged_manifest_is_named(folder: Path, content: str) -> None:
    (folder / MANIFEST).write_text(content)
    with pytest.raises(SnapshotError, match=r"can't be read as a manifest"):
        Snapshot.open(folder)


def test_a_manifest_of_another_format_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(SnapshotError, match="of format 99"):
        Snapshot.open(folder)


def test_a_manifest_of_the_format_before_is_read(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "format": FORMAT - 1}))
    Snapshot.open(folder).close()


def test_no_index_yet_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"no index in .* yet"):
        Versions(tmp_path).open()


@pytest.mark.parametrize("pointer", [b"", b"000009-00000000", b"../../etc", b"\xff\xfe"])
def test_a_pointer_to_nowhere_is_named(tmp_path: Path, pointer: bytes) -> None:
    (tmp_path / "CURRENT").write_bytes(pointer)
    with pytest.raises(SnapshotError, match=r"CURRENT names the version .* not there"):
        Versions(tmp_path).open()


def test_a_pointer_that_is_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").mkdir()
    with pytest.raises(SnapshotError, match="CURRENT can't be read"):
        Versions(tmp_path).open()


def test_one_builder_at_a_time(tmp_path: Path) -> None:
    with (
        Versions(tmp_path).building(),
        pytest.raises(BusyError, match=r"process \d+ on .*, since 20.*, is changing"),
        Versions(tmp_path).building(),
    ):
        pytest.fail("two builders")
    with Versions(tmp_path).building():
        pass


def test_a_build_that_fails_leaves_the_old_version(seed_data: Path, tmp_path: Path) -> None:
    shutil.copytree(seed_data / "index", tmp_path / "index")
    versions = Versions(tmp_path / "index")
    before = versions.open().version

    def build_and_die() -> None:
        with versions.building() as work:
            (work / STORE).write_bytes(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        build_and_die()
    assert versions.open().version == before
    assert versions.names() == [before]
    assert [path.name for path in (tmp_path / "index").glob(".building-*")] == []


def test_what_a_killed_builder_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    left_over = tmp_path / ".building-dead"
    left_over.mkdir()
    with Versions(tmp_path).building():
        assert not left_over.exists()


def test_versions_are_numbered_on_and_named_by_content(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    for number, digest in enumerate(["a" * 64, "b" * 64], 1):
        with versions.building() as work:
            name = versions.next_name(digest)
            (work / "file").write_text("content")
            versions.publish(work, name)
        assert name == f"{number:06d}-{digest[:8]}"
        assert versions.current() == tmp_path / "versions" / name
    assert versions.names() == ["000001-aaaaaaaa", "000002-bbbbbbbb"]
    versions.point_to("000001-aaaaaaaa")
    assert versions.current() == tmp_path / "versions" / "000001-aaaaaaaa"
