import sqlite3
import threading
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Block, Passage, storable
from index.errors import Failure
from index.passage_text import embedding_key
from index.storage.filters import Filters
from index.storage.question_terms import question_terms
from index.storage.store import FileRecord, LeftOut, Store, StoreError
from index.storage.store_writer import StoreWriter


def article(identifier: str, text: str, **metadata: object) -> Article:
    return Article(identifier, f"On {identifier}", text, (Block(0, len(text)),), **metadata)  # type: ignore[arg-type]


HARBOUR = article(
    "harbour",
    "The harbour froze. Ferries stayed in port.",
    source="Coast News",
    authors=("Ann Lee", "Bo Falk"),
    published=date(2024, 1, 9),
    tags=("weather", "sea"),
    url="https://news.example/harbour",
    language="en",
    media_type="text/html",
    path="news/harbour.html",
)
BRIDGE = article(
    "bridge",
    "The old bridge was closed on Monday.",
    source="Hill Post",
    authors=("Jörg Wienbrück",),
    published=date(2024, 3, 1),
)
NOTE = article("note", "A note with neither date nor source, about a harbour.")


def passages(of: Article) -> list[Passage]:
    middle = of.text.find(".") + 1
    spans = [(0, middle), (middle + 1, len(of.text))] if middle < len(of.text) else [(0, len(of.text))]
    return [Passage(f"{of.id}:{start}-{end}", of.id, start, end, "Heading", 3) for start, end in spans]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    path = tmp_path_factory.mktemp("store") / "text.sqlite"
    with StoreWriter(path) as writer:
        for item in (HARBOUR, BRIDGE, NOTE):
            writer.add(item, passages(item))
    return Store(path)


def test_a_source_file_comes_back_with_the_codes_of_its_failures(tmp_path: Path) -> None:
    failures = (Failure("line 3: it is empty"), Failure("10.0.0.7 is private", "private_address"))
    record = FileRecord("news/a.xml", "5f", failures, (LeftOut("a", "A title"),))
    with StoreWriter(tmp_path / "text.sqlite") as writer:
        writer.add_file(record)
    assert list(Store(tmp_path / "text.sqlite").files()) == [record]
    with closing(sqlite3.connect(tmp_path / "text.sqlite")) as connection, connection:
        connection.execute("""UPDATE files SET failures = '["as versions before wrote it"]'""")
    [old] = Store(tmp_path / "text.sqlite").files()
    assert old.failures == (Failure("as versions before wrote it", "unreadable"),)


def test_an_article_comes_back_as_it_was_written(store: Store) -> None:
    assert store.article("harbour") == HARBOUR
    assert store.article("nowhere") is None


def test_counts_agree(store: Store) -> None:
    assert store.counts() == {"articles": 3, "passages": 4, "lengths": 4}


def test_passages_come_in_the_order_asked_for(store: Store) -> None:
    found = store.passages([3, 0])
    assert [(passage.article_id, owner.id) for passage, owner in found] == [("note", "note"), ("harbour", "harbour")]
    assert found[1][0] == passages(HARBOUR)[0]
    assert store.passages([]) == []
    assert store.article_passages("harbour") == passages(HARBOUR)


def test_articles_are_paged_by_id(store: Store) -> None:
    first = store.articles(limit=2)
    assert [item.id for item in first] == ["bridge", "harbour"]
    assert [item.id for item in store.articles(after="harbour", limit=2)] == ["note"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {"harbour", "bridge", "note"}),
        (Filters(sources=("coast news",)), {"harbour"}),
        (Filters(sources=("Coast News", "Hill Post")), {"harbour", "bridge"}),
        (Filters(authors=("bo falk",)), {"harbour"}),
        (Filters(authors=("JÖRG WIENBRÜCK",)), {"bridge"}),
        (Filters(tags=("sea", "land")), {"harbour"}),
        (Filters(article_ids=("note", "bridge")), {"note", "bridge"}),
        (Filters(published_from=date(2024, 1, 10)), {"bridge"}),
        (Filters(published_to=date(2024, 1, 9)), {"harbour"}),
        (Filters(published_from=date(2024, 1, 9), published_to=date(2024, 3, 1)), {"harbour", "bridge"}),
        (Filters(sources=("Coast News",), tags=("land",)), set()),
        (Filters(sources=("' OR 1=1 --",)), set()),
    ],
)
def test_filters_decide_what_a_search_may_use(store: Store, filters: Filters, expected: set[str]) -> None:
    assert {item.id for item in store.articles(filters)} == expected
    allowed = store.passing(filters)
    assert (allowed is None) == (not filters)
    rows = list(range(4)) if allowed is None else np.flatnonzero(allowed).tolist()
    assert {passage.article_id for passage, _ in store.passages(rows)} == expected
    words = "harbour bridge note ferries closed monday"
    assert {store.passages([row])[0][0].article_id for row, _ in store.bm25(words, 10, allowed)} == expected


def test_bm25_knows_word_forms_and_prefers_rare_words(store: Store) -> None:
    best, score = store.bm25("Which ferry stayed?", 10)[0]
    assert store.passages([best])[0][0] == passages(HARBOUR)[1]
    assert score > 0
    assert store.scores("Which ferry stayed?")[best] == score
    assert store.scores("ferry")[2] == 0


def test_a_filter_leaves_out_rows_and_changes_no_score(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "text.sqlite") as writer:
        for at in range(60):
            text = "The harbour froze." if at % 7 else "Harbour, harbour: ferries."
            item = article(f"n{at:02}", text, tags=("even",) if at % 2 == 0 else ("odd", f"only {at}"))
            writer.add(item, [Passage(f"{at}", item.id, 0, len(text))])
    with closing(Store(tmp_path / "text.sqlite")) as many:
        every = many.bm25("harbour ferry", 60)
        assert len(every) == 60
        for tags in (("even",), ("odd",), ("only 7",), ("even", "odd"), ("nowhere",)):
            allowed = many.passing(Filters(tags=tags))
            assert allowed is not None
            assert many.bm25("harbour ferry", 5, allowed) == [(row, score) for row, score in every if allowed[row]][:5]
            assert many.bm25("nothing of the kind", 5, allowed) == []


def test_a_question_of_stop_words_alone_still_searches() -> None:
    assert question_terms("Who was it?") == ["who", "was", "it"]
    assert question_terms("Who was the harbour master?") == ["harbour", "master"]
    assert question_terms("🙂 ?!") == []


@given(st.text(st.characters(codec=None)))
def test_no_question_breaks_the_search(store: Store, question: str) -> None:
    store.bm25(question, 5, store.passing(Filters(tags=("sea",))))


@given(text=st.text(st.characters(codec=None), min_size=1))
def test_any_text_comes_back_code_point_by_code_point(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "text.sqlite"
    stored = storable(text)
    item = Article("any", "Any", stored, (Block(0, len(stored)),))
    with StoreWriter(path) as writer:
        writer.add(item, [Passage("any:0-1", "any", 0, 1)])
    assert Store(path).article("any") == item


def test_threads_share_a_store(store: Store) -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(store.article("bridge"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [BRIDGE] * 8


def test_facets_list_what_there_is(store: Store) -> None:
    assert store.facets() == {
        "sources": ["Coast News", "Hill Post"],
        "authors": ["Ann Lee", "Bo Falk", "Jörg Wienbrück"],
        "tags": ["sea", "weather"],
    }


def test_facets_begin_with_the_most_frequent_and_end_after_fifty(tmp_path: Path) -> None:
    many = [f"Source {number:02}" for number in range(60)]
    with StoreWriter(tmp_path / "text.sqlite") as writer:
        for number, name in enumerate([*many, "Weekly", "weekly", "WEEKLY", "Source 59", "Source 59"]):
            item = article(f"{number:02}", f"Text {number}.", source=name, authors=(name,), tags=(name,))
            writer.add(item, passages(item))
    store = Store(tmp_path / "text.sqlite")
    assert [item.id for item in store.articles()] == [f"{number:02}" for number in range(50)]
    facets = store.facets()
    assert facets.keys() == {"sources", "authors", "tags"}
    for names in facets.values():
        assert [name.lower() for name in names] == ["source 59", "weekly", *map(str.lower, many[:48])]


WIRE = article("wire", HARBOUR.text, source="Wire", authors=("Ann Lee",))
REPRINT = article("a-reprint", HARBOUR.text, source="Hill Post")
LEFT = LeftOut("gone", "Gone", "https://news.example/gone", "abc")
FILES = (
    FileRecord("news/a.jsonl", "0a", (Failure("line 3 is no article"),), (LEFT,)),
    FileRecord("news/b.txt", None, notes=("a credit is left out",)),
)


@pytest.fixture(scope="module")
def reprinted(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two source files: the wire's article and another one, and a reprint of the wire's in a paper."""
    path = tmp_path_factory.mktemp("reprinted") / "text.sqlite"
    with StoreWriter(path) as writer:
        writer.add(NOTE, passages(NOTE))
        writer.add_file(FILES[0])
        writer.add(WIRE, passages(WIRE))
        writer.add(BRIDGE, passages(BRIDGE))
        writer.add_file(FILES[1])
        writer.add(REPRINT, [], copy_of=1)
        writer.set_witnesses({3: 1})
    return Store(path)


def test_files_come_back_with_their_articles(reprinted: Store) -> None:
    assert tuple(reprinted.files()) == FILES
    assert reprinted.file_articles("news/a.jsonl") == [WIRE, BRIDGE]
    assert reprinted.file_articles("news/b.txt") == [REPRINT]
    assert reprinted.file_articles("news/c.txt") == []
    assert reprinted.owners() == {
        "note": ("", "On note"),
        "wire": ("news/a.jsonl", "On wire"),
        "bridge": ("news/a.jsonl", "On bridge"),
        "a-reprint": ("news/b.txt", "On a-reprint"),
    }


def test_copies_are_the_articles_of_one_text_that_pass(reprinted: Store) -> None:
    for identifier in ("wire", "a-reprint"):
        assert reprinted.copies(identifier) == [WIRE, REPRINT]
        assert reprinted.copies(identifier, Filters(sources=("wire",))) == [WIRE]
        assert reprinted.copies(identifier, Filters(tags=("sea",))) == []
    assert reprinted.copies("bridge") == [BRIDGE]
    assert reprinted.copies("nowhere") == []


def test_a_passage_is_shown_in_the_first_article_of_its_text_that_passes(reprinted: Store) -> None:
    def owners(rows: list[int], filters: Filters = Filters()) -> list[tuple[str, str]]:  # noqa: B008
        return [(passage.article_id, owner.id) for passage, owner in reprinted.passages(rows, filters)]

    assert owners([3, 1, 0]) == [("bridge", "bridge"), ("wire", "wire"), ("note", "note")]
    assert owners([3, 1], Filters(sources=("hill post",))) == [("bridge", "bridge"), ("a-reprint", "a-reprint")]
    assert owners([2, 1], Filters(sources=("wire", "hill post"))) == [("wire", "wire")] * 2
    assert np.flatnonzero(reprinted.passing(Filters(sources=("hill post",)))).tolist() == [1, 2, 3]
    of_reprint = reprinted.passing(Filters(article_ids=("a-reprint",)))
    assert [row for row, _ in reprinted.bm25("ferries", 5, of_reprint)] == [2]


def test_who_reprints_one_another_is_one_witness(reprinted: Store) -> None:
    assert reprinted.witnesses(["note", "a-reprint", "wire", "nowhere"]) == {"note": 0, "wire": 1, "a-reprint": 1}


def test_neighbours_are_those_before_and_behind_an_id(reprinted: Store) -> None:
    assert reprinted.neighbours("bridge") == (REPRINT, NOTE)
    assert reprinted.neighbours("c") == (BRIDGE, NOTE)
    assert reprinted.neighbours("a-reprint") == (None, BRIDGE)
    assert reprinted.neighbours("wire") == (NOTE, None)


def test_passages_have_their_embedding_keys_in_the_order_of_rows(reprinted: Store) -> None:
    owners = [(NOTE, part) for part in passages(NOTE)] + [(WIRE, part) for part in passages(WIRE)]
    owners += [(BRIDGE, part) for part in passages(BRIDGE)]
    assert reprinted.embedding_keys() == [embedding_key(*owner) for owner in owners]


LISTS = "1 lists of passages with a word are not as they were written"
LISTED = "the words of {} passages are listed, not of {}"
LENGTHS = "1 passages have more or fewer words than are listed"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("SELECT 1", []),
        (
            "DELETE FROM passages WHERE row = 0",
            ["the rows of passages are not 0 to 2", LISTED.format(4, 3)],
        ),
        ("UPDATE passages SET row = 9 WHERE row = 3", ["the rows of passages are not 0 to 3"]),
        ("UPDATE passages SET article = 77 WHERE row = 1", ["a row of passages refers to nothing"]),
        ("INSERT INTO words VALUES (7, 'ice', 1, x'', x'01')", ["there are words of passages that are not there"]),
        ("UPDATE words SET passages = 9 WHERE word = 'mondai'", [LISTS]),
        ("UPDATE words SET places = x'00' WHERE word = 'mondai'", [LISTS, LENGTHS]),
        ("DELETE FROM words WHERE word = 'mondai'", [LENGTHS]),
        ("UPDATE words SET counts = CAST(counts || x'01' AS BLOB) WHERE word = 'mondai'", [LISTS, LENGTHS]),
        ("UPDATE lengths SET words = CAST(x'09000000' || substr(words, 5) AS BLOB)", [LENGTHS]),
        ("UPDATE lengths SET words = CAST(words || x'00000000' AS BLOB)", [LISTED.format(5, 4)]),
        ("DELETE FROM authors; DELETE FROM passages", [LISTED.format(4, 0)]),
    ],
)
def test_damage_is_told(reprinted: Store, tmp_path: Path, change: str, told: list[str]) -> None:
    path = tmp_path / "text.sqlite"
    with closing(sqlite3.connect(f"{reprinted._uri}", uri=True)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        copy.executescript(change)
    assert Store(path).damage() == told


def test_a_closed_store_lets_go_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite"
    with StoreWriter(path) as writer:
        writer.add(NOTE, passages(NOTE))
    store = Store(path)
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.article("note")


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_bytes(b"not a database, but long enough to look at" * 50)
    with pytest.raises(StoreError, match="can't be read"):
        Store(tmp_path / "text.sqlite")
    with pytest.raises(StoreError, match="can't be read"):
        Store(tmp_path / "missing.sqlite")


@pytest.mark.parametrize(
    "change", ["ALTER TABLE articles DROP COLUMN language", "DROP TABLE tags", "ALTER TABLE passages ADD COLUMN side"]
)
def test_a_store_with_other_tables_is_not_opened(tmp_path: Path, change: str) -> None:
    path = tmp_path / "text.sqlite"
    with StoreWriter(path):
        pass
    Store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(change)
    with pytest.raises(StoreError, match="has other tables than this version"):
        Store(path)
