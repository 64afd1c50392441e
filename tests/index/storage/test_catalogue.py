"""The list of the articles of a version."""

from datetime import date

import pytest

from index.article import Article, Block, Passage
from index.storage.catalogue import Order, listing
from index.storage.filters import Filters
from index.storage.store import FileRecord, Store
from index.storage.store_writer import StoreWriter


def article(identifier: str, title: str, text: str, **metadata: object) -> Article:
    return Article(identifier, title, text, (Block(0, len(text)),), **metadata)  # type: ignore[arg-type]


ICE = article("ice", "The harbour froze", "Ferries stayed in port.", source="Post", published=date(2024, 1, 9))
COPY = article("copy", "harbour ice", ICE.text, source="post", tags=("sea",))
TOLL = article("toll", "A new toll", "The toll is 3 crowns.", authors=("Jo Marsh",), published=date(2024, 3, 1))
OLD = article("old", "An old bridge", "Ferries ran before the bridge.", tags=("sea", "past"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    path = tmp_path_factory.mktemp("store") / "text.sqlite"
    with StoreWriter(path) as writer:
        writer.add_file(FileRecord("news.jsonl", "0" * 64))
        for each in (ICE, TOLL, OLD):
            writer.add(each, [Passage(f"{each.id}:0", each.id, 0, len(each.text))])
        writer.add(COPY, [], copy_of=0)
    return Store(path)


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("title", ["toll", "old", "copy", "ice"]),
        ("newest", ["toll", "ice", "copy", "old"]),
        ("oldest", ["ice", "toll", "copy", "old"]),
        ("source", ["copy", "ice", "toll", "old"]),
    ],
)
def test_it_is_sorted(store: Store, order: Order, ids: list[str]) -> None:
    assert [entry.id for entry in listing(store, Filters(), order=order).entries] == ids


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("ferries", {"ice", "copy", "old"}),
        ("ferry bri", {"old"}),
        ('harbour "froze" OR', set()),
        ("harbour froze", {"ice", "copy"}),
        ("  ", {"ice", "copy", "old", "toll"}),
        ("?!", {"ice", "copy", "old", "toll"}),
    ],
)
def test_all_words_have_to_be_there_and_the_last_may_be_a_beginning(store: Store, words: str, ids: set[str]) -> None:
    found = listing(store, Filters(), words)
    assert {entry.id for entry in found.entries} == ids
    assert found.total == len(ids)


def test_what_passes_is_counted_however_it_is_written(store: Store) -> None:
    counts = listing(store, Filters()).counts
    assert counts["sources"] == [("Post", 2)]
    assert counts["tags"] == [("sea", 2), ("past", 1)]
    assert listing(store, Filters(tags=("past",))).counts == {
        "sources": [],
        "authors": [],
        "tags": [("past", 1), ("sea", 1)],
    }


def test_pages_follow_each_other_and_a_copy_has_the_passages_of_the_other(store: Store) -> None:
    pages = [listing(store, Filters(), skip=skip, most=3) for skip in (0, 3, 6)]
    assert [len(page.entries) for page in pages] == [3, 1, 0]
    assert {page.total for page in pages} == {4}
    entries = {entry.id: entry for page in pages for entry in page.entries}
    assert (entries["copy"].passages, entries["ice"].passages, entries["ice"].file) == (1, 1, "news.jsonl")
    assert entries["toll"].published == date(2024, 3, 1)
