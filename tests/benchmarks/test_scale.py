import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks import made_up, plots
from benchmarks.scale import asking, making, showing
from benchmarks.scale.__main__ import BUILT, section
from benchmarks.scale.record import Record
from index.building import revision
from index.building.builder import build
from index.models.embedder import SHIPPED
from index.storage import vectors
from index.storage.versions import Versions

Way = Callable[[Sequence[Path], Path], Record]


@pytest.fixture
def news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    record = {"title": "Wheat", "text": "The ministry said that the harvest of wheat was good this year. " * 5}
    with gzip.open(tmp_path / "corpus", "wt", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    monkeypatch.setattr(made_up, "_A_FILE", 10)
    made_up.write_articles(tmp_path / "corpus", 25, tmp_path / "news")
    return tmp_path / "news"


@pytest.fixture
def ships(tmp_path: Path) -> Path:
    records = [
        {"id": f"{n}", "title": f"On {n}", "text": f"The {n}th ship left the port at dawn. " * 3} for n in range(40)
    ]
    corpus = tmp_path / "ships.jsonl.gz"
    with gzip.open(corpus, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    return corpus


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
    found: list[Record] = [
        {"passages": count, **dict.fromkeys(showing.FITS.values(), 5.0 + 0.5 * count), "bytes on disk": 2.0 * count}
        for count in (100, 300, 1000)
    ]
    found[-1]["bytes on disk"] = 4000.0
    shown = section(BUILT, found, plotted=True)
    rows = dict(line.strip("| ").split(" | ", 1) for line in shown.splitlines() if " | " in line)
    assert rows["bytes on disk"].endswith("| 2,000 | 0.50")
    assert rows["building, CPU s"].endswith("| 505 | 1.00")
    assert len(list(tmp_path.iterdir())) == 2


def test_the_lines_of_the_command_go_through_the_smallest_and_the_largest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = tmp_path / "sizing.json"
    fitted.write_text(json.dumps({"bytes_a_passage": {"other": [900, 3600]}, "fits": {}}))
    monkeypatch.setattr(showing, "FITTED", fitted)
    built: list[Record] = [
        {
            "passages": count,
            "characters a passage": 370.0,
            "bytes on disk": 2700.0 * count,
            **{name: [5.0 + count, 99.0] for name in showing.FITS.values()},
        }
        for count in (100, 300, 1000)
    ]
    showing.keep_fits("some", built)
    showing.keep_fits("straight", [{"passages": 10, "characters a passage": 800.0, "bytes on disk": 31_000.0}])
    kept = json.loads(fitted.read_text())
    assert kept["bytes_a_passage"] == {"other": [900, 3600], "some": [370, 2700], "straight": [800, 3100]}
    assert kept["fits"].keys() == showing.FITS.keys()
    assert kept["fits"]["build_mb"] == [5, 1]
    assert kept["measured_at"] == [100, 300, 1000]


@pytest.mark.parametrize("way", [making.built, making.written])
def test_an_index_of_a_size_is_made_and_asked(way: Way, ships: Path, tmp_path: Path) -> None:
    corpus, place = [ships], tmp_path / "25"
    making.sources(corpus, place, 25)
    made = {**way(corpus, place), **making.size(place)}
    assert (made["articles"], made["passages"]) == (25, 25)
    assert 250 < showing.first(made["characters a passage"]) < 350
    assert showing.first(made["bytes on disk"]) > 25 * 4 * 384
    found = asking.searched(corpus, place, 4, 0, None)
    assert "an ask, CPU ms" not in found
    measured = made | found
    assert all(showing.first(measured[name]) > 0 for name in ("both, CPU ms", "memory of searching, MB"))
    if way is making.built:
        assert set(showing.FITS.values()) <= measured.keys()


def test_the_exponent_of_a_power_is_its_power() -> None:
    slope, error = showing.exponent([(x, 3 * x**1.5) for x in (10, 100, 1000, 5000)])
    assert slope == pytest.approx(1.5)
    assert error == pytest.approx(0, abs=1e-6)
    assert showing.exponent([(10, 1), (100, 20), (1000, 100)])[1] > 0.05
    with pytest.raises(ValueError, match="three points"):
        showing.exponent([(1, 1), (2, 2)])


def test_recombined_articles_are_new_and_more_begin_with_the_same(ships: Path) -> None:
    many = list(made_up.recombined(ships, 30))
    assert list(made_up.recombined(ships, 10)) == many[:10]
    assert len({article["text"] for article in many}) == 30
    assert all(len(article["text"].split()) >= made_up.LEAST_WORDS for article in many)
