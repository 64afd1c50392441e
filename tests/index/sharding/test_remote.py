"""A shard that does not answer costs coverage, and one wait; and it comes back by itself."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index.building.builder import index_articles
from index.models.embedder import Embedder
from index.sharding import remote
from index.sharding.errors import LostError
from index.sharding.layout import Layout, shard_folder
from index.sharding.remote import Answer, Here
from index.sharding.shard import Shard
from index.sharding.sharded import ShardedCorpus
from index.sharding.split import split
from index.storage.corpus import IncompleteError
from index.storage.filters import EVERYTHING
from index.storage.versions import Versions
from tests.index.storage.test_corpus import ARTICLES, QUESTION

SECONDS = 60.0


class Unsteady(Here):
    """A shard here that can be made to hang, to be gone, or to fail so many times."""

    def __init__(self, shard: Shard) -> None:
        super().__init__(shard)
        self.hangs = self.is_gone = False
        self.failures = 0
        self.asked: list[str] = []

    def begin(self, method: str, *arguments: Any) -> Answer:
        self.asked.append(method)
        if self.is_gone or self.failures:
            self.failures -= not self.is_gone
            raise LostError("it is gone")
        return self._hang if self.hangs else super().begin(method, *arguments)

    @staticmethod
    def _hang(seconds: float) -> Any:
        time.sleep(min(seconds, 0.1))
        raise LostError(f"it has not answered for {seconds} seconds")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    place = tmp_path_factory.mktemp("shards")
    index_articles(ARTICLES, Versions(place / "whole"), embedder)
    versions = Versions(place / "shards")
    with Versions(place / "whole").open() as whole:
        return versions.path(split(whole, versions, 3))


@pytest.fixture
def remotes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Unsteady]:
    monkeypatch.setattr(remote, "AGAIN_SECONDS", 0.02)
    return [Unsteady(Shard.open(shard_folder(folder, number))) for number in range(3)]


@pytest.fixture
def corpus(folder: Path, remotes: list[Unsteady]) -> Iterator[ShardedCorpus]:
    with closing(ShardedCorpus.open(folder, connect=lambda *_: remotes, seconds=SECONDS)) as opened:
        yield opened


def searched(corpus: ShardedCorpus, embedder: Embedder) -> float:
    found = corpus.candidates(QUESTION, embedder.embed_question(QUESTION), EVERYTHING, 100)
    assert found.of == corpus.manifest.passages
    return found.searched / found.of


def test_a_shard_that_hangs_is_waited_for_once_and_comes_back(
    corpus: ShardedCorpus, remotes: list[Unsteady], embedder: Embedder, folder: Path
) -> None:
    others = sum(part.passages for part in Layout.read(folder).parts[:2]) / corpus.manifest.passages
    remotes[2].hangs = True
    assert searched(corpus, embedder) == pytest.approx(others)
    assert corpus.lost == {2}
    asked = remotes[2].asked.count("candidates")
    for _ in range(5):
        assert searched(corpus, embedder) == pytest.approx(others)
    assert remotes[2].asked.count("candidates") == asked
    remotes[2].hangs = False
    wait_until_whole(corpus)
    assert searched(corpus, embedder) == 1


def wait_until_whole(corpus: ShardedCorpus) -> None:
    until = time.monotonic() + 60
    while corpus.lost and time.monotonic() < until:
        time.sleep(0.01)
    assert not corpus.lost


def test_a_call_that_fails_at_once_is_made_again(
    corpus: ShardedCorpus, remotes: list[Unsteady], embedder: Embedder
) -> None:
    remotes[0].failures = 1
    assert searched(corpus, embedder) == 1
    assert not corpus.lost


def test_what_may_be_in_a_missing_shard_is_not_said_to_be_nowhere(
    corpus: ShardedCorpus, remotes: list[Unsteady], folder: Path
) -> None:
    with closing(Shard.open(shard_folder(folder, 1))) as shard:
        missing = [article.id for article in shard.articles(EVERYTHING, "", 100)]
    there = [article.id for article in ARTICLES if article.id not in missing]
    assert missing
    assert there
    remotes[1].is_gone = True
    for name in missing:
        for ask in (corpus.article, corpus.copies, corpus.file_of):
            with pytest.raises(IncompleteError, match="shard 1"):
                ask(name)
        with pytest.raises(IncompleteError):
            corpus.witnesses([name, *there])
    for ask_all in (corpus.articles, corpus.counts):
        with pytest.raises(IncompleteError):
            ask_all()
    with pytest.raises(IncompleteError):
        corpus.listing(EVERYTHING, "", "title", 0, 5)
    with pytest.raises(IncompleteError):
        corpus.articles_of_bytes("0" * 64)
    for name in there:
        assert corpus.article(name)
        assert [each.id for each in corpus.copies(name)]
        before, behind = corpus.neighbours(name)
        assert {each.id for each in (before, behind) if each} <= set(there)
    assert corpus.witnesses(there).keys() == set(there)
    assert corpus.facets()["sources"]


def test_an_error_of_its_own_is_no_loss(corpus: ShardedCorpus) -> None:
    with pytest.raises(AttributeError):
        corpus.neighbours("a01", None)  # type: ignore[arg-type]
    assert not corpus.lost
