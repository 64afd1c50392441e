"""The words of deleted articles leave what is kept of questions, at the builder and at a replica."""

from pathlib import Path

import pytest

from api.cli.doctor import diagnose
from api.questions.book import FILE, Opinion, Pin, QuestionBook, Shown
from api.runtime.erasing import erase_words
from api.runtime.replication import Following
from api.settings import Settings, load_settings
from index.building.builder import build
from index.collection.store import Collection, WrittenDocument
from index.models.embedder import Embedder
from index.replication.bucket import Bucket
from index.replication.publisher import Publisher
from index.sharding.split import split
from index.storage.versions import Versions
from tests.support.chat import until

SECRET = "Wenceslas Quimby kept the ledgers under the pier."
KEPT = "The ferry of Ada Finch sails at noon."


class Builder:
    """A data folder with the articles ``a``, the secret one, and ``b``, and a book that has told of both."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.settings: Settings = load_settings(data_dir=folder, question_log=True, threads=1)
        self.collection, self.versions = Collection(folder), Versions(folder / "index")
        self.book, self._embedder = QuestionBook(folder, is_on=True), embedder
        self.write("a", SECRET)
        self.write("b", KEPT)
        self.build()
        tell(self.book)
        self.book.pin(Pin("Who had the books?", "a", 0, 16, SECRET[:16], "0" * 64))

    def write(self, name: str, text: str) -> None:
        with self.collection.transaction() as connection:
            document = WrittenDocument(name, text.encode(), f"{name}.txt", article_id=name)
            self.collection.put(connection, document, [name], over=True)

    def delete(self, name: str, keep_seconds: float = 0) -> None:
        with self.collection.transaction() as connection:
            self.collection.delete(connection, name, keep_seconds)

    def build(self) -> None:
        deleted = self.collection.erasures()
        report = build([], self.versions, self._embedder, edits=self.collection.edits)
        self.collection.built_without(deleted, report.version)
        erase_words(self.settings, self.collection, self.versions)


@pytest.fixture
def builder(tmp_path: Path, embedder: Embedder) -> Builder:
    return Builder(tmp_path / "builder", embedder)


def tell(book: QuestionBook) -> None:
    secret = Shown(SECRET[:16], 0.9, "a", 0, 16, SECRET)
    book.note("Who kept the ledgers?", True, secret)
    book.note("When does the ferry sail?", True, Shown("noon", 0.9, "b", 32, 36, KEPT))
    book.add_opinion(Opinion("Who kept the ledgers?", True, comment="Thanks.", shown=secret))


def words_in(folder: Path) -> bool:
    return any(b"Quimby" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_was_told_of_a_deleted_article_is_erased_and_the_question_stays(builder: Builder) -> None:
    assert words_in(builder.settings.data_dir)
    builder.delete("a")
    builder.build()
    assert not words_in(builder.settings.data_dir)
    ferry, ledgers = builder.book.asked(9)
    assert ferry.shown
    assert (ferry.shown.text, ledgers.question, ledgers.shown) == ("noon", "Who kept the ledgers?", None)
    assert ledgers.opinions[0].comment == "Thanks."
    assert builder.book.pins() == []


def test_it_is_kept_as_long_as_the_versions_are(builder: Builder) -> None:
    builder.delete("a", keep_seconds=600)
    builder.build()
    assert builder.book.words_of("a") == {SECRET[:16], SECRET}
    told = [each.message for each in diagnose(builder.settings) if each.check == "deleted articles"]
    assert any(FILE in message and "kept until" in message for message in told), told


def test_what_is_written_again_keeps_what_it_says_still(builder: Builder) -> None:
    builder.book.note("What is kept?", True, Shown("ledgers", 0.9, "a", 26, 33, "the ledgers"))
    builder.delete("a")
    builder.write("a", "In the town hall are the ledgers.")
    builder.build()
    assert builder.book.words_of("a") == {"ledgers", "the ledgers"}
    assert not words_in(builder.settings.data_dir)


def _follow(replica: Following) -> None:
    """Let it do all that it has to do now."""
    replica.tend()
    until(lambda: replica.is_idle)


def test_a_replica_erases_with_the_bucket(builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.replication.follower._SECONDS_BETWEEN_LOOKS", 0)
    monkeypatch.setattr("index.replication.follower._SECONDS_BETWEEN_CLEARANCES", 0)
    bucket = Bucket(str(tmp_path / "bucket"))
    publisher = Publisher(bucket, builder.versions, delay=0)
    publisher.publish()
    settings = load_settings(data_dir=tmp_path / "replica", follow=bucket.url, question_log=True)
    replica = Following(settings, bucket.url)
    _follow(replica)
    tell(QuestionBook(settings.data_dir, is_on=True))
    builder.delete("a", keep_seconds=600)
    builder.build()
    publisher.publish()
    _follow(replica)  # it switches, and keeps the version before
    _follow(replica)
    assert words_in(settings.data_dir)
    builder.delete("a")  # now at once: the version that answers is the same
    builder.build()
    publisher.publish()
    _follow(replica)
    assert not words_in(settings.data_dir)
    assert not words_in(tmp_path / "bucket")
    assert QuestionBook(settings.data_dir).words_of("b") == {"noon", KEPT}


def test_a_replica_of_shards_erases_with_the_bucket(
    builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.replication.follower._SECONDS_BETWEEN_LOOKS", 0)
    monkeypatch.setattr("index.replication.follower._SECONDS_BETWEEN_CLEARANCES", 0)
    bucket, sharded = Bucket(str(tmp_path / "bucket")), Versions(tmp_path / "shards")

    def publish() -> None:
        with builder.versions.open() as whole:
            kept = split(whole, sharded, 2)
        sharded.remove([name for name in sharded.names() if name != kept])
        Publisher(bucket, sharded, delay=0).publish()

    publish()
    settings = load_settings(data_dir=tmp_path / "replica", follow=bucket.url, question_log=True)
    replica = Following(settings, bucket.url)
    _follow(replica)
    tell(QuestionBook(settings.data_dir, is_on=True))
    builder.delete("a")
    builder.build()
    publish()
    _follow(replica)  # it switches, and keeps the version before
    assert words_in(settings.data_dir)
    _follow(replica)
    assert not words_in(settings.data_dir)
    assert QuestionBook(settings.data_dir).words_of("b") == {"noon", KEPT}
