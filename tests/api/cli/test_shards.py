"""An index in shards on the command line."""

import json
from pathlib import Path

from api.settings import load_settings
from index.storage.versions import Versions
from tests.support.command_line import SPOKESWOMAN, one_line, run


def test_shards_are_asked_like_the_index_that_they_are_made_of(seed_data: Path, tmp_path: Path) -> None:
    result = run("split", "--to", tmp_path, "--shards", "3", "--data-dir", seed_data)
    assert result.exit_code == 0, result.stderr
    assert "is in 3 shards" in result.stdout
    whole, shards = (
        json.loads(run("ask", "--json", SPOKESWOMAN, "--data-dir", folder).stdout) for folder in (seed_data, tmp_path)
    )
    del whole["timings_ms"], shards["timings_ms"]
    assert shards == whole
    assert run("doctor", "--data-dir", tmp_path).exit_code == 0


def test_what_cannot_be_split_is_refused_in_one_line(seed_data: Path, tmp_path: Path) -> None:
    same = run("split", "--to", seed_data, "--data-dir", seed_data)
    assert "another folder" in one_line(same, 2)
    empty = run("split", "--to", tmp_path / "to", "--data-dir", tmp_path)
    assert "there is no index" in one_line(empty)
    assert run("split", "--to", tmp_path / "to", "--shards", "2", "--data-dir", seed_data).exit_code == 0
    twice = run("split", "--to", tmp_path / "to", "--shards", "3", "--data-dir", seed_data)
    assert "split it into 3 in another folder" in one_line(twice)
    assert Versions(load_settings(data_dir=tmp_path / "to").index_dir).current() is not None
