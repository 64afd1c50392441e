"""Several collections in one bucket: each under its own prefix, with its settings, of the one who publishes it."""

from pathlib import Path

import httpx2
import pytest

from index.article import Article, Block
from index.building.builder import index_articles
from index.collection.folders import DEFAULT, CollectionFolders
from index.collection.store import Collection
from index.models.embedder import Embedder
from index.replication.backup import NotEmptyError, back_up
from index.replication.bucket import Bucket, BucketError
from index.replication.collections import (
    bucket_of,
    describe,
    owner_of,
    restore_all,
    shared,
    surplus,
    take,
    withdraw_deleted,
)
from index.replication.follower import Follower
from index.replication.publications import latest
from index.replication.publisher import Publisher
from index.storage.versions import Versions
from tests.support.object_store import object_store


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return Bucket(str(tmp_path / "bucket"))


class Builder:
    """A data folder whose collections are published."""

    def __init__(self, folder: Path, bucket: Bucket, embedder: Embedder) -> None:
        self.folder, self.folders = folder, CollectionFolders(folder)
        self._bucket, self._embedder = bucket, embedder

    @property
    def owner(self) -> str:
        return owner_of(self.folder, self._bucket)

    def publish(self, name: str, text: str) -> str:
        """Build one article into a collection that is there, publish it; the version."""
        versions = Versions(self.folders.path(name) / "index")
        index_articles([Article("a", "Note", text, (Block(0, len(text)),))], versions, self._embedder)
        made = Publisher(bucket_of(self._bucket, name), versions, delay=0).publish()
        assert made
        if name != DEFAULT:
            describe(self._bucket, self.folders.read(name), self.owner)
        return made.version


@pytest.fixture
def builder(tmp_path: Path, bucket: Bucket, embedder: Embedder) -> Builder:
    return Builder(tmp_path / "builder", bucket, embedder)


def text_of(bucket: Bucket, name: str, folder: Path) -> str:
    """What a replica of one collection says."""
    versions = Versions(folder)
    Follower(bucket_of(bucket, name), versions).follow()
    with versions.open() as snapshot:
        return snapshot.articles()[0].text


def check_three_collections(bucket: Bucket, builder: Builder, tmp_path: Path) -> None:
    builder.publish(DEFAULT, "The pier is 90 metres long.")
    for name, text in (("news", "The mill burned down."), ("news2", "The tower has a bell.")):
        builder.folders.create(name, {"keep_versions": 3})
        builder.publish(name, text)
    assert shared(bucket).keys() == {"news", "news2"}
    assert text_of(bucket, DEFAULT, tmp_path / "one") == "The pier is 90 metres long."
    assert text_of(bucket, "news", tmp_path / "two") == "The mill burned down."
    builder.folders.delete("news")
    assert withdraw_deleted(bucket, builder.folders, builder.owner) == ["news"]
    assert shared(bucket).keys() == {"news2"}
    assert bucket.names("collections/news") == []
    assert text_of(bucket, "news2", tmp_path / "three") == "The tower has a bell."
    assert len(latest(bucket)) == 1


def test_each_collection_is_published_and_followed_under_its_own_prefix(
    bucket: Bucket, builder: Builder, tmp_path: Path
) -> None:
    assert shared(bucket) == {}
    check_three_collections(bucket, builder, tmp_path)


@pytest.mark.slow
def test_so_they_are_in_an_object_store(tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    with object_store(tmp_path / "store") as address:
        given = {"ENDPOINT_URL": address, "ACCESS_KEY_ID": "any", "SECRET_ACCESS_KEY": "any", "REGION": "us-east-1"}
        for name, value in given.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        assert httpx2.put(f"{address}/answers", timeout=60).status_code == 200
        bucket = Bucket("s3://answers/all/")
        check_three_collections(bucket, Builder(tmp_path / "builder", bucket, embedder), tmp_path)


def test_a_replica_takes_collections_and_settings_and_lets_go_of_those_that_went(
    bucket: Bucket, builder: Builder, tmp_path: Path
) -> None:
    builder.folders.create("news", {"keep_versions": 3, "public_ask": False})
    builder.publish("news", "One.")
    replica = CollectionFolders(tmp_path / "replica")
    replica.create("own", {})
    take(shared(bucket), replica)
    copy, original = replica.read("news"), builder.folders.read("news")
    assert (copy.settings, copy.created, copy.is_replica) == (original.settings, original.created, True)
    builder.folders.change("news", {"keep_versions": None, "keep_days": 2})
    builder.publish("news", "Two.")
    take(shared(bucket), replica)
    assert replica.read("news").settings == {"public_ask": False, "keep_days": 2}
    assert replica.read("news").is_replica
    assert surplus(shared(bucket), replica) == []
    builder.folders.delete("news")
    builder.folders.create("news", {})
    assert withdraw_deleted(bucket, builder.folders, builder.owner) == ["news"], "it is another of the same name"
    assert surplus(shared(bucket), replica) == ["news"], "and not 'own', which was never followed"
    builder.publish("news", "Three.")
    assert surplus(shared(bucket), replica) == ["news"]


def test_a_collection_that_is_no_replica_is_left_alone(bucket: Bucket, builder: Builder, tmp_path: Path) -> None:
    for name in ("a", "b"):
        builder.folders.create(name, {})
        builder.publish(name, "One.")
    replica = CollectionFolders(tmp_path / "replica")
    replica.create("a", {"keep_days": 1})
    with pytest.raises(NotEmptyError, match=r"the collection a of this data folder is no replica"):
        take(shared(bucket), replica)
    assert replica.names() == ["a", "b"]
    assert replica.read("a").settings == {"keep_days": 1}


def test_builders_share_a_bucket_but_no_collection(
    bucket: Bucket, builder: Builder, tmp_path: Path, embedder: Embedder
) -> None:
    other = Builder(tmp_path / "other", bucket, embedder)
    for one, name in ((builder, "news"), (other, "sport")):
        one.folders.create(name, {})
        one.publish(name, "One.")
        assert withdraw_deleted(bucket, one.folders, one.owner) == []
    assert shared(bucket).keys() == {"news", "sport"}
    other.folders.create("news", {})
    with pytest.raises(BucketError, match=r"another builder publishes into .*collections/news"):
        other.publish("news", "Two.")
    assert shared(bucket)["news"].owner == builder.owner


def test_all_collections_are_restored_and_belong_to_the_successor(
    bucket: Bucket, builder: Builder, tmp_path: Path, embedder: Embedder
) -> None:
    builder.folders.create("news", {"keep_versions": 3})
    version = builder.publish("news", "One.")
    Collection(builder.folders.path("news"))
    back_up(builder.folders.path("news"), bucket_of(bucket, "news"))
    successor = Builder(tmp_path / "successor", bucket, embedder)
    assert restore_all(successor.folder, bucket) == {"news": version}
    restored = successor.folders.read("news")
    assert (restored.settings, restored.is_replica) == ({"keep_versions": 3}, False)
    assert (successor.folders.path("news") / "collection.sqlite").exists()
    with pytest.raises(NotEmptyError):
        restore_all(successor.folder, bucket)
    successor.publish("news", "Two.")
    with pytest.raises(BucketError, match="another builder"):
        builder.publish("news", "Three.")
    builder.folders.delete("news")
    assert withdraw_deleted(bucket, builder.folders, builder.owner) == [], "the successor has it"


def test_a_description_that_is_none_is_said_to_be_none(bucket: Bucket) -> None:
    bucket.put("collections/news/collection.json", b"[]")
    bucket.put("collections/No Name/collection.json", b"[]")
    with pytest.raises(BucketError, match=r"collections/news/collection.json in .* can't be read"):
        shared(bucket)
