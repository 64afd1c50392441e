"""Writes, builds, builds that die, rollbacks and restarts in any order: the current version is always one that was
published, whole, and the last build has every change that was acknowledged before it.
"""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from index.building.builder import build
from index.collection.store import Collection, WrittenDocument
from index.models.embedder import Embedder
from index.storage.snapshot import SnapshotError
from index.storage.versions import Versions

NAMES = st.sampled_from(["harbour", "ferry", "lamp"])
WORDS = st.sampled_from(["The keeper lit it.", "Nobody was there.", "It rained for a week."])


class _DiedError(Exception):
    pass


class Life(RuleBasedStateMachine):
    """One data folder, and what must be in it."""

    embedder: Embedder

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.wanted: dict[str, str] = {}
        self.published: dict[str, dict[str, str]] = {}
        self.restart()

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule()
    def restart(self) -> None:
        self.collection, self.versions = Collection(self.folder), Versions(self.folder / "index")

    @rule(name=NAMES, words=WORDS)
    def write(self, name: str, words: str) -> None:
        document = WrittenDocument(name, words.encode(), media_type="text/plain", article_id=name)
        with self.collection.transaction() as connection:
            self.collection.put(connection, document, [name], over=True)
        self.wanted[name] = words

    @rule(name=NAMES, words=WORDS)
    def die_while_writing(self, name: str, words: str) -> None:
        document = WrittenDocument(name, words.encode(), media_type="text/plain", article_id=name)
        with suppress(_DiedError), self.collection.transaction() as connection:
            self.collection.put(connection, document, [name], over=True)
            raise _DiedError

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        with self.collection.transaction() as connection:
            self.collection.delete(connection, name)
        self.wanted.pop(name, None)

    @precondition(lambda self: self.wanted)
    @rule()
    def build(self) -> None:
        report = build([], self.versions, self.embedder, edits=self.collection.edits)
        self.published[report.version] = dict(self.wanted)

    @precondition(lambda self: self.wanted)
    @rule(steps=st.integers(0, 6))
    def die_while_building(self, steps: int) -> None:
        def progress(*_: object) -> None:
            nonlocal steps
            steps -= 1
            if steps < 0:
                raise _DiedError

        try:
            report = build([], self.versions, self.embedder, progress=progress, edits=self.collection.edits)
        except _DiedError:
            return
        self.published[report.version] = dict(self.wanted)

    @precondition(lambda self: len(self.published) > 1)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(sorted(self.published)))
        assert self.versions.rollback(version) == version

    @invariant()
    def the_current_version_is_one_that_was_published(self) -> None:
        if not self.published:
            with pytest.raises(SnapshotError):
                self.versions.open()
            return
        with self.versions.open() as snapshot:
            found = {article.id: article.text.strip() for article in snapshot.store.articles()}
            assert found == self.published[snapshot.version]


@pytest.mark.slow
def test_any_order_of_changes_keeps_what_was_acknowledged(embedder: Embedder) -> None:
    Life.embedder = embedder
    bounded = settings(
        max_examples=8,
        stateful_step_count=15,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Life, settings=bounded)
