"""The words of deleted articles leave the disk: versions, the file of written documents, and its log."""

from pathlib import Path

import pytest

from index.building.builder import build
from index.collection.erasing import erase, holders
from index.collection.export import ArchiveError, export_version
from index.collection.store import Collection, WrittenDocument
from index.models.embedder import Embedder
from index.storage.versions import Versions

_SECRET = "Wenceslas Quimby kept the ledgers under the pier"


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "index")


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection(tmp_path)


def write(collection: Collection, key: str, text: str, *article_ids: str) -> None:
    with collection.transaction() as connection:
        collection.put(connection, WrittenDocument(key, text.encode()), article_ids, over=True)


def delete(collection: Collection, article_id: str, keep_seconds: float = 0) -> None:
    with collection.transaction() as connection:
        collection.delete(connection, article_id, keep_seconds)


def rebuild(collection: Collection, versions: Versions, embedder: Embedder) -> str:
    deleted = collection.erasures()
    report = build([], versions, embedder, edits=collection.edits)
    collection.built_without(deleted, report.version)
    return report.version


def files_with(folder: Path, words: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]


def test_nothing_holds_the_words_once_they_are_due(
    collection: Collection, versions: Versions, embedder: Embedder, tmp_path: Path
) -> None:
    write(collection, "a.jsonl", f'{{"id": "a", "text": "{_SECRET}."}}\n', "a")
    write(collection, "b.jsonl", '{"id": "b", "text": "The ferry sails at noon."}\n', "b")
    first = rebuild(collection, versions, embedder)
    assert files_with(tmp_path, _SECRET)
    delete(collection, "a")
    assert erase(collection, versions) == []  # no version without it is there yet
    with pytest.raises(ArchiveError, match="deleted article 'a'"):
        export_version(versions, collection, tmp_path / "index.zip")
    second = rebuild(collection, versions, embedder)
    assert erase(collection, versions) == [first]
    assert versions.names() == [second]
    assert collection.erasures() == []
    assert files_with(tmp_path, "Quimby") == []
    assert erase(collection, versions) == []


def test_words_are_kept_for_as_long_as_was_said(collection: Collection, versions: Versions, embedder: Embedder) -> None:
    write(collection, "a.jsonl", f'{{"id": "a", "text": "{_SECRET}."}}\n', "a")
    first = rebuild(collection, versions, embedder)
    delete(collection, "a", keep_seconds=600)
    rebuild(collection, versions, embedder)
    assert erase(collection, versions) == []
    [kept] = collection.erasures()
    assert (kept.article_id, kept.due - kept.deleted, holders(versions, kept)) == ("a", 600, [first])
    delete(collection, "a")  # now at once
    rebuild(collection, versions, embedder)
    assert erase(collection, versions) == [first]


def test_what_is_written_again_does_not_save_the_words_from_before(
    collection: Collection, versions: Versions, embedder: Embedder, tmp_path: Path
) -> None:
    write(collection, "a.jsonl", f'{{"id": "a", "text": "{_SECRET}."}}\n', "a")
    first = rebuild(collection, versions, embedder)
    delete(collection, "a")
    write(collection, "a.jsonl", '{"id": "a", "text": "The ledgers are in the town hall."}\n', "a")
    second = rebuild(collection, versions, embedder)
    assert erase(collection, versions) == [first]
    assert versions.names() == [second]
    assert files_with(tmp_path, "Quimby") == []


def test_a_version_in_use_is_removed_later(collection: Collection, versions: Versions, embedder: Embedder) -> None:
    write(collection, "a.jsonl", f'{{"id": "a", "text": "{_SECRET}."}}\n', "a")
    first = rebuild(collection, versions, embedder)
    with versions.open():
        delete(collection, "a")
        rebuild(collection, versions, embedder)
        assert erase(collection, versions) == []
        assert [erasure.article_id for erasure in collection.erasures()] == ["a"]
    assert erase(collection, versions) == [first]
    assert collection.erasures() == []


def test_a_document_of_several_articles_is_named_until_it_goes(
    collection: Collection, versions: Versions, embedder: Embedder, tmp_path: Path
) -> None:
    lines = f'{{"id": "a", "text": "{_SECRET}."}}\n{{"id": "b", "text": "The ferry sails at noon."}}\n'
    write(collection, "two.jsonl", lines, "a", "b")
    rebuild(collection, versions, embedder)
    delete(collection, "a")
    rebuild(collection, versions, embedder)
    erase(collection, versions)
    [left] = collection.erasures()
    assert (left.article_id, left.shared) == ("a", "two.jsonl")
    write(collection, "b.jsonl", '{"id": "b", "text": "The ferry sails at noon."}\n', "b")
    rebuild(collection, versions, embedder)
    erase(collection, versions)
    assert collection.erasures() == []
    assert files_with(tmp_path, "Quimby") == []
