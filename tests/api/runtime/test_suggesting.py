import logging
from pathlib import Path

import pytest

from api.runtime.suggesting import suggesting
from api.settings import Settings, load_settings
from index.models.embedder import Embedder
from index.storage.snapshot import Snapshot
from rag.example_questions import questions_for
from rag.ranking.calibration import own_path
from rag.reading.reader import Reader


def test_a_service_finds_the_questions_that_the_version_keeps(
    articles_settings: Settings, articles_snapshot: Snapshot, embedder: Embedder
) -> None:
    found = suggesting(articles_settings, embedder)(articles_snapshot)
    assert tuple(found) == articles_snapshot.example_questions


@pytest.mark.slow
def test_without_a_reader_that_can_be_used_there_are_none_and_the_log_says_why(
    articles_data: Path, articles_snapshot: Snapshot, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings(data_dir=articles_data, reader="/no/such/model")
    with caplog.at_level(logging.WARNING):
        assert suggesting(settings, embedder)(articles_snapshot) == ()
    assert "no example questions are made: " in caplog.text
    assert "/no/such/model" in caplog.text


def test_a_damaged_calibration_costs_the_questions_and_not_the_build(
    tmp_path: Path, articles_snapshot: Snapshot, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings(data_dir=tmp_path)
    settings.index_dir.mkdir(parents=True)
    own_path(settings.index_dir).write_text("{")
    with caplog.at_level(logging.WARNING):
        assert suggesting(settings, embedder)(articles_snapshot) == ()
    assert "the calibration" in caplog.text


def test_a_fault_in_finding_questions_costs_the_questions_and_not_the_build(
    tmp_path: Path, articles_snapshot: Snapshot, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Reader:
        raise ZeroDivisionError

    assert questions_for(articles_snapshot, embedder, broken, tmp_path) == ()
    assert "ZeroDivisionError" in caplog.text
