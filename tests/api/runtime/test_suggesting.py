import logging
from pathlib import Path

import pytest

from api.runtime.suggesting import suggesting
from api.settings import Settings, load_settings
from index.models.embedder import Embedder
from index.storage.snapshot import Snapshot


def test_a_service_finds_the_questions_that_the_version_keeps(
    articles_settings: Settings, articles_snapshot: Snapshot, embedder: Embedder
) -> None:
    found = suggesting(articles_settings, embedder)(articles_snapshot)
    assert tuple(found) == articles_snapshot.example_questions


def test_without_a_reader_that_can_be_used_there_are_none_and_the_log_says_why(
    articles_data: Path, articles_snapshot: Snapshot, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings(data_dir=articles_data, reader="/no/such/model")
    with caplog.at_level(logging.WARNING):
        assert suggesting(settings, embedder)(articles_snapshot) == ()
    assert "no example questions are made: " in caplog.text
    assert "/no/such/model" in caplog.text
