"""Versions are rolled back to, pruned, and never taken from under a process that reads them."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.storage.snapshot import MANIFEST, SnapshotError
from index.storage.versions import BusyError, Versions
from tests.support.paths import ROOT


@pytest.fixture
def versions(seed_data: Path, tmp_path: Path) -> Versions:
    """Four versions with the same content, the last one current."""
    shutil.copytree(seed_data / "index", tmp_path / "index")
    made = Versions(tmp_path / "index")
    [first] = made.names()
    digest = first.partition("-")[2]
    for number in (2, 3, 4):
        name = f"{number:06d}-{digest}"
        shutil.copytree(made.path(first), made.path(name))
        manifest = json.loads((made.path(name) / MANIFEST).read_text())
        (made.path(name) / MANIFEST).write_text(json.dumps({**manifest, "version": name}))
        made.point_to(name)
    return made


def numbers(versions: Versions) -> list[int]:
    return [int(name.partition("-")[0]) for name in versions.names()]


def current(versions: Versions) -> int:
    folder = versions.current()
    assert folder
    return int(folder.name.partition("-")[0])


def set_age(versions: Versions, number: int, days: float) -> None:
    path = next(versions.folder.glob(f"versions/{number:06d}-*")) / MANIFEST
    made = datetime.now(UTC) - timedelta(days=days)
    path.write_text(json.dumps({**json.loads(path.read_text()), "created": made.isoformat(timespec="seconds")}))


def test_rolling_back_goes_to_the_version_before_or_to_the_one_named(versions: Versions) -> None:
    versions.rollback()
    assert current(versions) == 3
    versions.rollback(versions.names()[0])
    assert current(versions) == 1
    with pytest.raises(SnapshotError, match="no version before the current one"):
        versions.rollback()
    versions.rollback(versions.names()[-1])
    assert current(versions) == 4
    assert len(versions.names()) == 4


def test_rolling_back_to_what_is_not_there_or_damaged_changes_nothing(versions: Versions) -> None:
    with pytest.raises(SnapshotError, match=r"no version '\.\./x'"):
        versions.rollback("../x")
    (versions.path(versions.names()[2]) / "vectors.faiss").write_bytes(b"")
    with pytest.raises(SnapshotError, match="cut"):
        versions.rollback()
    assert current(versions) == 4


def test_pruning_keeps_the_newest_the_young_and_the_current_one(versions: Versions) -> None:
    versions.rollback(versions.names()[0])
    for number in (1, 2, 3, 4):
        set_age(versions, number, days=10 - number)
    assert len(versions.prune(keep=1, days=7.5)) == 1
    assert numbers(versions) == [1, 3, 4]
    assert len(versions.prune(keep=1)) == 1
    assert numbers(versions) == [1, 4]
    assert versions.prune(keep=1) == []
    assert versions.left_overs() == []


def test_a_clock_that_was_set_back_keeps_no_version_for_ever(versions: Versions) -> None:
    set_age(versions, 1, days=-1000)
    versions.prune(keep=3, days=1)
    assert numbers(versions) == [2, 3, 4]


def test_a_damaged_old_version_is_pruned(versions: Versions) -> None:
    (versions.path(versions.names()[0]) / MANIFEST).unlink()
    versions.prune(keep=3, days=1000)
    assert numbers(versions) == [2, 3, 4]


def test_a_version_that_is_open_stays_until_it_is_closed(versions: Versions) -> None:
    versions.rollback()
    with versions.open() as snapshot:
        versions.rollback(versions.names()[-1])
        versions.prune(keep=1)
        assert numbers(versions) == [3, 4]
        assert len(snapshot.store.articles()) == 1
    versions.prune(keep=1)
    assert numbers(versions) == [4]


def test_a_version_that_another_process_has_open_stays(versions: Versions) -> None:
    program = (
        "import sys; from index.storage.snapshot import *; "
        "s = Snapshot.open(Path(sys.argv[1])); print(1, flush=True); input()"
    )
    folder = versions.path(versions.names()[0])
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout
        assert process.stdin
        process.stdout.readline()
        versions.prune(keep=1)
        assert numbers(versions) == [1, 4]
        process.stdin.write(b"\n")
    versions.prune(keep=1)
    assert numbers(versions) == [4]


def test_nothing_is_rolled_back_or_pruned_during_a_build(versions: Versions) -> None:
    with versions.building():
        with pytest.raises(BusyError, match=f"process {os.getpid()} on .* since 20"):
            versions.rollback()
        with pytest.raises(BusyError):
            versions.prune(keep=1)
    assert numbers(versions) == [1, 2, 3, 4]
