"""A build that reuses what did not change gives what a build from nothing gives, and tells what it did."""

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index.building.builder
import index.storage.vectors
from index.article import Article
from index.building.builder import BuildReport, build, index_articles
from index.models.embedder import Embedder
from index.parsing.types import LoadError
from index.sources.file_hashes import FileHashes
from index.sources.intake import Edits
from index.sources.reading import Reading
from index.sources.unread import SourceError, SourceFile
from index.storage.versions import BusyError, Versions

STORIES = (
    "The mill burned down in May. Nobody was hurt.",
    "Storm hits coast\n\nThe harbour froze. Ferries stayed in port until Monday.",
    "The old bridge was closed on Monday, because two of its piers had moved.",
    "Rain falls\n\nIt was wet in the valley.",
    " \n",
    "\x89PNG\0 no text at all",
)
NAMES = ("a.txt", "b.txt", "sub/a.txt", "c.md")

Build = Callable[..., BuildReport]


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    for name, story in zip(("mill.txt", "storm.txt", "bridge.txt"), STORIES, strict=False):
        (folder / name).write_text(story)
    return folder


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "index")


@pytest.fixture
def rebuild(news: Path, versions: Versions, embedder: Embedder) -> Build:
    def run(**options: object) -> BuildReport:
        return build([news], versions, embedder, **options)  # type: ignore[arg-type]

    return run


def changes(report: BuildReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


_edits = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(["write", "remove", "touch", "lines"]), st.sampled_from(NAMES), st.sampled_from(STORIES)
        ),
        min_size=1,
        max_size=4,
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(params=["compared", "in lists"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both kinds of vector index."""
    if request.param == "in lists":
        monkeypatch.setattr(index.storage.vectors, "EXACT_UP_TO", 16)


@pytest.mark.slow
@pytest.mark.usefixtures("kind")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=_edits)
def test_any_edits_give_what_a_build_from_nothing_gives(
    rounds: list[list[tuple[str, str, str]]], tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
) -> None:
    folder = tmp_path_factory.mktemp("edits")
    news = folder / "news"
    news.mkdir()
    (news / "always.txt").write_text("It is always here. Nothing else is.")
    lines = [f'{{"text": "The {number}th story tells of {number} ships."}}\n' for number in range(20)]
    (news / "many.jsonl").write_text("".join(lines))
    grown = Versions(folder / "grown")
    for number, edits in enumerate(rounds):
        for action, name, story in edits:
            _edit(news, action, name, story)
        report = build([news], grown, embedder)
        fresh = Versions(folder / f"fresh{number}")
        build([news], fresh, embedder)
        with grown.open() as one, fresh.open() as other:
            if not any("is kept" in failure.reason for record in one.store.files() for failure in record.failures):
                assert one.manifest.files == other.manifest.files
            assert report.articles == one.manifest.articles
            assert np.array_equal(one.vectors.take(np.arange(len(one.vectors))), _vectors(one.store, embedder))


def _edit(news: Path, action: str, name: str, story: str) -> None:
    path = news / name
    path.parent.mkdir(exist_ok=True)
    if action == "write":
        path.write_text(story)
    elif action == "lines":
        path.with_suffix(".jsonl").write_text('{"id": "one", "text": "One is here."}\n' * 2 + '{"text": "Two is."}\n')
    elif action == "touch" and path.exists():
        path.touch()
    else:
        path.unlink(missing_ok=True)


def _vectors(store: object, embedder: Embedder) -> object:
    from index.passage_text import embedded_text

    rows = range(store.counts()["passages"])  # type: ignore[attr-defined]
    return embedder.embed_passages([embedded_text(article, passage) for passage, article in store.passages(rows)])  # type: ignore[attr-defined]


def test_only_what_changed_is_read_and_embedded(news: Path, rebuild: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    first = rebuild()
    assert (changes(first), first.embedded, first.is_new) == ((3, 0, 0, 0), first.passages, True)
    loaded: list[str] = []
    real = SourceFile.read
    monkeypatch.setattr(SourceFile, "read", lambda item: loaded.append(item.path) or real(item))
    again = rebuild()
    assert (changes(again), again.embedded, again.is_new) == ((0, 0, 0, 3), 0, False)
    assert again.version == first.version
    (news / "storm.txt").write_text("Calm coast\n\nThe harbour thawed.")
    (news / "mill.txt").unlink()
    (news / "new.txt").write_text("A new bakery opened in the square.")
    report = rebuild()
    assert (changes(report), report.embedded, report.is_new) == ((1, 1, 1, 1), 2, True)
    assert set(loaded) == {"new.txt", "storm.txt"}


def test_a_file_that_moved_is_embedded_no_more(news: Path, rebuild: Build) -> None:
    rebuild()
    (news / "2024").mkdir()
    (news / "storm.txt").rename(news / "2024" / "storm.txt")
    report = rebuild()
    assert (changes(report), report.embedded) == ((1, 0, 1, 2), 0)


def test_other_settings_models_or_code_are_noticed(
    rebuild: Build, monkeypatch: pytest.MonkeyPatch, embedder: Embedder
) -> None:
    first = rebuild()
    cut = rebuild(passage_tokens=20)
    assert cut.is_new
    assert cut.passages > first.passages
    assert rebuild(passage_tokens=20).embedded == 0
    monkeypatch.setattr(index.building.builder, "recipe", lambda: "other code")
    read_again = rebuild(passage_tokens=20)
    assert (read_again.is_new, read_again.embedded) == (True, 0)
    assert not rebuild(passage_tokens=20).is_new
    monkeypatch.setattr(embedder, "fingerprint", "another model")
    embedded_again = rebuild(passage_tokens=20)
    assert embedded_again.is_new
    assert embedded_again.embedded == embedded_again.passages


def test_a_file_that_breaks_keeps_its_articles_until_it_is_mended_or_removed(news: Path, rebuild: Build) -> None:
    rebuild()
    (news / "storm.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    for _ in range(2):
        report = rebuild()
        assert report.articles == 3
        [failure] = report.failures
        assert failure.key == "news/storm.txt"
        assert failure.reason.endswith("what was indexed of it is kept")
    (news / "storm.txt").write_text(STORIES[1])
    assert rebuild().failures == []
    (news / "storm.txt").unlink()
    report = rebuild()
    assert (report.articles, report.removed) == (2, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_a_file_that_may_not_be_read_keeps_its_articles(news: Path, rebuild: Build) -> None:
    rebuild()
    (news / "storm.txt").chmod(0)
    assert rebuild().articles == 3


def test_a_folder_that_cannot_be_read_keeps_its_articles(
    news: Path, rebuild: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    (news / "sub").mkdir()
    (news / "mill.txt").rename(news / "sub" / "mill.txt")
    rebuild()
    real = os.listdir

    def denied(path: Path) -> list[str]:
        if path.name == "sub":
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", denied)
        for _ in range(2):
            report = rebuild()
            assert (report.articles, report.removed) == (3, 0)
            assert [failure.reason for failure in report.failures] == [
                "the folder can't be opened (Permission denied): allow reading it, or move it elsewhere"
            ]
    assert rebuild().failures == []
    (news / "sub" / "mill.txt").unlink()
    assert rebuild().removed == 1


def test_an_id_goes_to_the_first_file_and_is_free_again_when_that_one_is_gone(news: Path, rebuild: Build) -> None:
    (news / "one.jsonl").write_text('{"id": "x", "text": "One is here."}\n')
    (news / "two.jsonl").write_text('{"id": "x", "text": "Two is here."}\n')
    for _ in range(2):
        report = rebuild()
        assert [failure.key for failure in report.failures] == ["news/two.jsonl"]
        assert "taken by news/one.jsonl" in report.failures[0].reason
    (news / "one.jsonl").unlink()
    report = rebuild()
    assert (report.failures, changes(report)) == ([], (0, 1, 0, 3))
    (news / "one.jsonl").write_text('{"id": "x", "text": "One is here."}\n')
    report = rebuild()
    assert ([failure.key for failure in report.failures], changes(report)) == (["news/two.jsonl"], (0, 1, 0, 3))


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("Rain fell on Monday.", "has the same text and id in news/one.jsonl"),
        ("Snow fell.", "has another text in news/one"),
    ],
)
def test_a_story_that_two_sources_bring_is_indexed_once_and_is_no_failure(
    news: Path, rebuild: Build, second: str, told: str
) -> None:
    url = "https://news.example/rain"
    for name, text in (("one", "Rain fell on Monday."), ("two", second)):
        (news / f"{name}.jsonl").write_text(json.dumps({"url": url, "id": "rain", "text": text}))
    for _ in range(2):  # the second time nothing changed
        report = rebuild(strict=True)
        assert (report.articles, report.failures) == (4, [])
        assert [note.key for note in report.notes] == ["news/two.jsonl"]
        assert told in report.notes[0].text
    (news / "mill.txt").write_text("The mill is built again.")
    assert len(rebuild(strict=True).notes) == 1
    (news / "one.jsonl").write_text(json.dumps({"id": "rain", "text": "Another story of this id."}))
    with pytest.raises(SourceError):
        rebuild(strict=True)


class Written:
    """An article that a service was given."""

    def __init__(self, identifier: str, text: str) -> None:
        self.key = f"written/{identifier}"
        self._article = Article(identifier, f"On {identifier}", text, ())

    def sha256(self) -> str:
        return self._article.sha256

    def begin(self, _: Reading, /) -> None:
        """There is nothing to read."""

    def load(self, _: Reading | None = None, /) -> tuple[str, list[Article | LoadError]]:
        return self.sha256(), [self._article]


def test_written_articles_replace_and_deleted_ones_are_left_out(news: Path, rebuild: Build, versions: Versions) -> None:
    (news / "lines.jsonl").write_text('{"id": "x", "text": "One is here."}\n{"id": "y", "text": "Two is here."}\n')
    rebuild()
    edits = Edits([Written("x", "Another one is here.")], {"y"})
    report = rebuild(edits=lambda: edits)
    assert (changes(report), report.failures) == ((0, 1, 1, 3), [])
    with versions.open() as snapshot:
        replaced = snapshot.store.article("x")
        assert replaced
        assert replaced.text == "Another one is here."
        assert snapshot.store.article("y") is None
    assert not rebuild(edits=lambda: edits).is_new
    assert changes(rebuild(edits=lambda: Edits(deleted={"y"}))) == (0, 1, 0, 3)
    assert changes(rebuild()) == (1, 0, 0, 4)


def test_what_was_written_needs_no_sources_and_may_all_be_deleted(versions: Versions, embedder: Embedder) -> None:
    report = build([], versions, embedder, edits=lambda: Edits([Written("x", "It is here.")]))
    assert report.articles == 1
    assert build([], versions, embedder, edits=lambda: Edits(deleted={"x"})).articles == 0
    with pytest.raises(SourceError, match="no source is given"):
        build([], versions, embedder)


def test_strict_builds_publish_nothing_when_something_cannot_be_read(
    news: Path, rebuild: Build, versions: Versions
) -> None:
    first = rebuild(strict=True)
    (news / "broken.jsonl").write_text("nonsense\n")
    with pytest.raises(SourceError, match="1 of the files and records"):
        rebuild(strict=True)
    assert versions.open().version == first.version
    assert rebuild().is_new
    with pytest.raises(SourceError, match="1 of the files and records"):
        rebuild(strict=True)


def test_articles_without_files_are_reused_too(versions: Versions, embedder: Embedder) -> None:
    articles = [Article(name, f"On {name}", STORIES[0]) for name in ("a", "b")]
    assert changes(index_articles(articles, versions, embedder)) == (2, 0, 0, 0)
    assert changes(index_articles(articles[:1], versions, embedder)) == (0, 0, 1, 1)


def test_a_second_builder_waits_if_it_is_told_to(versions: Versions, rebuild: Build) -> None:
    with versions.changing(), pytest.raises(BusyError, match="process"):
        rebuild()


def test_a_damaged_version_is_built_from_nothing(rebuild: Build, versions: Versions) -> None:
    first = rebuild()
    folder = versions.current()
    assert folder
    (folder / "vectors.faiss").write_bytes(b"nothing")
    report = rebuild()
    assert report.embedded == first.passages
    assert versions.open().count_problems() == []


class TestFileHashes:
    """Hashes are computed again when a file may have changed, and only then."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "file.txt"
        path.write_text("one")
        return path

    def known(self, file: Path, moment: float | None = None) -> FileHashes:
        """Hashes that were computed at a moment, by default an hour from now."""
        now = time.time_ns() + 3_600_000_000_000 if moment is None else moment
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time_ns", lambda: now)
            hashes = FileHashes(file.parent / "cache")
            hashes.of(file)
            hashes.save()
        return FileHashes(file.parent / "cache")

    def test_a_settled_file_is_not_read(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        hashes = self.known(file)
        monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("it was read"))
        assert hashes.of(file) == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"

    def test_an_edit_of_the_same_size_is_noticed(self, file: Path) -> None:
        before = self.known(file).of(file)
        file.write_text("two")
        assert FileHashes(file.parent / "cache").of(file) != before

    def test_an_edit_that_sets_the_time_back_is_noticed(self, file: Path) -> None:
        status = file.stat()
        before = self.known(file).of(file)
        file.write_text("two")
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert file.stat().st_mtime_ns == status.st_mtime_ns
        assert FileHashes(file.parent / "cache").of(file) != before

    @pytest.mark.parametrize("seconds", [-3600, 0, 1])
    def test_a_file_that_is_as_new_as_its_reading_is_read_again(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, seconds: int
    ) -> None:
        hashes = self.known(file, file.stat().st_mtime_ns + seconds * 1_000_000_000)
        opened = []
        real = Path.open
        monkeypatch.setattr(Path, "open", lambda path, *mode: opened.append(path) or real(path, *mode))
        hashes.of(file)
        assert opened == [file]

    def test_a_damaged_cache_is_none(self, file: Path) -> None:
        before = self.known(file).of(file)
        (file.parent / "cache").write_bytes(b"nonsense" * 1000)
        hashes = FileHashes(file.parent / "cache")
        assert hashes.of(file) == before
        hashes.save()
        with closing(sqlite3.connect(file.parent / "cache")) as connection:
            assert connection.execute("SELECT count(*) FROM hashes").fetchone() == (1,)

    def test_what_cannot_be_read_has_none(self, file: Path) -> None:
        hashes = FileHashes(file.parent / "cache")
        assert hashes.of(file.parent) is None
        assert hashes.of(file.parent / "nowhere") is None
        shutil.rmtree(file.parent)
        hashes.save()


def test_a_table_is_read_again_when_its_columns_get_other_names(versions: Versions, embedder: Embedder) -> None:
    table = versions.folder.parent / "news.csv"
    table.write_text("head,story\nMills,The mill burned down in May.\nStorm,The harbour froze.\n")
    with pytest.raises(SourceError, match="head, story"):
        build([table], versions, embedder)
    columns = [("text", "story"), ("title", "head")]
    assert build([table], versions, embedder, columns=columns).added == 2
    assert not build([table], versions, embedder, columns=columns).is_new
    again = build([table], versions, embedder, columns=columns[:1])
    assert (again.articles, again.changed) == (2, 2)
