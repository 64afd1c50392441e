"""Whatever breaks a build, the error is clear and the version before is untouched and served."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from index.building import revision
from index.building.builder import BuildError, build
from index.models.embedder import Embedder
from index.storage.versions import Versions
from tests.support.paths import ROOT


def fingerprints(versions: Versions) -> dict[str, bytes]:
    """Every file of every version, and the pointer."""
    paths = [*versions.folder.glob("versions/*/*"), versions.folder / "CURRENT"]
    return {str(path.relative_to(versions.folder)): path.read_bytes() for path in paths}


@pytest.fixture
def versions(seed_data: Path, tmp_path: Path) -> Versions:
    shutil.copytree(seed_data / "index", tmp_path / "index")
    return Versions(tmp_path / "index")


def stays(versions: Versions, embedder: Embedder, reason: str) -> None:
    before = fingerprints(versions)
    with pytest.raises(BuildError, match=rf"can't be written to .*{reason}.*version before stays"):
        build([ROOT / "tests" / "articles"], versions, embedder)
    assert fingerprints(versions) == before
    assert versions.open().count_problems() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=800k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("share", [0, pytest.param(100, marks=pytest.mark.slow, id="revised")])
@pytest.mark.parametrize("free", [0, 20_000, 90_000, 150_000])
def test_a_disk_that_is_full_in_the_middle_of_a_build(
    seed_data: Path, small_disk: Path, embedder: Embedder, free: int, share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "LEAST_ARTICLES", 0)
    monkeypatch.setattr(revision, "MOST_SHARE", share)
    shutil.copytree(seed_data / "index", small_disk / "index")
    with (small_disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))
    os.truncate(small_disk / "filler", max(0, (small_disk / "filler").stat().st_size - free))
    versions = Versions(small_disk / "index")
    stays(versions, embedder, "(No space left|disk is full|disk I/O)")
    (small_disk / "filler").unlink()
    assert [path.name for path in versions.left_overs()] == []
    assert build([ROOT / "tests" / "articles"], versions, embedder).is_new


@pytest.mark.parametrize("kilobytes", [1, 40, 110])
def test_a_limit_on_the_size_of_files(versions: Versions, kilobytes: int) -> None:
    before = fingerprints(versions)
    program = (
        "import resource, sys; from api.cli.main import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024},) * 2); main()"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            program,
            "build",
            str(ROOT / "tests/articles"),
            "--data-dir",
            str(versions.folder.parent),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert [line for line in done.stderr.splitlines() if "can't be written to" in line], done.stderr
    assert "Traceback" not in done.stderr
    assert fingerprints(versions) == before


def test_a_folder_that_may_not_be_written(versions: Versions, embedder: Embedder, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        folder = str(versions.folder)
        mounted = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False).returncode == 0
        if not mounted:
            pytest.skip("root may write everywhere, and no file system may be mounted here")
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
            stays(versions, embedder, "Read-only file system")
        finally:
            subprocess.run(["umount", folder], check=True)
    else:
        versions.folder.chmod(0o555)
        try:
            stays(versions, embedder, "Permission denied")
        finally:
            versions.folder.chmod(0o755)


def test_a_clock_that_goes_backwards(versions: Versions, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    news = versions.folder.parent / "news"
    news.mkdir()
    (news / "mill.txt").write_text("The mill burned down in May. Nobody was hurt.")
    first = build([news], versions, embedder)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 86_400_000_000_000)
    (news / "mill.txt").write_text("The mill burned down in May. Nobody was home.")
    os.utime(news / "mill.txt", (time.time() - 86_400, time.time() - 86_400))
    second = build([news], versions, embedder)
    assert second.changed == 1
    assert versions.names()[-2:] == [first.version, second.version]
    assert not build([news], versions, embedder).is_new
    (news / "mill.txt").write_text("The mill burned down in May. Nobody was seen.")
    os.utime(news / "mill.txt", (time.time() - 86_400, time.time() - 86_400))
    assert build([news], versions, embedder).changed == 1


REVISED = "from index.building import revision; revision.LEAST_ARTICLES, revision.MOST_SHARE = 0, 100"
"""As if the index were so large that a change is made in a copy of the version before."""


@pytest.mark.slow
@pytest.mark.parametrize("begin", ["", REVISED], ids=["written anew", "revised"])
def test_a_builder_killed_at_any_moment_leaves_a_whole_version(versions: Versions, tmp_path: Path, begin: str) -> None:
    news = Path(shutil.copytree(ROOT / "tests" / "articles", tmp_path / "news"))
    program = f"{begin}\nfrom api.cli.main import main\nmain()"
    command = [sys.executable, "-c", program, "build", str(news), "--data-dir", str(tmp_path)]
    start = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    whole = time.monotonic() - start
    chance = random.Random(11)
    for number in range(20):
        (news / "changing.txt").write_text(f"The {number} boats stayed in port. Nobody was hurt.")
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(whole * chance.uniform(0.4, 1.0))
            process.send_signal(signal.SIGKILL)
        with versions.open() as snapshot:
            assert snapshot.count_problems() == []
    subprocess.run(command, check=True, capture_output=True)
    with versions.open() as snapshot:
        texts = [article.text for article in snapshot.store.articles(limit=100)]
        assert any("The 19 boats" in text for text in texts)
    assert versions.left_overs() == []
    versions.prune(keep=2)
    assert len(versions.names()) == 2
    assert {path.name for path in versions.folder.iterdir()} == {
        "CURRENT",
        "lock",
        "versions",
        "hashes.sqlite",
        "sums.json",
    }
