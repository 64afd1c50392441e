"""Answers from a part of the index say so."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index.models.embedder import Embedder
from index.sharding.errors import LostError
from index.sharding.layout import shard_folder
from index.sharding.remote import Answer, Here
from index.sharding.shard import Shard
from index.sharding.sharded import ShardedCorpus
from index.sharding.split import split
from index.storage.corpus import IncompleteError
from index.storage.snapshot import Snapshot
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.question import Question
from rag.reading.reader import Reader
from rag.retrieval.coverage import coverage_warnings, whole_attempt


class LostFor(Here):
    """A shard that is gone from the first call of a method on."""

    method: str | None = None
    is_gone = False

    def begin(self, method: str, *arguments: Any) -> Answer:
        self.is_gone = self.is_gone or method == self.method
        if self.is_gone:
            raise LostError("it is gone")
        return super().begin(method, *arguments)


@pytest.fixture
def shards(articles_snapshot: Snapshot, tmp_path: Path) -> Iterator[tuple[ShardedCorpus, list[LostFor]]]:
    versions = Versions(tmp_path)
    folder = versions.path(split(articles_snapshot, versions, 2))
    remotes = [LostFor(Shard.open(shard_folder(folder, number))) for number in range(2)]
    with closing(ShardedCorpus.open(folder, connect=lambda *_: remotes)) as corpus:
        yield corpus, remotes


@pytest.mark.parametrize("method", ["candidates", "passages", "copies", "witnesses"])
def test_a_shard_that_goes_while_a_question_is_answered_costs_coverage(
    shards: tuple[ShardedCorpus, list[LostFor]], embedder: Embedder, reader: Reader, method: str
) -> None:
    corpus, remotes = shards
    answerer = Answerer(corpus, embedder, reader)
    question = Question("Who is the NATO spokeswoman?", min_confidence=0.0)
    whole = answerer.ask(question)
    assert whole.complete
    assert "incomplete" not in {warning.code for warning in whole.warnings}
    held = next(remote for remote in remotes if whole.answers[0].citations[0].article_id in ids(remote))
    held.method = method
    part = answerer.ask(question)
    assert 0 < part.coverage < 1
    assert not part.complete
    assert part.warnings[0].code == "incomplete"
    assert f"Only {int(100 * part.coverage)} %" in part.warnings[0].message
    assert not {each.article_id for answer in part.answers for each in answer.citations} & ids(held)
    assert answerer.find(question.text).coverage == part.coverage


def ids(remote: LostFor) -> set[str]:
    return {article.id for article in remote._shard.articles(Question("?").filters, "", 100)}


def test_all_of_the_index_needs_no_warning() -> None:
    assert coverage_warnings(1.0) == ()
    assert "Only 99 %" in coverage_warnings(0.999)[0].message


def test_what_fails_again_and_again_is_raised() -> None:
    tries = 0

    def work() -> None:
        nonlocal tries
        tries += 1
        raise IncompleteError("lost")

    with pytest.raises(IncompleteError):
        whole_attempt(work)
    assert tries == 3
