"""A version in shards goes through a bucket as any other; each shard can be pulled alone, on a machine of its own."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index.article import Article, Block
from index.building.builder import index_articles
from index.models.embedder import Embedder
from index.replication.backup import restore
from index.replication.bucket import Bucket, BucketError, MissingError
from index.replication.follower import Follower
from index.replication.publications import latest, stored_as
from index.replication.publisher import Publisher
from index.replication.shards import InBucket, clear
from index.sharding.layout import WORDS, Layout, shard_folder
from index.sharding.remote import Here, Remote
from index.sharding.sharded import ShardedCorpus, open_corpus
from index.sharding.split import split
from index.storage.filters import EVERYTHING
from index.storage.snapshot import STORE, VECTORS, Manifest, SnapshotError
from index.storage.versions import Versions

SHARDS = 3
VARIABLE = "SHARDS_OF_THIS_MACHINE"
TEXTS = [f"The ferry number {at} left the harbour at {at + 5} o'clock." for at in range(12)]

Publish = Callable[..., str]
Machines = Callable[[Path, Layout], list[Remote]]


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return Bucket(str(tmp_path / "bucket"))


@pytest.fixture
def whole(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "whole")


@pytest.fixture
def sharded(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "shards")


@pytest.fixture
def publish(bucket: Bucket, whole: Versions, sharded: Versions, embedder: Embedder) -> Publish:
    """Builds a version of the texts, splits it and publishes it; its name."""

    def make(*texts: str, shards: int = SHARDS, delay: float = 0) -> str:
        ids = {text: re.sub(r"\W+", "-", text[:24]) for text in texts or TEXTS}
        articles = [Article(name, "Note", text, (Block(0, len(text)),)) for text, name in ids.items()]
        index_articles(articles, whole, embedder)
        with whole.open() as opened:
            name = split(opened, sharded, shards)
        assert Publisher(bucket, sharded, delay=delay).publish()
        return name

    return make


def nowhere(_: Path) -> None:
    """Shards come up on other machines, of which there are none in these tests."""


@pytest.fixture
def machines(tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Machines:
    """Opens every shard out of the bucket, each on a machine with a cache of its own."""

    def connect(folder: Path, layout: Layout) -> list[Remote]:
        remotes: list[Remote] = []
        for number in range(len(layout.parts)):
            monkeypatch.setenv(VARIABLE, str(tmp_path / f"machine-{number}"))
            remotes.append(Here(InBucket(bucket.url, tmp_path / "unused", VARIABLE).opener(folder, number)()))
        return remotes

    return connect


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def test_a_replica_without_a_cluster_has_every_shard(
    bucket: Bucket, publish: Publish, sharded: Versions, tmp_path: Path
) -> None:
    name = publish()
    replica = Versions(tmp_path / "replica")
    Follower(bucket, replica).follow()
    assert files_below(replica.path(name)) == files_below(sharded.path(name))
    with open_corpus(replica) as corpus:
        assert (corpus.manifest.version, len(corpus.articles())) == (name, len(TEXTS))
    successor = Versions(tmp_path / "successor" / "index")
    assert restore(tmp_path / "successor", successor, bucket) == name
    assert files_below(successor.path(name)) == files_below(sharded.path(name))


def test_machines_that_share_nothing_but_the_bucket_answer_as_one_index(
    bucket: Bucket, publish: Publish, whole: Versions, machines: Machines, embedder: Embedder, tmp_path: Path
) -> None:
    name = publish()
    router = Versions(tmp_path / "router")
    Follower(bucket, router, nowhere).follow()
    pulled = router.current()
    assert pulled == router.path(name)
    assert not [path for path in pulled.rglob("*") if path.name in {STORE, VECTORS}]
    question = "When did the ferry number 7 leave?"
    vector = embedder.embed_question(question)
    with ShardedCorpus.open(pulled, connect=machines) as shards, whole.open() as one:
        found = [each.candidates(question, vector, EVERYTHING, 5) for each in (shards, one)]
        assert [[*each.dense.values()] for each in found] == [[*found[1].dense.values()]] * 2
        given = [each.passages([*part.dense], EVERYTHING) for each, part in zip((shards, one), found, strict=True)]
        assert given[0] == given[1]
        assert shards.articles() == one.articles()
    for number in range(SHARDS):
        [of_bucket] = (tmp_path / f"machine-{number}").iterdir()
        assert [path.name for path in of_bucket.iterdir()] == [f"{number:05d}"], "a machine has its own shard alone"
        assert of_bucket.stat().st_mode & 0o077 == 0
    assert not (tmp_path / "unused").exists()


def test_a_shard_that_is_there_is_not_pulled_again_unless_it_is_damaged(
    bucket: Bucket, publish: Publish, tmp_path: Path
) -> None:
    name = publish()
    router, cache = Versions(tmp_path / "router"), tmp_path / "cache"
    Follower(bucket, router, nowhere).follow()
    opener = InBucket(bucket.url, cache, VARIABLE).opener(router.path(name), 1)
    opener().close()
    files = Manifest.read(shard_folder(router.path(name), 1)).files
    kept = bucket.read(stored_as(files[STORE]))
    assert kept
    bucket.delete([stored_as(files[STORE])])
    opener().close()
    [store] = cache.rglob(STORE)
    store.chmod(0o600)
    store.write_bytes(store.read_bytes()[:-1] + b"?")
    with pytest.raises(MissingError, match=f"{files[STORE].sha256} is not in .* any more.*publish another"):
        opener()
    bucket.put(stored_as(files[STORE]), kept)
    opener().close()
    assert [path.read_bytes() for path in cache.rglob(STORE)] == [kept]


def test_what_did_not_change_is_taken_from_the_version_before(
    bucket: Bucket, publish: Publish, machines: Machines, tmp_path: Path
) -> None:
    first = publish()
    router = Versions(tmp_path / "router")
    Follower(bucket, router, nowhere).follow()
    with ShardedCorpus.open(router.path(first), connect=machines):
        pass
    second = publish(*TEXTS, "One more of them came by night.")
    Follower(bucket, router, nowhere).follow()
    old, new = (
        {sums.sha256 for number in range(SHARDS) for sums in Manifest.read(shard_folder(folder, number)).files.values()}
        for folder in map(router.path, (first, second))
    )
    assert old & new, "a shard without the new article has the vectors that it had"
    bucket.delete([f"files/{sha256}" for sha256 in old & new])
    with ShardedCorpus.open(router.path(second), connect=machines) as shards:
        assert len(shards.articles()) == len(TEXTS) + 1


def test_the_switch_waits_for_the_shards_and_what_cannot_come_is_given_up_for_what_is_newer(
    bucket: Bucket, publish: Publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.replication.follower._SECONDS_BETWEEN_LOOKS", 0.0)
    first = publish()
    asked: list[str] = []
    ready: set[str] = {first}

    def come_up(folder: Path) -> None:
        asked.append(folder.name)
        if folder.name not in ready:
            raise SnapshotError("the others come")

    router = Versions(tmp_path / "router")
    follower = Follower(bucket, router, come_up)
    follower.follow()
    second = publish("Two.")
    for _ in range(2):
        with pytest.raises(SnapshotError, match="the others come"):
            follower.follow()
    assert router.current() == router.path(first)
    third = publish("Three.", delay=3600)
    ready.add(third)
    follower.follow()
    follower.follow()
    assert router.current() == router.path(first), "before its moment"
    assert asked == [first, second, second, third]
    [made, *_] = latest(bucket)
    (tmp_path / "bucket" / made.name).write_bytes(replace(made, switch_at=time.time()).json())
    Follower(bucket, router, come_up).follow()
    assert router.current() == router.path(third)


def test_which_version_is_current_is_what_the_bucket_says(bucket: Bucket, publish: Publish, sharded: Versions) -> None:
    first = publish()
    source = InBucket(bucket.url, Path("unused"), VARIABLE)
    assert source.is_current(sharded.path(first))
    second = publish("Two.", delay=3600)
    assert [source.is_current(sharded.path(name)) for name in (first, second)] == [True, False]
    assert source.identity(sharded.path(first)) == InBucket(f"{bucket.url}/", Path("x"), VARIABLE).identity(
        sharded.path(second)
    )


def test_what_the_builder_removed_goes_from_the_machines(
    bucket: Bucket, publish: Publish, sharded: Versions, machines: Machines, tmp_path: Path
) -> None:
    names = [publish("A secret of the harbour."), publish("Nothing of it."), publish("Nothing at all.")]
    router = Versions(tmp_path / "router")
    caches = [tmp_path / f"machine-{number}" for number in range(SHARDS)]
    for publication in latest(bucket, 3):
        Follower(bucket, router, nowhere).pull(publication)
        with ShardedCorpus.open(router.path(publication.version), connect=machines):
            pass

    def kept() -> set[int]:
        return {len([*cache.rglob(STORE)]) for cache in caches}

    assert kept() == {3}
    in_use = ShardedCorpus.open(router.path(names[0]), connect=machines)
    sharded.remove([names[0]])
    Publisher(bucket, sharded).publish()
    for cache in caches:
        for of_bucket in cache.iterdir():
            clear(bucket, of_bucket)
    assert kept() == {3}, "what answers stays until it ends"
    in_use.close()
    for cache in caches:
        for of_bucket in cache.iterdir():
            clear(bucket, of_bucket)
    assert kept() == {2}
    assert not any(b"secret" in path.read_bytes() for cache in caches for path in cache.rglob(STORE))


def test_of_many_versions_a_machine_keeps_the_last_two(
    bucket: Bucket, publish: Publish, machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("One.", "Two.", "Three."):
        publish(text, shards=1)
    router = Versions(tmp_path / "router")
    for publication in latest(bucket, 3):
        Follower(bucket, router, nowhere).pull(publication)
        with ShardedCorpus.open(router.path(publication.version), connect=machines):
            pass
    folder = InBucket(bucket.url, tmp_path / "machine-0", "UNSET").folder()
    versions = Versions(folder / "00000")
    assert len(versions.names()) == 3
    with versions.building():
        clear(bucket, folder)  # while something is pulled, the next time
    clear(bucket, folder)
    assert [name.partition("-")[0] for name in versions.names()] == ["000002", "000003"]


def test_an_index_that_was_published_whole_is_not_taken_for_shards(
    bucket: Bucket, whole: Versions, publish: Publish, tmp_path: Path
) -> None:
    publish()
    other = Bucket(str(tmp_path / "other"))
    made = Publisher(other, whole, delay=0).publish()
    assert made
    assert b"shards" not in made.json()
    with pytest.raises(BucketError, match="is in no shards, which could be on Ray") as raised:
        Follower(other, Versions(tmp_path / "router"), nowhere).follow()
    assert raised.value.code == "published_whole"


def test_shards_that_are_elsewhere_are_not_called_damaged(bucket: Bucket, publish: Publish, tmp_path: Path) -> None:
    name = publish()
    router = Versions(tmp_path / "router")
    Follower(bucket, router, nowhere).follow()
    with pytest.raises(SnapshotError, match="was pulled for shards on Ray") as raised:
        open_corpus(router)
    assert raised.value.code == "shards_elsewhere"
    (router.path(name) / WORDS).unlink()
    with pytest.raises(SnapshotError, match="index file missing"):
        open_corpus(router)


@pytest.mark.parametrize("spoiled", ["list", "words", "manifest"])
def test_a_version_that_does_not_fit_together_is_not_taken(
    bucket: Bucket, publish: Publish, tmp_path: Path, spoiled: str
) -> None:
    publish()
    [made] = latest(bucket)
    assert made.shards
    sums = made.shards["files"]
    if spoiled == "manifest":
        made.shards["manifests"][1]["version"] = "000001-00000000"
        (tmp_path / "bucket" / made.name).write_bytes(made.json())
    else:
        name = f"files/{sums['shards.json' if spoiled == 'list' else WORDS]['sha256']}"
        (tmp_path / "bucket" / name).write_bytes(b"{}")
    replica = Versions(tmp_path / "replica")
    with pytest.raises(BucketError):
        Follower(bucket, replica).follow()
    assert (replica.current(), replica.names(), replica.left_overs()) == (None, [], [])
    (tmp_path / "bucket" / made.name).write_bytes(replace(made, shards={"files": {}, "manifests": []}).json())
    with pytest.raises(BucketError, match="can't be read as a publication"):
        Follower(bucket, replica).follow()


def test_a_bucket_with_nothing_in_it_is_looked_at_again_and_that_is_said_once(
    publish: Publish, bucket: Bucket, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.replication.follower._SECONDS_BETWEEN_LOOKS", 0.0)
    follower = Follower(bucket, Versions(tmp_path / "router"), nowhere)
    follower.follow()
    follower.follow()
    assert [f"nothing was published into {bucket.url}" in message for message in caplog.messages] == [True]
    publish()
    follower.follow()
    assert Versions(tmp_path / "router").current()
