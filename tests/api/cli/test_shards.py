"""An index in shards on the command line."""

import json
from pathlib import Path

from api.settings import load_settings
from index.replication.bucket import Bucket
from index.replication.follower import Follower
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


def test_shards_are_published_and_restored_like_any_version(seed_data: Path, tmp_path: Path) -> None:
    bucket, split = str(tmp_path / "bucket"), ("split", "--to", tmp_path / "shards", "--data-dir", seed_data)
    published = run(*split, "--publish-to", bucket)
    assert published.exit_code == 0, published.output
    assert f"published to {bucket}" in published.stdout
    assert f"{bucket} has this version already" in run(*split, "--publish-to", bucket).stdout
    assert not (tmp_path / "shards" / "collection.sqlite").exists(), "there is nothing to back up"
    again = run("split", "--to", tmp_path / "others", "--data-dir", seed_data, "--publish-to", bucket)
    assert "another builder publishes into" in one_line(again)
    assert not (tmp_path / "others" / "index" / "CURRENT").exists()
    restored = run("restore", bucket, "--data-dir", tmp_path / "replica")
    assert restored.exit_code == 0, restored.output
    whole, shards = (
        json.loads(run("ask", "--json", SPOKESWOMAN, "--data-dir", folder).stdout)
        for folder in (seed_data, tmp_path / "replica")
    )
    del whole["timings_ms"], shards["timings_ms"]
    assert shards == whole


def test_a_folder_whose_shards_are_on_other_machines_is_fine_and_says_how_to_serve_it(
    seed_data: Path, tmp_path: Path
) -> None:
    bucket = tmp_path / "bucket"
    run("split", "--to", tmp_path / "shards", "--data-dir", seed_data, "--publish-to", bucket)
    Follower(Bucket(str(bucket)), Versions(tmp_path / "router" / "index"), come_up=lambda _: None).follow()
    examined = run("doctor", "--data-dir", tmp_path / "router")
    assert examined.exit_code == 0, examined.output
    assert "the shards are on the machines of the Ray cluster" in examined.stdout
    asked = one_line(run("ask", SPOKESWOMAN, "--data-dir", tmp_path / "router"))
    assert "Serve it with --ray and --follow" in asked
