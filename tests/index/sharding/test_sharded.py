"""A version in shards gives what the whole version gives, to the last digit."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article, Block
from index.building.builder import build, index_articles
from index.models.embedder import Embedder
from index.sharding import layout
from index.sharding.errors import SplitError
from index.sharding.shard import Shard
from index.sharding.sharded import ShardedCorpus
from index.sharding.split import split
from index.storage.catalogue import Order
from index.storage.corpus import Corpus
from index.storage.filters import EVERYTHING, Filters
from index.storage.snapshot import Snapshot, SnapshotError
from index.storage.versions import Versions
from tests.support.paths import SEED_ARTICLE

WORDS = ["harbour", "flood", "Åsa", "mayor", "river", "snake_case", "bakers", "baker", "1987", "the", "of", "who"]
NAMES = st.sampled_from(["", "Coast News", "coast news", "Hill Post", "Ärzteblatt", "ärzteblatt", "zz"])
TITLES = st.sampled_from(["Flood", "flood", "Ärger", "ärger", "Zoo", "a b", ""])


@st.composite
def articles(draw: st.DrawFn) -> list[Article]:
    """Articles that share words, texts, names and days."""
    made: list[Article] = []
    for at in range(draw(st.integers(1, 12))):
        texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(lambda words: " ".join(words) + ".")
        text = made[0].text if made and draw(st.booleans()) else draw(texts)
        day = draw(st.none() | st.integers(0, 3).map(lambda days: date(2024, 1, 1) + timedelta(days)))
        authors = tuple(filter(None, draw(st.lists(NAMES, max_size=2, unique=True))))
        made.append(
            Article(
                f"{draw(st.sampled_from('aAz'))}{at}",
                draw(TITLES) or f"Untitled {at}",
                text,
                (Block(0, len(text)),),
                source=draw(NAMES) or None,
                authors=authors,
                published=day,
                tags=tuple(name.upper() for name in authors),
            )
        )
    return made


def candidates(corpus: Corpus, embedder: Embedder, question: str, filters: Filters, pool: int) -> list[object]:
    found = corpus.candidates(question, embedder.embed_question(question), filters, pool)
    assert (found.searched, found.of) == (corpus.manifest.passages, corpus.manifest.passages)
    shown = corpus.passages([*found.dense], filters)
    return [
        (passage, owner, cosine, found.lexical.get(row))
        for (row, cosine), (passage, owner) in zip(found.dense.items(), shown, strict=True)
    ]


def same_groups(first: dict[str, int], second: dict[str, int]) -> bool:
    """Whether both put the same articles together."""
    pairs = {(first[name], second[name]) for name in first}
    return first.keys() == second.keys() and len(pairs) == len({*first.values()}) == len({*second.values()})


@settings(max_examples=40)  # each builds an index, and divides it
@given(articles(), st.integers(1, 5), st.integers(1, 12), st.lists(st.sampled_from(WORDS), max_size=4), NAMES)
def test_shards_give_what_the_whole_gives(
    tmp_path_factory: pytest.TempPathFactory,
    embedder: Embedder,
    made: list[Article],
    count: int,
    pool: int,
    words: list[str],
    name: str,
) -> None:
    folder = tmp_path_factory.mktemp("split")
    index_articles(made, Versions(folder / "whole"), embedder)
    ids = [article.id for article in made]
    with Versions(folder / "whole").open() as whole:
        versions = Versions(folder / "shards")
        with ShardedCorpus.open(versions.path(split(whole, versions, count))) as shards:
            for filters in (EVERYTHING, Filters(sources=(name,)), Filters(published_from=date(2024, 1, 2))):
                question = " ".join(words)
                assert candidates(shards, embedder, question, filters, pool) == candidates(
                    whole, embedder, question, filters, pool
                )
                assert shards.articles(filters, limit=100) == whole.articles(filters, limit=100)
                assert shards.counts(filters) == whole.counts(filters)
                assert shards.facets(filters) == whole.facets(filters)
                for order in get_args(Order):
                    asked = (filters, "".join(words[:1]), order, pool - 1, 3)
                    assert shards.listing(*asked) == whole.listing(*asked)
                for each in ids:
                    assert shards.article(each, filters) == whole.article(each, filters)
                    assert shards.copies(each, filters) == whole.copies(each, filters)
                    assert shards.neighbours(each, filters) == whole.neighbours(each, filters)
            assert same_groups(shards.witnesses(ids), whole.witnesses(ids))
            assert {part.version for part in layout.Layout.read(versions.path(whole.version)).parts} != {whole.version}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Snapshot]:
    """Articles from several files, some of which can't be read."""
    folder = tmp_path_factory.mktemp("files")
    for at in range(9):
        lines = [
            {"id": f"n{at}-{no}", "title": f"Note {no}", "text": f"The ferry {at} left at {no}."} for no in range(3)
        ]
        (folder / f"{at}.jsonl").write_text("\n".join(map(json.dumps, lines)) + ("\n{broken" if at % 2 else ""))
    (folder / "twin.jsonl").write_bytes((folder / "0.jsonl").read_bytes())
    versions = Versions(folder / "index")
    build([str(folder / "*.jsonl"), SEED_ARTICLE], versions, embedder)
    with closing(versions.open()) as opened:
        yield opened


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "shards")


def test_files_keep_their_articles_and_failures(whole: Snapshot, versions: Versions) -> None:
    with ShardedCorpus.open(versions.path(split(whole, versions, 3))) as shards:
        assert len(shards.failed_files(10)) == 4
        assert shards.failed_files(10) == whole.failed_files(10)
        assert shards.failed_files(2) == whole.failed_files(2)
        for file in whole.store.files():
            if file.sha256:
                assert shards.articles_of_bytes(file.sha256) == whole.articles_of_bytes(file.sha256)
        for article in whole.articles(limit=100):
            assert shards.file_of(article.id) == whole.file_of(article.id)


def test_every_shard_is_a_sound_snapshot_and_has_a_share(whole: Snapshot, versions: Versions) -> None:
    folder = versions.path(split(whole, versions, 4))
    parts = layout.Layout.read(folder).parts
    for number, part in enumerate(parts):
        with Snapshot.open(layout.shard_folder(folder, number)) as opened:
            assert (opened.version, opened.manifest.passages) == (part.version, part.passages)
            assert opened.store.damage() == []
    assert sum(part.passages for part in parts) == whole.manifest.passages
    assert all(part.passages for part in parts)


def test_the_same_version_gives_the_same_shards(whole: Snapshot, versions: Versions, tmp_path: Path) -> None:
    other = Versions(tmp_path / "again")
    name = split(whole, versions, 3)
    assert split(whole, versions, 3) == split(whole, other, 3) == name
    assert versions.current() == versions.path(name)
    first, second = (
        {path.relative_to(each.folder): path.read_bytes() for path in each.path(name).rglob("*") if path.is_file()}
        for each in (versions, other)
    )
    assert first == second


def test_a_version_is_split_in_one_way_in_a_folder(whole: Snapshot, versions: Versions) -> None:
    split(whole, versions, 2)
    with pytest.raises(SplitError, match="in 2 shards: split it into 3 in another folder"):
        split(whole, versions, 3)
    with pytest.raises(SplitError, match="1 to 1000 shards, not 0"):
        split(whole, versions, 0)


@pytest.mark.parametrize("name", ["words.sqlite", "shards.json", "shards/00001/text.sqlite"])
def test_what_is_cut_or_missing_is_found_when_it_is_opened(whole: Snapshot, versions: Versions, name: str) -> None:
    folder = versions.path(split(whole, versions, 2))
    (folder / name).write_bytes((folder / name).read_bytes()[:-10])
    with pytest.raises(SnapshotError):
        ShardedCorpus.open(folder)
    (folder / name).unlink()
    with pytest.raises(SnapshotError):
        ShardedCorpus.open(folder)


def test_a_snapshot_is_no_shard(whole: Snapshot) -> None:
    with pytest.raises(SnapshotError, match="is no shard: make shards with 'pullquote split'"):
        Shard(whole)
