"""Building from a program is building from the command line."""

from pathlib import Path

import pytest

import pullquote
from index.collection.store import Collection, WrittenDocument
from index.storage.versions import Versions
from pullquote import Models

FERRY = "The ferry sailed at nine with 300 people."


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "news" / "ferry.txt"
    path.parent.mkdir()
    path.write_text(FERRY, encoding="utf-8")
    return path


def test_the_report_tells_what_is_not_indexed(tmp_path: Path, story: Path, models: Models) -> None:
    (story.parent / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    stages = []
    report = pullquote.build(
        [story.parent], tmp_path / "data", models=models, progress=lambda stage, done, total: stages.append(stage)
    )
    assert (report.articles, report.added, report.is_new) == (1, 1, True)
    assert [failure.key for failure in report.failures] == ["news/broken.pdf"]
    assert "embed" in stages
    with pullquote.open(tmp_path / "data", models=models) as index:
        assert index.version == report.version
    again = pullquote.build(str(story.parent), tmp_path / "data", models=models)
    assert (again.version, again.is_new, again.unchanged) == (report.version, False, 1)
    with pytest.raises(pullquote.SourceError):
        pullquote.build(story.parent, tmp_path / "data", models=models, strict=True)


def test_what_was_written_to_a_service_stays(tmp_path: Path, story: Path, models: Models) -> None:
    data = tmp_path / "data"
    collection = Collection(data)
    with collection.transaction() as connection:
        written = WrittenDocument(
            "bridge", b"The bridge over the Lorn opened on Monday.", "bridge.txt", article_id="bridge"
        )
        collection.put(connection, written, ["bridge"], over=False)
    pullquote.build(story, data, models=models)
    with pullquote.open(data, models=models) as index:
        assert index.ask("When did the bridge open?").answers[0].text == "Monday"
    assert Collection(data).sources() == [str(story)]


def test_old_versions_go(tmp_path: Path, story: Path, models: Models) -> None:
    for number in range(4):
        story.write_text(f"{FERRY} Trip {number}.", encoding="utf-8")
        report = pullquote.build(story, tmp_path / "data", models=models, keep_versions=2)
    names = Versions(tmp_path / "data" / "index").names()
    assert len(names) == 2
    assert names[-1] == report.version


def test_sources_that_are_not_there_are_told_before_a_model_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(pullquote.SourceError, match="nowhere"):
        pullquote.build(tmp_path / "nowhere", tmp_path / "data", models=Models(cache=tmp_path / "models"))
    assert list(tmp_path.iterdir()) == []


def test_web_addresses_are_fetched_as_the_policy_has_it(tmp_path: Path, models: Models) -> None:
    with pytest.raises(pullquote.SourceError, match="private"):
        pullquote.build("http://127.0.0.1:9/story", tmp_path / "data", models=models)
