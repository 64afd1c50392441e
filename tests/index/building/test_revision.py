"""A version made by changing a copy of the one before answers as one that is built at once."""

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.building import revision
from index.building.builder import BuildReport, build
from index.building.integrity import store_problems
from index.models.embedder import Embedder
from index.sources.intake import Edits
from index.storage import vectors
from index.storage.filters import EVERYTHING, Filters
from index.storage.snapshot import CHANGED, STORE, VECTORS, Manifest, Snapshot, file_problems
from index.storage.store import Store
from index.storage.versions import Versions

STORY = (
    "The harbour of Callory froze on Tuesday night for the first time in eleven years. The harbour master, Ann Lee, "
    "said that fourteen boats lie locked in the ice and that two tugs, the Ida and the Lotte, will break a way to the "
    "open sea on Thursday. The ferry to Brennick stays in port until then. Nobody was hurt, and the fish market opens "
    "as always, with what was caught before the frost came down from the hills."
)
TEXTS = (STORY, f"Frost in the north. {STORY}", f"{STORY} So it goes.", "The mill burned down.", "Rain fell. " * 90)
QUESTIONS = ("Who is the harbour master of Callory?", "What burned down?", "rain")
FILTERS = (EVERYTHING, Filters(sources=("hill post",)), Filters(sources=("Coast News",)))


@pytest.fixture(autouse=True)
def _always_revised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revision, "LEAST_ARTICLES", 0)
    monkeypatch.setattr(revision, "MOST_SHARE", 100)


def line(name: str, text: str) -> str:
    return json.dumps({"id": name, "text": text, "source": "Hill Post" if name < "c" else "Coast News"})


def write(news: Path, files: dict[str, list[tuple[str, str]]]) -> None:
    """A file of JSON Lines for each of ``files``, with ids and texts."""
    news.mkdir(exist_ok=True)
    for path in news.iterdir():
        if path.stem not in files:
            path.unlink()
    for name, articles in files.items():
        (news / f"{name}.jsonl").write_text("".join(line(*article) + "\n" for article in articles))


def seen(snapshot: Snapshot, embedder: Embedder) -> dict[str, object]:
    """All that a reader of a version sees of it."""
    store, ids = snapshot.store, [article.id for article in snapshot.articles(limit=1000)]
    told: dict[str, object] = {
        "files": [
            (file.key, file.sha256, sorted(file.failures), sorted(each.article_id for each in file.left_out))
            for file in store.files()
        ],
        "articles": snapshot.articles(limit=1000),
        "order": [article.id for article in store.stored(store.rows_in_order())],
        "in files": {record.key: [each.id for each in store.file_articles(record.key)] for record in store.files()},
        "copies": [[[each.id for each in snapshot.copies(name, only)] for only in FILTERS] for name in ids],
        "passages": {name: store.article_passages(name) for name in ids},
        "facets": [snapshot.facets(only) for only in FILTERS],
        "counts": [snapshot.counts(only) for only in FILTERS],
    }
    groups = defaultdict(set)
    for name, number in snapshot.witnesses(ids).items():
        groups[number].add(name)
    told["witnesses"] = sorted(map(sorted, groups.values()))
    for question in QUESTIONS:
        for only in FILTERS:
            for pool in (3, 100):
                found = snapshot.candidates(question, embedder.embed_question(question), only, pool)
                shown = snapshot.passages(list(found.dense), only)
                told[f"{question} {only} {pool}"] = [
                    (passage, article.id, pytest.approx(cosine, abs=1e-5), pytest.approx(found.lexical.get(row, 0)))
                    for (passage, article), (row, cosine) in zip(shown, found.dense.items(), strict=True)
                ]
    return told


def assert_alike(one: Versions, other: Versions, embedder: Embedder) -> None:
    with one.open() as revised, other.open() as fresh:
        assert list(store_problems(revised.store)) == revised.count_problems() == []
        assert seen(revised, embedder) == seen(fresh, embedder)
        rows = [snapshot.store.in_order(range(snapshot.manifest.passages)) for snapshot in (revised, fresh)]
        assert np.array_equal(revised.vectors.take(np.array(rows[0])), fresh.vectors.take(np.array(rows[1])))


def counted(report: BuildReport) -> tuple[int, ...]:
    return report.articles, report.passages, report.added, report.changed, report.removed, report.unchanged


def test_one_changed_article_leaves_the_rows_of_the_others(tmp_path: Path, embedder: Embedder) -> None:
    files = {
        f"f{at}": [(f"a{at}{letter}", f"{letter} is told on day {at}. {STORY}") for letter in "xyz"] for at in range(5)
    }
    write(tmp_path / "news", files)
    versions, fresh = Versions(tmp_path / "index"), Versions(tmp_path / "fresh")
    build([tmp_path / "news"], versions, embedder)
    files["f2"][1] = ("a2y", "Quokkas came to Callory.")
    files["f0"].pop()
    files["f00"] = [("first", TEXTS[3])]
    write(tmp_path / "news", files)
    report = build([tmp_path / "news"], versions, embedder)
    assert counted(report) == (15, report.passages, 1, 1, 1, 13)
    assert report.embedded == 2
    assert [(change.what, change.article_id) for change in report.changes] == [
        ("added", "first"),
        ("changed", "a2y"),
        ("removed", "a0z"),
    ]
    build([tmp_path / "news"], fresh, embedder)
    assert_alike(versions, fresh, embedder)
    assert not build([tmp_path / "news"], versions, embedder).is_new


def test_one_change_reads_as_few_rows_of_a_large_version_as_of_a_small_one(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    rows = Store.rows

    def counted_rows(self: Store, query: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        found = rows(self, query, parameters)
        read.append(len(found))
        return found

    monkeypatch.setattr(Store, "rows", counted_rows)
    totals = []
    for articles in (10, 80):
        folder = tmp_path / str(articles)
        files = {"a": [(f"a{at}", f"Day {at}. {TEXTS[3]}") for at in range(articles)], "z": [("z", STORY)]}
        write(folder, files)
        build([folder], Versions(tmp_path / f"index{articles}"), embedder)
        write(folder, files | {"z": [("z", TEXTS[4])]})
        read.clear()
        build([folder], Versions(tmp_path / f"index{articles}"), embedder)
        totals.append(sum(read))
    assert totals[0] == totals[1]


def test_a_version_shares_its_vectors_with_the_one_before_until_an_article_is_removed(
    tmp_path: Path, embedder: Embedder
) -> None:
    files = {"a": [("a", STORY), ("b", TEXTS[3])], "z": [("z", TEXTS[4])]}
    versions, opened = Versions(tmp_path / "index"), []

    def built(files: dict[str, list[tuple[str, str]]]) -> tuple[int, bool]:
        write(tmp_path / "news", files)
        report = build([tmp_path / "news"], versions, embedder)
        folder = versions.path(report.version)
        opened.append(folder)
        return (folder / VECTORS).stat().st_ino, (folder / CHANGED).exists()

    first, is_changed = built(files)
    assert not is_changed
    for text in ("The mill stands.", "The mill fell."):
        files["a"][1] = ("b", text)
        assert built(files) == (first, True)
    files["a"].pop()
    last, is_changed = built(files)
    assert last != first
    assert not is_changed
    assert file_problems(opened[1], Manifest.read(opened[1])) == []
    for folder in opened[:2]:
        versions.remove([folder.name])
    assert versions.rollback() == opened[2].name
    with versions.open() as snapshot:
        assert snapshot.candidates("fell", embedder.embed_question("fell"), EVERYTHING, 3)


def test_what_is_altered_in_a_file_that_is_shared_is_noticed(tmp_path: Path, embedder: Embedder) -> None:
    files = {"a": [("a", STORY), ("b", TEXTS[3])]}
    versions = Versions(tmp_path / "index")
    for text in (TEXTS[3], "The mill stands."):
        files["a"][1] = ("b", text)
        write(tmp_path / "news", files)
        version = build([tmp_path / "news"], versions, embedder).version
    file = versions.path(version) / VECTORS
    altered = bytearray(file.read_bytes())
    altered[-9] ^= 1
    file.write_bytes(altered)
    files["a"][1] = ("b", "The mill fell.")
    write(tmp_path / "news", files)
    report = build([tmp_path / "news"], versions, embedder)
    assert report.embedded == report.passages
    with versions.open() as snapshot:
        assert snapshot.count_problems() == []


def test_damage_of_the_text_that_no_time_tells_of_is_not_carried_on(tmp_path: Path, embedder: Embedder) -> None:
    write(tmp_path / "news", {"a": [("a", STORY)]})
    versions = Versions(tmp_path / "index")
    file = versions.path(build([tmp_path / "news"], versions, embedder).version) / STORE
    before, altered = file.stat(), bytearray(file.read_bytes())
    altered[-9] ^= 1
    file.write_bytes(altered)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    write(tmp_path / "news", {"a": [("a", STORY)], "b": [("b", TEXTS[3])]})
    report = build([tmp_path / "news"], versions, embedder)
    assert report.embedded == report.passages


def test_nothing_of_a_removed_article_is_left_in_the_file(tmp_path: Path, embedder: Embedder) -> None:
    words = "Zyxomma petiolatum hibernated."
    write(tmp_path / "news", {"a": [("a", STORY), ("b", words)], "c": [("c", TEXTS[3])]})
    versions = Versions(tmp_path / "index")
    build([tmp_path / "news"], versions, embedder)
    assert b"zyxomma" in (versions.path(versions.names()[0]) / STORE).read_bytes().lower()
    build([tmp_path / "news"], versions, embedder, edits=lambda: Edits((), {"b"}))
    held = (versions.path(versions.names()[1]) / STORE).read_bytes().lower()
    assert not any(word in held for word in (b"zyxomma", b"petiolatum", b"hibern"))
    with versions.open() as snapshot:
        assert snapshot.article("b") is None
        assert snapshot.store.bm25("petiolatum", 5) == []


_texts = st.integers(0, 2 * len(TEXTS)).map(lambda at: TEXTS[at % len(TEXTS)] + (" Again." if at >= len(TEXTS) else ""))
_files = st.dictionaries(
    st.sampled_from("pqrs"),
    st.lists(st.tuples(st.sampled_from("abcdef"), _texts), min_size=1, max_size=4),
    min_size=1,
    max_size=4,
)


@pytest.mark.slow
@pytest.mark.parametrize("exact_up_to", [16, 100_000], ids=["in lists", "compared"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(st.tuples(_files, st.sets(st.sampled_from("abcdef"), max_size=2)), min_size=2, max_size=4))
def test_any_edits_answer_as_a_build_from_nothing(
    rounds: list[tuple[dict[str, list[tuple[str, str]]], set[str]]],
    tmp_path_factory: pytest.TempPathFactory,
    embedder: Embedder,
    exact_up_to: int,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "EXACT_UP_TO", exact_up_to)
        edit_and_compare(rounds, tmp_path_factory, embedder)


def edit_and_compare(
    rounds: list[tuple[dict[str, list[tuple[str, str]]], set[str]]],
    tmp_path_factory: pytest.TempPathFactory,
    embedder: Embedder,
) -> None:
    folder = tmp_path_factory.mktemp("edits")
    grown = Versions(folder / "grown")
    deleted: set[str] = set()
    for number, (files, names) in enumerate(rounds):
        deleted |= names  # of what was deleted, no title is known when it is deleted no more
        write(folder / "news", {"always": [("z", "It is always here.")]} | files)
        fresh = Versions(folder / f"fresh{number}")
        reports = [
            build([folder / "news"], versions, embedder, edits=lambda: Edits((), deleted))  # noqa: B023
            for versions in (grown, fresh)
        ]
        assert [counted(report)[:2] for report in reports] == [counted(reports[1])[:2]] * 2
        said = [[sorted(map(str, report.failures)), sorted(map(str, report.notes))] for report in reports]
        assert said[0] == said[1]
        assert_alike(grown, fresh, embedder)
