"""Indexes of many short articles with vectors that are made up, so that nothing but keeping them takes time.

Articles are those of :mod:`benchmarks.growth`, one passage each, in files of 500 lines. :func:`write_version` writes
an index of them straight, without reading, cutting and comparing them: a change of 400,000 articles can be measured
without the ten minutes of processor time that a build of them takes. Their fingerprints are drawn, too, so none is like
another, and lists are made from few vectors: how near they lie to each other is not what is measured.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.growth import recombined
from index.article import Article, Block, Passage
from index.building.builder import PASSAGE_TOKENS
from index.building.near_copies import FINGERPRINT
from index.building.recipe import recipe
from index.models.embedder import SHIPPED, Embedder
from index.models.onnx_model import FloatArray
from index.storage import vectors
from index.storage.snapshot import EMBEDDER_FIELDS, STORE, VECTORS, FileSum, Manifest, content_digest
from index.storage.store import FileRecord
from index.storage.store_writer import StoreWriter
from index.storage.vector_file import PIECE, VectorFile
from index.storage.versions import Versions

_A_FILE = 500
_TRAINED_ON = 4096


class MadeUp(Embedder):
    """Unit vectors drawn by the hash of a text."""

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        """See :meth:`Embedder.embed_passages`."""
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") for text in texts]
        drawn = [np.random.default_rng(seed).standard_normal(self.dimension) for seed in seeds]
        return _unit(np.array(drawn, np.float32).reshape(-1, self.dimension))


def write_articles(corpus: Path, count: int, folder: Path) -> None:
    """The articles, in files of lines."""
    folder.mkdir(parents=True)
    lines = (json.dumps(article) + "\n" for article in recombined(corpus, count))
    for number in range(0, count, _A_FILE):
        with (folder / f"{number:08d}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(islice(lines, min(_A_FILE, count - number)))


def write_version(news: Path, versions: Versions) -> None:
    """Make a version of the files of :func:`write_articles`, from which a build takes over what does not change."""
    source = np.random.default_rng(0)
    embedder = MadeUp(SHIPPED, threads=1)
    with versions.building() as work:
        articles = 0
        with StoreWriter(work / STORE, by_language=embedder.by_language) as writer:
            for file in sorted(news.iterdir()):
                data = file.read_bytes()
                writer.add_file(FileRecord(f"{news.name}/{file.name}", hashlib.sha256(data).hexdigest()))
                for article, passage in _read(data, file.name):
                    writer.add(article, [passage])
                    articles += 1
            writer.set_fingerprints(source.bytes(articles * FINGERPRINT.itemsize))
        with VectorFile(work / "drawn", articles, embedder.dimension, writing=True) as drawn:
            for start in range(0, articles, PIECE):
                rows = np.arange(start, min(start + PIECE, articles))
                drawn.put(rows, _unit(source.standard_normal((len(rows), embedder.dimension), np.float32)))
            vectors._MOST_TRAINED_ON = _TRAINED_ON
            vectors.write_vectors(work / VECTORS, drawn)
        (work / "drawn").unlink()
        files = {name: FileSum.of(work / name) for name in (STORE, VECTORS)}
        manifest = Manifest(
            version=versions.next_name(content_digest(files)),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            articles=articles,
            passages=articles,
            embedder={name: getattr(embedder, name) for name in EMBEDDER_FIELDS},
            settings={"passage_tokens": PASSAGE_TOKENS},
            recipe=recipe(),
            files=files,
        )
        versions.put(work, manifest)


def _read(data: bytes, name: str) -> Iterator[tuple[Article, Passage]]:
    for record in map(json.loads, data.decode().splitlines()):
        text = f"{record['title']}\n\n{record['text']}"
        start = len(record["title"]) + 2
        article = Article(
            id=record["id"],
            title=record["title"],
            text=text,
            blocks=(Block(start, len(text)),),
            media_type="application/jsonl",
            path=name,
        )
        yield article, Passage(f"{article.id}:{start}-{len(text)}", article.id, start, len(text))


def _unit(drawn: FloatArray) -> FloatArray:
    unit: FloatArray = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit
