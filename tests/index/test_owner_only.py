"""What is indexed is not for everybody on the machine."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.doctor import diagnose
from api.settings import load_settings
from index.building.builder import build
from index.collection.export import export_version
from index.collection.store import Collection
from index.models.embedder import Embedder
from index.owner_only import close_to_anybody, make_file, make_folder, open_to_anybody
from index.storage.versions import Versions


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_folders_and_files_are_made_for_the_owner_alone(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_file(tmp_path / "a" / "f")
    assert [_mode(tmp_path / name) for name in ("a", "a/b", "a/f")] == [0o700, 0o700, 0o600]


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(0o750)
    (tmp_path / "f").write_text("x")
    make_folder(tmp_path / "a")
    make_file(tmp_path / "f")
    assert (_mode(tmp_path / "a"), _mode(tmp_path / "f"), (tmp_path / "f").read_text()) == (0o750, 0o644, "x")


def test_what_is_there_keeps_the_locks_of_this_process(tmp_path: Path) -> None:
    lock = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    file = tmp_path / "f"
    make_file(file)
    with file.open("r+") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        make_file(file)
        assert subprocess.run([sys.executable, "-c", lock, file], capture_output=True, check=False).returncode != 0
    subprocess.run([sys.executable, "-c", lock, file], check=True)


def test_an_index_and_what_is_written_are_for_the_owner_alone(tmp_path: Path, embedder: Embedder) -> None:
    data, article = tmp_path / "data", tmp_path / "a.txt"
    article.write_text("The pier at Lorn is 90 metres long.")
    versions, collection = Versions(data / "index"), Collection(data)
    with collection.transaction():
        build([article], versions, embedder)
    export_version(versions, collection, tmp_path / "out.zip")
    made = [data, *data.rglob("*"), tmp_path / "out.zip"]
    assert {path.name for path in made} >= {"collection.sqlite", "collection.sqlite-wal", "CURRENT", "lock"}
    assert {path: oct(_mode(path)) for path in made if _mode(path) != (0o700 if path.is_dir() else 0o600)} == {}


def test_the_doctor_tells_what_anybody_may_read_and_closes_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    (data / "collection.sqlite").touch(0o644)
    (data / "index").mkdir(mode=0o755)
    (data / "group").touch(0o640)
    (data / "models").symlink_to("/")
    found = {finding.check: finding for finding in diagnose(load_settings(data_dir=data))}["rights"]
    assert not found.is_fine
    assert (
        f"anybody on this machine may read {data / 'collection.sqlite'} and 1 other file or folder of" in found.message
    )
    assert found.mend
    assert "is closed" in found.mend()
    assert list(open_to_anybody(data)) == []
    assert (_mode(data), _mode(data / "group")) == (0o750, 0o640)


def test_an_open_folder_with_nothing_open_in_it_is_fine(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_folder(tmp_path / "index")
    make_file(tmp_path / "f")
    assert list(open_to_anybody(tmp_path)) == []


def test_a_closed_folder_closes_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "f").touch(0o644)
    tmp_path.chmod(0o700)
    assert list(open_to_anybody(tmp_path)) == []
    close_to_anybody(tmp_path)
    assert _mode(tmp_path / "f") == 0o644
