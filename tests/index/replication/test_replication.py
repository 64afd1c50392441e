"""One builder publishes, replicas have the very same versions, and of two builders one is told to stop."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index.article import Article, Block
from index.building.builder import index_articles
from index.collection.store import FILE, Collection, WrittenDocument
from index.models.embedder import Embedder
from index.replication.backup import NotEmptyError, back_up, restore
from index.replication.bucket import Bucket, BucketError, MissingError
from index.replication.follower import Followed, Follower, followed
from index.replication.publications import latest
from index.replication.publisher import Publisher
from index.storage.snapshot import STORE, VECTORS
from index.storage.versions import Versions

Build = Callable[..., Versions]


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return Bucket(str(tmp_path / "bucket"))


@pytest.fixture
def build(tmp_path: Path, embedder: Embedder) -> Build:
    """Makes a version of a builder that holds the given texts."""

    def make(*texts: str, builder: str = "builder") -> Versions:
        versions = Versions(tmp_path / builder / "index")
        articles = [Article(f"a{at}", "Note", text, (Block(0, len(text)),)) for at, text in enumerate(texts)]
        index_articles(articles, versions, embedder)
        return versions

    return make


def current(versions: Versions) -> str:
    folder = versions.current()
    assert folder
    return folder.name


def test_a_replica_has_the_same_version_under_the_same_name(bucket: Bucket, build: Build, tmp_path: Path) -> None:
    versions, replica = build("The pier is 90 metres long."), Versions(tmp_path / "replica")
    assert Publisher(bucket, versions, "https://build.example.org", delay=0).publish()
    Follower(bucket, replica).follow()
    assert current(replica) == current(versions)
    with replica.open() as here, versions.open() as there:
        assert here.manifest == there.manifest
    known = followed(replica)
    assert known
    assert (known.version, known.address) == (current(versions), "https://build.example.org")
    for folder in (replica.folder, versions.folder):
        assert (folder / "versions").stat().st_mode & 0o077 == 0


def test_only_what_is_new_is_pulled(bucket: Bucket, build: Build, tmp_path: Path) -> None:
    versions, replica = build("One.", "Two."), Versions(tmp_path / "replica")
    publisher, follower = Publisher(bucket, versions, delay=0), Follower(bucket, replica)
    publisher.publish()
    follower.follow()
    sums = versions.open().manifest.files
    bucket.delete([f"files/{sums[name].sha256}" for name in (STORE, VECTORS)])
    (versions.folder / "versions" / current(versions)).rename(versions.folder / "away")
    [first] = latest(bucket)
    second = Versions(tmp_path / "again")
    with pytest.raises(MissingError, match=r"is not in .* any more"):
        Follower(bucket, second).pull(first)
    assert (second.names(), second.left_overs()) == ([], [])
    replica.path(first.version).rename(replica.path("000009-" + first.version[-8:]))
    Follower(bucket, replica).pull(first)  # from the version beside it, since the bucket has nothing of it any more
    assert first.version in replica.names()
    replica.point_to(first.version)
    replica.open().close()


def test_nobody_switches_before_the_moment(bucket: Bucket, build: Build, tmp_path: Path) -> None:
    versions, replica = build("One."), Versions(tmp_path / "replica")
    Publisher(bucket, versions, delay=0).publish()
    first = current(versions)
    Follower(bucket, replica).follow()
    build("Two.")
    made = Publisher(bucket, versions, delay=3600).publish()
    assert made
    assert made.number == 2
    follower = Follower(bucket, replica)
    follower.follow()
    follower.follow()
    assert (current(replica), made.version in replica.names()) == (first, True)
    late_comer = Versions(tmp_path / "late")
    Follower(bucket, late_comer).follow()
    assert current(late_comer) == first
    build("Three.")
    assert Publisher(bucket, versions).publish() is None, "replicas that wait would skip it"
    known = followed(replica)
    assert known
    assert not known.is_late(first, 0)
    assert Followed("000002-00000000", time.time() - 60, None).is_late(first, 10)
    assert not Followed("000002-00000000", time.time() - 60, None).is_late("000002-00000000", 10)


def test_of_two_builders_one_wins_and_the_other_is_told(bucket: Bucket, build: Build) -> None:
    ours, theirs = build("Ours."), build("Theirs.", builder="other")
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def publish(versions: Versions) -> None:
        start.wait()
        try:
            outcomes.append(Publisher(bucket, versions, delay=0).publish())
        except BucketError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=publish, args=[versions]) for versions in (ours, theirs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)).count("another_builder") == 1
    assert len(latest(bucket, 9)) == 1


def test_a_publication_that_is_ours_is_not_taken_for_anothers(bucket: Bucket, build: Build) -> None:
    versions = build("One.")
    assert Publisher(bucket, versions, delay=0).publish()
    assert Publisher(bucket, versions).publish() is None
    build("Two.")
    assert Publisher(bucket, versions, delay=0).publish()
    versions.rollback()
    rolled = Publisher(bucket, versions, delay=0).publish()
    assert rolled
    assert (rolled.number, rolled.version) == (3, current(versions))


def test_what_differs_from_its_checksum_is_not_taken(bucket: Bucket, build: Build, tmp_path: Path) -> None:
    versions, replica = build("One."), Versions(tmp_path / "replica")
    Publisher(bucket, versions, delay=0).publish()
    wrong = tmp_path / "wrong"
    sums = versions.open().manifest.files[STORE]
    wrong.write_bytes(b"0" * sums.bytes)
    bucket.put(f"files/{sums.sha256}", wrong)
    with pytest.raises(BucketError, match="differs from the checksum"):
        Follower(bucket, replica).follow()
    assert (replica.current(), replica.left_overs()) == (None, [])
    (tmp_path / "bucket" / "publications" / "000000001.json").write_text('{"number": 1}')
    with pytest.raises(BucketError, match="can't be read as a publication"):
        Follower(bucket, replica).follow()


def test_the_bucket_keeps_no_version_that_the_builder_removed(bucket: Bucket, build: Build) -> None:
    versions = build("A secret.")
    Publisher(bucket, versions, delay=0).publish()
    with versions.open() as opened:
        gone = opened.manifest
    build("Nothing of it.")
    Publisher(bucket, versions, delay=0).publish()
    assert f"files/{gone.files[STORE].sha256}" in bucket.names("files")
    assert versions.remove([gone.version]) == [gone.version]
    assert Publisher(bucket, versions).publish() is None
    assert f"files/{gone.files[STORE].sha256}" not in bucket.names("files")
    assert [each.version for each in latest(bucket, 9)] == [current(versions)]


def test_a_builder_begins_anew_from_the_bucket_and_the_one_before_is_told(
    bucket: Bucket, build: Build, tmp_path: Path
) -> None:
    versions = build("One.")
    collection = Collection(tmp_path / "builder")
    with collection.transaction() as connection:
        collection.put(connection, WrittenDocument("note", b"Written over HTTP.", "note.txt"), ["n"], over=True)
    Publisher(bucket, versions, delay=0).publish()
    back_up(tmp_path / "builder", bucket)
    successor = Versions(tmp_path / "successor" / "index")
    assert restore(tmp_path / "successor", successor, bucket) == current(versions) == current(successor)
    with closing(sqlite3.connect(tmp_path / "successor" / FILE)) as restored:
        assert restored.execute("SELECT key, body FROM documents").fetchall() == [("note", b"Written over HTTP.")]
    with pytest.raises(NotEmptyError):
        restore(tmp_path / "successor", successor, bucket)
    build("Two.", builder="successor")
    assert Publisher(bucket, successor, delay=0).publish()
    build("Three.")
    with pytest.raises(BucketError, match="another builder"):
        Publisher(bucket, versions).publish()
    with pytest.raises(BucketError, match="nothing was published"):
        restore(tmp_path / "third", Versions(tmp_path / "third" / "index"), Bucket(str(tmp_path / "empty")))


@pytest.mark.parametrize("url", ["ftp://example.org/x", "s3://"])
def test_what_is_no_bucket_is_said_to_be_none(url: str) -> None:
    with pytest.raises(BucketError, match="can't be used as a bucket"):
        Bucket(url)
