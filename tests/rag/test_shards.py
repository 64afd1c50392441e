"""Questions to a version in shards are answered as the whole version answers them."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from index.models.embedder import Embedder
from index.sharding.sharded import ShardedCorpus
from index.sharding.split import split
from index.storage.snapshot import Snapshot
from index.storage.versions import Versions
from rag.answerer import Answerer, Result
from rag.question import Question
from rag.reading.reader import Reader
from tests.conftest import DataDir
from tests.support.paths import ROOT

MORE = ("Who is the mayor?", "What happened last year?", "Is the harbour open?", "Which bridges are closed?", "?!")


def without_times(result: Result) -> Sequence[object]:
    return [getattr(result, name) for name in result.__slots__ if name != "timings_ms"]


@pytest.fixture(scope="module")
def whole(make_data_dir: DataDir) -> Iterator[Snapshot]:
    folder = make_data_dir(ROOT / "seeds", ROOT / "tests" / "articles")
    with Versions(folder / "index").open() as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("count", [4, 16])
def test_answers_are_the_same(tmp_path: Path, whole: Snapshot, embedder: Embedder, reader: Reader, count: int) -> None:
    assert len(whole.example_questions) > 2
    asked = [Question(text, asked_at=date(2026, 6, 1)) for text in (*whole.example_questions, *MORE)]
    expected = Answerer(whole, embedder, reader)
    versions = Versions(tmp_path)
    with ShardedCorpus.open(versions.path(split(whole, versions, count))) as shards:
        given = Answerer(shards, embedder, reader)
        for question in asked:
            assert without_times(given.ask(question)) == without_times(expected.ask(question))
