"""Commands for a cluster of Ray, where there is none."""

import sys
from pathlib import Path

import pytest

from api.settings import load_settings
from index.sharding.split import split
from index.storage.snapshot import Snapshot
from index.storage.versions import Versions
from tests.support.command_line import one_line, run

QUESTION = "Who is the NATO spokeswoman?"


@pytest.fixture
def sharded(seed_snapshot: Snapshot, tmp_path: Path) -> Path:
    split(seed_snapshot, Versions(load_settings(data_dir=tmp_path).index_dir), 2)
    return tmp_path


@pytest.fixture(autouse=True)
def without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setenv("PULLQUOTE_RAY", "auto")


def test_without_the_package_it_says_what_to_install(sharded: Path) -> None:
    said = one_line(run("ask", QUESTION, "--data-dir", sharded))
    assert "Ray is not installed" in said
    assert "pip install 'pullquote[ray]'" in said
    build = ("build", "seeds", "--data-dir", sharded, "--on-ray", "2", "--parts", sharded / "parts")
    assert "pip install 'pullquote[ray]'" in one_line(run(*build))


def test_an_index_in_no_shards_needs_no_cluster(seed_data: Path) -> None:
    assert "Dakhlallah" in run("ask", QUESTION, "--data-dir", seed_data).stdout
