"""Collections of a data folder: made whole, deleted whole, whatever dies in between."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.collection.folders import (
    DEFAULT,
    FOLDER,
    CollectionExistsError,
    CollectionFolders,
    CollectionNameError,
    CollectionNotFoundError,
)
from index.storage.versions import sync


@pytest.fixture
def folders(tmp_path: Path) -> CollectionFolders:
    return CollectionFolders(tmp_path)


def test_a_collection_is_made_read_and_deleted_with_all_that_is_in_it(folders: CollectionFolders) -> None:
    made = folders.create("news", {"keep_versions": 3})
    assert folders.read("news") == made
    assert (folders.names(), folders.read(DEFAULT).created) == (["news"], None)
    assert folders.path("news").stat().st_mode & 0o077 == 0
    (folders.path("news") / "index").mkdir()
    (folders.path("news") / "index" / "words").write_text("secret")
    folders.delete("news")
    assert list((folders.path(DEFAULT) / FOLDER).iterdir()) == []
    with pytest.raises(CollectionNotFoundError):
        folders.delete("news")
    with pytest.raises(CollectionNotFoundError):
        folders.read("news")


@pytest.mark.parametrize("name", ["", "News", "a/b", "..", ".new", "-a", "a-", "a b", "ä", "a" * 64, "a\n"])
def test_a_name_that_can_not_be_is_refused(folders: CollectionFolders, name: str) -> None:
    with pytest.raises(CollectionNameError, match="a-z 0-9"):
        folders.create(name, {})
    assert folders.mark(name) is None


def test_a_second_of_the_same_name_is_refused_and_changes_nothing(folders: CollectionFolders) -> None:
    made = folders.create("news", {"keep_versions": 3})
    for name in ("news", DEFAULT):
        with pytest.raises(CollectionExistsError):
            folders.create(name, {})
    assert folders.read("news") == made
    with pytest.raises(CollectionNameError, match="default"):
        folders.delete(DEFAULT)


def test_one_that_was_made_anew_is_told_from_the_one_before(folders: CollectionFolders) -> None:
    marks = set()
    for _ in range(5):
        folders.create("news", {})
        marks.add(folders.mark("news"))
        folders.delete("news")
    assert len(marks) == 5


def test_what_a_process_left_that_died_is_no_collection_and_is_removed(folders: CollectionFolders) -> None:
    """It died while it made one, after it had begun to delete one, and before it had removed one that was moved."""
    folders.create("kept", {})
    folders.create("half", {})
    (folders.path("half") / "collection.json").unlink()
    (folders.path("half") / "words").write_text("secret")
    old, young, moved = (folders.path("kept").parent / name for name in (".new-1", ".new-2", ".deleted-x-1-1"))
    for path in (old, young, moved):
        path.mkdir()
    (moved / "words").write_text("secret")
    os.utime(old, (0, 0))
    assert folders.names() == ["kept"]
    assert [path.name for path in folders.remove_left_overs()] == [".deleted-x-1-1", ".new-1", "half"]
    assert sorted(path.name for path in young.parent.iterdir()) == [".new-2", "kept"]
    (folders.path("half")).mkdir()
    (folders.path("half") / "words").write_text("secret")
    folders.create("half", {})
    assert [path.name for path in folders.path("half").iterdir()] == ["collection.json"]


def test_whoever_removes_what_others_left_may_be_faster_than_whoever_deletes(
    folders: CollectionFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders.create("news", {})

    def removed_before(path: Path) -> None:
        folders.remove_left_overs()
        sync(path)

    monkeypatch.setattr("index.collection.folders.sync", removed_before)
    folders.delete("news")
    assert folders.names() == list(folders.path("news").parent.iterdir()) == []


def test_a_damaged_description_is_told(folders: CollectionFolders) -> None:
    folders.create("news", {})
    (folders.path("news") / "collection.json").write_text(json.dumps([1]))
    with pytest.raises(CollectionNotFoundError, match="can't be read"):
        folders.read("news")


def test_settings_are_changed_given_back_and_never_lost_among_many_who_change_them(folders: CollectionFolders) -> None:
    made = folders.create("news", {"keep_versions": 3, "keep_days": 1.0})
    before = folders.mark("news")
    changed = folders.change("news", {"keep_versions": 5, "keep_days": None, "build_delay": None})
    assert (changed, folders.mark("news") == before) == (folders.read("news"), False)
    assert (changed.created, changed.settings) == (made.created, {"keep_versions": 5})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: folders.change("news", {f"setting{number}": number}), range(40)))
    assert folders.read("news").settings == {"keep_versions": 5} | {f"setting{number}": number for number in range(40)}
    assert [path.name for path in folders.path("news").iterdir()] == ["collection.json"]
    with pytest.raises(CollectionNameError, match="of the service"):
        folders.change(DEFAULT, {"keep_versions": 5})
    for name in ("none", "../news", ""):
        with pytest.raises(CollectionNotFoundError):
            folders.change(name, {})
