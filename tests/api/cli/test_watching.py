"""A watching build takes on what changes, and only that."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from api.cli.watching import changes, watched


def test_folders_of_files_and_patterns_are_watched(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "one.txt").touch()
    sources = ["https://example.org/", f"{tmp_path}/news", f"{tmp_path}/one.txt", f"{tmp_path}/news/**/*.txt"]
    assert watched(sources) == [tmp_path, tmp_path / "news"]


def test_what_changes_before_anybody_waits_for_it_is_not_missed(tmp_path: Path) -> None:
    stop = threading.Event()
    steps = changes([str(tmp_path)], tmp_path / "var", stop)
    late = threading.Timer(60, stop.set)
    late.start()
    next(steps)
    (tmp_path / "mill.txt").write_text("The mill burned down in May.")
    next(steps)
    late.cancel()
    stop.set()
    assert list(steps) == []


@pytest.mark.slow
def test_a_change_is_built_and_the_index_among_the_sources_starts_no_circle(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "mill.txt").write_text("The mill burned down in May. Nobody was hurt.")
    command = [sys.executable, "-u", "-m", "api", "build", f"{tmp_path}/*.txt", "--watch", "--data-dir"]
    told = tmp_path / "var" / "told"
    with (
        told.open("w") as file,
        subprocess.Popen([*command, str(tmp_path / "var")], stdout=file, stderr=file) as process,
    ):
        try:
            _wait(told, "version 0")
            (tmp_path / "bridge.txt").write_text("The bridge was closed on Monday.")
            _wait(told, "1 added, 0 changed, 0 removed, 1 unchanged")
            os.unlink(tmp_path / "bridge.txt")
            os.unlink(tmp_path / "mill.txt")
            _wait(told, "matches no file")
            (tmp_path / "mill.txt").write_text("The mill is built again.")
            _wait(told, "0 added, 1 changed, 1 removed")
            time.sleep(1.5)
            assert len(re.findall("version 0", told.read_text())) == 3
        finally:
            process.terminate()


def _wait(told: Path, words: str) -> None:
    end = time.monotonic() + 240
    while words not in told.read_text():
        assert time.monotonic() < end, f"{words!r} is not in {told.read_text()}"
        time.sleep(0.1)
