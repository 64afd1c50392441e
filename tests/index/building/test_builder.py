import json
from pathlib import Path

import numpy as np
import pytest

from index.building.builder import build
from index.models.embedder import Embedder
from index.passage_text import embedded_text
from index.sources.unread import SourceError
from index.storage.snapshot import QUESTIONS, Snapshot
from index.storage.versions import Versions
from tests.support.paths import ROOT, SEED_ARTICLE


def test_the_same_sources_give_the_same_index(tmp_path: Path, embedder: Embedder) -> None:
    one, other = (Versions(tmp_path / name) for name in ("one", "other"))
    for versions in (one, other):
        build([ROOT / "tests" / "articles"], versions, embedder)
    first, second = one.open(), other.open()
    assert first.manifest.files == second.manifest.files
    assert first.version == second.version


def test_building_the_same_again_publishes_nothing(tmp_path: Path, embedder: Embedder) -> None:
    versions = Versions(tmp_path / "index")
    first = build([SEED_ARTICLE], versions, embedder)
    assert build([SEED_ARTICLE], versions, embedder).version == first.version
    assert versions.names() == [first.version]
    build([SEED_ARTICLE], versions, embedder, passage_tokens=100)
    assert len(versions.names()) == 2


def test_every_vector_is_that_of_its_passage(articles_snapshot: Snapshot, embedder: Embedder) -> None:
    rows = range(articles_snapshot.manifest.passages)
    texts = [embedded_text(article, passage) for passage, article in articles_snapshot.store.passages(rows)]
    stored = articles_snapshot.vectors.take(np.arange(len(rows)))
    assert np.allclose(np.linalg.norm(stored, axis=1), 1, atol=1e-5)
    assert np.array_equal(stored, embedder.embed_passages(texts))


def test_passages_fit_the_token_budget(articles_snapshot: Snapshot, embedder: Embedder) -> None:
    budget = articles_snapshot.manifest.settings["passage_tokens"]
    rows = range(articles_snapshot.manifest.passages)
    texts = [embedded_text(article, passage) for passage, article in articles_snapshot.store.passages(rows)]
    assert max(embedder.count_tokens(texts)) <= budget - 2


def test_the_head_of_the_seed_article_is_metadata_and_not_searched(seed_snapshot: Snapshot) -> None:
    [article] = seed_snapshot.store.articles()
    assert article.title == "U.S. Officials Confirm North Korea Sent Troops to Russia"
    assert article.authors == ("AFP",)
    assert str(article.published) == "2024-10-23"
    searched = [
        article.text[passage.start : passage.end] for passage in seed_snapshot.store.article_passages(article.id)
    ]
    assert searched[0].startswith("A senior U.S. official")
    assert searched[-1].endswith("has not confirmed the reports.")
    assert not any("Brodrecht" in text or "By AFP" in text for text in searched)


def test_files_that_cannot_be_read_are_reported_and_the_rest_is_indexed(tmp_path: Path, embedder: Embedder) -> None:
    source = tmp_path / "mixed"
    source.mkdir()
    (source / "good.txt").write_text("The mill burned down in May. Nobody was hurt.")
    (source / "empty.txt").write_text("")
    (source / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (source / "lines.jsonl").write_text(json.dumps({"text": "A line that is fine."}) + "\nnot json\n")
    report = build([source], Versions(tmp_path / "index"), embedder)
    assert report.articles == 2
    assert {failure.key.split("/")[-1].split(",")[0] for failure in report.failures} >= {"empty.txt", "picture.txt"}
    assert any("lines.jsonl" in failure.key + failure.reason for failure in report.failures)
    assert all(failure.reason for failure in report.failures)


@pytest.mark.parametrize("make", ["nothing", "an empty folder", "only unreadable files"])
def test_nothing_to_index_is_an_error_and_the_old_version_stays(make: str, tmp_path: Path, embedder: Embedder) -> None:
    versions = Versions(tmp_path / "index")
    build([SEED_ARTICLE], versions, embedder)
    before = versions.open().version
    source = tmp_path / "source"
    if make != "nothing":
        source.mkdir()
    if make == "only unreadable files":
        (source / "empty.txt").write_text(" \n")
    with pytest.raises(SourceError, match="source"):
        build([source], versions, embedder)
    assert versions.open().version == before


def test_example_questions_are_asked_for_when_a_version_is_new_and_stay_with_it(
    tmp_path: Path, embedder: Embedder
) -> None:
    seen: list[int] = []

    def suggest(snapshot: Snapshot) -> list[str]:
        seen.append(snapshot.store.counts()["articles"])
        return ["Who is the mayor?", "Où est la gare ?"]

    news = tmp_path / "news"
    news.mkdir()
    (news / "a.txt").write_text("Ada Finch is the mayor.")
    versions = Versions(tmp_path / "index")
    report = build([news], versions, embedder, suggest=suggest)
    with versions.open() as snapshot:
        assert snapshot.example_questions == ("Who is the mayor?", "Où est la gare ?")
        assert QUESTIONS in snapshot.manifest.files
    assert "suggest" in report.seconds
    assert not build([news], versions, embedder, suggest=suggest).is_new
    assert seen == [1]
    (news / "b.txt").write_text("The station is closed.")
    assert build([news], versions, embedder, suggest=suggest).is_new
    assert seen == [1, 2]


def test_a_version_made_without_a_way_to_find_questions_has_none(
    seed_data: Path, tmp_path: Path, embedder: Embedder
) -> None:
    build([SEED_ARTICLE], versions := Versions(tmp_path), embedder)
    with versions.open() as plain, Versions(seed_data / "index").open() as other:
        assert plain.example_questions == ()
        assert plain.manifest.digest == other.manifest.digest
        assert other.example_questions
