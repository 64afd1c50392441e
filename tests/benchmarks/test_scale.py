import gzip
import json
from pathlib import Path

import pytest

from api.cli.sizing import fit
from benchmarks import made_up, plots, scale
from index.building import revision
from index.building.builder import build
from index.models.embedder import SHIPPED
from index.storage import vectors
from index.storage.versions import Versions


@pytest.fixture
def news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    record = {"title": "Wheat", "text": "The ministry said that the harvest of wheat was good this year. " * 5}
    with gzip.open(tmp_path / "corpus", "wt", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    monkeypatch.setattr(made_up, "_A_FILE", 10)
    made_up.write_articles(tmp_path / "corpus", 25, tmp_path / "news")
    return tmp_path / "news"


def test_articles_are_written_in_files_of_so_many(news: Path) -> None:
    lines = [path.read_text(encoding="utf-8").splitlines() for path in sorted(news.iterdir())]
    assert [len(each) for each in lines] == [10, 10, 5]
    assert len({json.loads(line)["id"] for each in lines for line in each}) == 25


def test_a_version_that_is_written_straight_is_one_that_a_build_takes_over(
    news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "LEAST_ARTICLES", 0)
    monkeypatch.setattr(vectors, "_MOST_TRAINED_ON", vectors._MOST_TRAINED_ON)
    versions, embedder = Versions(tmp_path / "index"), made_up.MadeUp(SHIPPED, threads=1)
    made_up.write_version(news, versions, embedder)
    assert not build([news], versions, embedder).is_new
    (news / "changing.md").write_text("# Corrected\n\nThe harvest was bad.\n")
    report = build([news], versions, embedder)
    assert (report.unchanged, report.added, report.embedded) == (25, 1, 1)
    with versions.open() as snapshot:
        assert snapshot.count_problems() == []
        assert len(snapshot.store.file_articles("news/00000010.jsonl")) == 10


def test_what_lies_on_a_line_is_predicted_and_what_does_not_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "FOLDER", tmp_path)
    found = [
        {"passages": float(count), **dict.fromkeys(scale.FIGURES, 5.0 + 0.5 * count)} for count in (100, 300, 1000)
    ]
    found[-1]["disk_bytes"] *= 2
    fits = {name: fit(*((record["passages"], record[name]) for record in found[:2])) for name in scale.FIGURES}
    rows = dict(line.strip("| ").split(" | ", 1) for line in scale.section(found, fits).splitlines() if " | " in line)
    assert rows["bytes on disk"].endswith("| 505 | 0.50")
    assert rows["building, CPU s"].endswith("| 505 | 1.00")
    assert len(list(tmp_path.iterdir())) == 2
