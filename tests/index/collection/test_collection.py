"""What a service was given: durable, in one place with the builds that it asks for, and read as files are."""

import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.cli.doctor import diagnose
from api.settings import load_settings
from index.article import Article
from index.building.builder import build
from index.collection.jobs import MOST_ATTEMPTS, Jobs
from index.collection.store import FILE, Collection, TakenError, WrittenDocument
from index.models.embedder import Embedder
from index.sources.unread import SourceError
from index.storage.versions import Versions
from tests.support.paths import SEED_ARTICLE


def written(article_id: str, text: str = "The mayor of Callory is Ada Finch.") -> WrittenDocument:
    body = json.dumps({"id": article_id, "title": article_id.title(), "text": text}).encode()
    return WrittenDocument(f"{article_id}.jsonl", body)


def put(collection: Collection, document: WrittenDocument, *article_ids: str, over: bool = False) -> None:
    with collection.transaction() as connection:
        collection.put(connection, document, article_ids, over)


def delete(collection: Collection, article_id: str) -> None:
    with collection.transaction() as connection:
        collection.delete(connection, article_id)


def texts(collection: Collection) -> dict[str, str]:
    items = [item for written in collection.edits().written for item in written.load()[1]]
    assert all(isinstance(item, Article) for item in items), items
    return {item.id: item.text for item in items if isinstance(item, Article)}


def indexed(collection: Collection, embedder: Embedder, *sources: Path) -> dict[str, str]:
    versions = Versions(collection.path.parent / "index")
    build(sources, versions, embedder, edits=collection.edits)
    with versions.open() as snapshot:
        return {article.id: article.text for article in snapshot.store.articles()}


def test_what_is_written_is_read_with_the_sources_and_wins_over_them(tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"id": "a", "text": "Old."}\n{"id": "b", "text": "Other."}\n')
    collection = Collection(tmp_path)
    put(collection, written("a", "New."), "a")
    put(collection, written("c", "Third."), "c")
    assert indexed(Collection(tmp_path), embedder, folder) == {"a": "A\n\nNew.", "b": "Other.", "c": "C\n\nThird."}
    delete(collection, "a")
    delete(collection, "b")
    assert indexed(collection, embedder, folder) == {"c": "C\n\nThird."}
    put(collection, written("b", "Again."), "b")
    assert indexed(collection, embedder, folder) == {"b": "B\n\nAgain.", "c": "C\n\nThird."}


def test_an_article_is_replaced_only_when_that_is_wanted(tmp_path: Path) -> None:
    collection = Collection(tmp_path)
    put(collection, written("a", "First."), "a")
    with pytest.raises(TakenError, match="a"):
        put(collection, written("a", "Second."), "a")
    assert texts(collection) == {"a": "First."}
    put(collection, written("a", "Second."), "a", over=True)
    delete(collection, "a")
    put(collection, written("a", "Third."), "a")
    assert texts(collection) == {"a": "Third."}


def test_a_document_of_several_articles_loses_them_one_by_one(tmp_path: Path) -> None:
    collection = Collection(tmp_path)
    lines = b'{"id": "a", "text": "One."}\n{"id": "b", "text": "Two."}\n{"id": "c"}\n'
    put(collection, WrittenDocument("wire.jsonl", lines), "a", "b")
    put(collection, written("a", "Uno."), "a", over=True)
    found = [item for document in collection.edits().written for item in document.load()[1]]
    assert {item.id: item.text for item in found if isinstance(item, Article)} == {"a": "Uno.", "b": "Two."}
    assert ["line 3" in str(item) for item in found if not isinstance(item, Article)] == [True]
    delete(collection, "b")
    assert texts(collection) == {"a": "Uno."}
    assert collection.rows("SELECT key FROM documents") == [("a.jsonl",)]


def test_what_is_told_of_a_document_wins_over_what_it_says(tmp_path: Path) -> None:
    told = {"title": "Told", "authors": ["Eve"], "published": "2024-10-23", "tags": []}
    document = WrittenDocument("a", b"Said\nBy Adam\n\nWords.", path="a.txt", article_id="mine", metadata=told)
    (article,) = document.load()
    assert isinstance(article, Article)
    assert (article.id, article.title, article.authors, str(article.published)) == (
        "mine",
        "Told",
        ("Eve",),
        "2024-10-23",
    )


def test_one_id_fits_one_article_only() -> None:
    lines = b'{"id": "a", "text": "One."}\n{"id": "b", "text": "Two."}\n'
    (failure,) = WrittenDocument("x", lines, path="x.jsonl", article_id="mine").load()
    assert "several articles" in str(failure)


def test_the_last_article_can_be_deleted(tmp_path: Path, embedder: Embedder) -> None:
    collection, seeds = Collection(tmp_path), SEED_ARTICLE
    with pytest.raises(SourceError):
        indexed(collection, embedder)
    put(collection, written("a"), "a")
    assert indexed(collection, embedder).keys() == {"a"}
    delete(collection, "a")
    (seed,) = indexed(collection, embedder, seeds)
    delete(collection, seed)
    assert indexed(collection, embedder, seeds) == {}


def test_a_document_that_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    collection = Collection(tmp_path)
    lines = b'{"id": "a", "text": "One."}\n{"id": "b", "text": "Two."}\n'
    put(collection, WrittenDocument("wire.jsonl", lines), "a", "b")
    (before,) = collection.edits().written
    assert before.sha256() == before.load()[0]
    put(collection, written("c"), "c")
    assert collection.edits().written[1].sha256() == before.sha256()
    put(collection, written("a"), "a", over=True)
    after = collection.edits().written[2]
    assert (after.key, after.sha256() == before.sha256()) == ("written:wire.jsonl", False)
    assert after.sha256() == after.load()[0]
    delete(collection, "b")
    assert after.load() == (None, [])


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("pd"), st.sampled_from("abc"), st.integers(0, 9)), max_size=12))
def test_the_collection_is_what_was_written_last(steps: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        collection, expected = Collection(Path(folder)), dict[str, str]()
        for step, article_id, number in steps:
            if step == "p":
                put(collection, written(article_id, f"Number {number}."), article_id, over=True)
                expected[article_id] = f"Number {number}."
            else:
                delete(collection, article_id)
                expected.pop(article_id, None)
        assert collection.written_ids("abc") == expected.keys()
        assert texts(collection) == expected


def _write_and_die(folder: Path, done: Any) -> None:
    collection = Collection(folder)
    put(collection, written("kept"), "kept")
    with collection.transaction() as connection:
        collection.put(connection, written("lost"), ["lost"], False)
        done.set()
        time.sleep(600)


def test_a_killed_process_leaves_what_it_acknowledged_and_nothing_else(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    done = context.Event()
    writer = context.Process(target=_write_and_die, args=(tmp_path, done))
    writer.start()
    assert done.wait(240)
    assert writer.pid
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    collection = Collection(tmp_path)
    assert collection.written_ids(["kept", "lost"]) == {"kept"}
    put(collection, written("next"), "next")
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def ask(collection: Collection, delay: float = 1.0, longest: float = 3.0) -> int:
    with collection.transaction() as connection:
        return Jobs(collection).ask(connection, delay, longest).id


def test_changes_are_gathered_into_one_job_until_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = Collection(tmp_path)
    jobs, clock = Jobs(collection), [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    first = ask(collection)
    assert not jobs.is_due(3.0)
    for _ in range(5):
        clock[0] += 0.9
        assert ask(collection) == first
    assert jobs.is_due(3.0), "changes that never end must not put it off for ever"
    job = jobs.take()
    assert job
    assert (job.id, job.changes, job.state) == (first, 6, "running")
    assert jobs.take() is None
    assert ask(collection) != first
    jobs.report_progress(job, "embed", 3, 7)
    jobs.finish(job, "000001-00000000", {"articles": 1}, None)
    finished = jobs.get(first)
    assert finished
    assert (finished.state, finished.stage, finished.done, finished.total) == ("succeeded", None, 1, 1)
    assert finished.report == {"articles": 1}


def test_a_clock_that_is_set_back_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = Collection(tmp_path)
    ask(collection)
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    assert Jobs(collection).is_due(3.0)


def test_a_job_whose_builder_died_is_done_again_but_not_for_ever(tmp_path: Path) -> None:
    collection = Collection(tmp_path)
    jobs, job_id = Jobs(collection), ask(collection)
    for _ in range(MOST_ATTEMPTS):
        assert jobs.take()
        jobs.recover("killed")
    job = jobs.get(job_id)
    assert job
    assert job.state == "failed"
    assert "died 3 times" in str(job.error)
    lost = ask(collection)
    assert jobs.take()
    heir = ask(collection)
    jobs.recover("killed")
    assert [(job.id, job.state) for job in jobs.latest(2)] == [(heir, "queued"), (lost, "failed")]
    assert [(job.changes, job.attempts) for job in jobs.latest(1)] == [(2, 1)]


def test_each_attempt_is_put_off_longer_and_no_further_write_hastens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, clock = Jobs(collection := Collection(tmp_path)), [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    job_id, waits = ask(collection, delay=0), []
    for _ in range(MOST_ATTEMPTS - 1):
        assert jobs.take()
        jobs.recover("killed")
        assert ask(collection, delay=0) == job_id
        begin = clock[0]
        while not jobs.is_due(0):
            clock[0] += 0.125
        waits.append(clock[0] - begin)
    assert waits == [1.0, 2.0]
    assert jobs.take()
    jobs.recover("killed")
    failed = jobs.last_failure()
    assert failed
    assert (failed.id, failed.attempts) == (job_id, MOST_ATTEMPTS)
    assert ask(collection, delay=0) != job_id
    assert jobs.is_due(0), "a new write is tried at once"
    assert jobs.last_failure() == failed, "until a build has succeeded"
    job = jobs.take()
    assert job
    jobs.finish(job, "000001-00000000", {}, None)
    assert jobs.last_failure() is None


def test_a_build_that_is_ended_on_purpose_counts_as_no_attempt(tmp_path: Path) -> None:
    jobs, job_id = Jobs(collection := Collection(tmp_path)), ask(collection, delay=0)
    for _ in range(2 * MOST_ATTEMPTS):
        assert jobs.is_due(0)
        assert jobs.take()
        jobs.give_back("the service was stopped")
    job = jobs.get(job_id)
    assert job
    assert (job.state, job.attempts) == ("queued", 0)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(OSError, match="not a database"):
        Collection(tmp_path)


def test_doctor_tells_what_is_wrong_with_what_was_written(seed_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(seed_data, folder, symlinks=True, ignore=shutil.ignore_patterns(f"{FILE}*"))

    def told() -> dict[str, bool]:
        found = {finding.check: finding.is_fine for finding in diagnose(load_settings(data_dir=folder, threads=1))}
        return {name: found[name] for name in ("written documents", "builds") if name in found}

    assert told() == {}
    collection = Collection(folder)
    put(collection, written("a", "word " * 20_000), "a")
    ask(collection)
    assert told() == {"written documents": True}
    job = Jobs(collection).take()
    assert job
    Jobs(collection).finish(job, None, None, "the disk is full")
    assert told() == {"written documents": True, "builds": False}
    collection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    del collection
    with (folder / FILE).open("r+b") as file:
        file.seek(4096)
        file.write(b"broken" * 1000)
    assert told() == {"written documents": False}


def _open_each(folders: list[Path], start: Any, found: Any) -> None:
    opened = []
    for folder in folders:
        start.wait(240)
        try:
            opened.append(Collection(folder))
        except OSError as error:
            found.put(str(error))
    found.put(None)


def test_processes_that_make_a_collection_at_the_same_moment_all_open_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, found = context.Barrier(4), context.Queue()
    folders = [tmp_path / str(number) for number in range(60)]
    processes = [context.Process(target=_open_each, args=(folders, start, found)) for _ in range(4)]
    for process in processes:
        process.start()
    ends = [found.get(timeout=480) for _ in processes]
    for process in processes:
        process.join(240)
    assert ends == [None] * 4
