"""Splitting a version into shards."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from index.sharding.errors import SplitError
from index.sharding.layout import Layout, Part, shard_folder, write_frequencies
from index.sharding.shard import NUMBERS
from index.storage.snapshot import STORE, VECTORS, FileSum, Snapshot, content_digest
from index.storage.store import FileRecord, Rows, Store, StoredArticle
from index.storage.store_writer import StoreWriter
from index.storage.vectors import write_vectors
from index.storage.versions import Versions

MOST_SHARDS = 1000


def split(snapshot: Snapshot, versions: Versions, count: int) -> str:
    """Publish an open version as ``count`` shards in another folder, under its own name, which is returned.

    Articles that reprint one another are in one shard. The same version gives the same bytes.

    :raises SplitError: for another number of shards than 1 to :data:`MOST_SHARDS`, or when the folder has this version
        in another number of shards, or its words are spelled by language.
    :raises BusyError: when another process is changing the folder.
    """
    if not 1 <= count <= MOST_SHARDS:
        raise SplitError(f"a version can be split into 1 to {MOST_SHARDS} shards, not {count}")
    if snapshot.store.is_spelled:
        raise SplitError("an index of the multilingual models can't be split into shards: keep it whole")
    name = snapshot.version
    with versions.building() as work:
        if name in versions.names():
            there = len(Layout.read(versions.path(name)).parts)
            if there != count:
                raise SplitError(
                    f"{versions.folder} has version {name} in {there} shards: split it into {count} in another folder"
                )
            versions.point_to(name)
            return name
        folders = [shard_folder(work, number) for number in range(count)]
        for folder in folders:
            folder.mkdir(parents=True)
        rows = _write_texts(snapshot.store, folders)
        parts = [_finish(folder, snapshot, of_shard) for folder, of_shard in zip(folders, rows, strict=True)]
        checksum = _write_frequencies(work, folders)
        Layout(snapshot.manifest, tuple(parts), snapshot.example_questions, checksum).write(work)
        versions.publish(work, name)
    return name


@dataclass
class _Text:
    """The text side of a shard that is being written. Lists have an entry for each row of it."""

    writer: StoreWriter
    articles: list[int] = field(default_factory=list)
    """Rows in the whole version."""

    passages: list[int] = field(default_factory=list)
    """Rows in the whole version."""

    places: dict[str, list[int]] = field(default_factory=lambda: {table: [] for table in NUMBERS})


def _write_texts(store: Store, folders: list[Path]) -> list[Rows]:
    """Write the text side of every shard; of each the rows that its passages have in the whole version."""
    groups = dict(
        store.rows("SELECT each.row, first.id FROM articles each JOIN articles first ON first.row = each.witness")
    )
    witnesses = dict(store.rows("SELECT row, witness FROM articles"))
    copies = dict(store.rows("SELECT row, copy_of FROM articles WHERE copy_of IS NOT NULL"))
    rows: dict[int, int] = {}
    """The rows of articles in their shards by those in the whole version."""
    articles = passages = 0
    with ExitStack() as opened:
        texts = [_Text(opened.enter_context(StoreWriter(folder / STORE))) for folder in folders]
        for place, (record, found) in enumerate(_by_file(store)):
            shares = [texts[_hash(groups[article.row]) % len(texts)] for article in found]
            for text in _distinct(shares) or [texts[_hash(record.key if record else "") % len(texts)]]:
                if record:
                    text.writer.add_file(record)
                    text.places["files"].append(place)
            for article, text in zip(found, shares, strict=True):
                whole = store.article(article.id)
                assert whole
                own = store.article_passages(article.id)
                text.passages += store.passage_rows(article.row)
                rows[article.row] = len(text.articles)
                text.writer.add(whole, own, rows[copies[article.row]] if article.row in copies else None)
                text.articles.append(article.row)
                text.places["articles"].append(articles)
                text.places["passages"] += range(passages, passages + len(own))
                articles, passages = articles + 1, passages + len(own)
        for text in texts:
            text.writer.set_witnesses({own: rows[witnesses[row]] for own, row in enumerate(text.articles)})
            for table, places in text.places.items():
                text.writer.set_array(NUMBERS[table], np.array(places, np.int64).tobytes())
    return [np.array(text.passages, np.int64) for text in texts]


def _by_file(store: Store) -> Iterator[tuple[FileRecord | None, list[StoredArticle]]]:
    """The source files with their articles, in the order of sources; before them the articles of none."""
    by_row: dict[int | None, list[StoredArticle]] = {}
    for article in store.stored(store.rows_in_order()):
        by_row.setdefault(article.file, []).append(article)
    if None in by_row:
        yield None, by_row[None]
    rows = store.file_rows()
    for record in store.files():
        yield record, by_row.get(rows[record.key], [])


def _finish(folder: Path, whole: Snapshot, rows: Rows) -> Part:
    """Write the vectors of a shard and its manifest."""
    write_vectors(folder / VECTORS, whole.vectors.take(rows))
    store = Store(folder / STORE)
    counts = store.counts()
    store.close()
    files = {name: FileSum.of(folder / name) for name in (STORE, VECTORS)}
    version = f"{whole.version.partition('-')[0]}-{content_digest(files)[:8]}"
    replace(
        whole.manifest, version=version, articles=counts["articles"], passages=counts["passages"], files=files
    ).write(folder)
    return Part(version, counts["passages"])


def _write_frequencies(work: Path, folders: list[Path]) -> str:
    stores = [Store(folder / STORE) for folder in folders]
    try:
        total = sum(int(store.words.lengths.sum()) for store in stores)
        return write_frequencies(work, (store.words.frequencies() for store in stores), total)
    finally:
        for store in stores:
            store.close()


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


def _distinct(texts: list[_Text]) -> list[_Text]:
    return list({id(text): text for text in texts}.values())
