"""Large indexes in little time: articles with vectors that are made up, and versions that no build made.

So that articles of any number are alike, they are recombined: sentences of Reuters, drawn at random until there are
fifty words, under the title of one of its articles. None is a near copy of another, each is one passage, and they lie
in files of 500 lines.

:func:`write_version` writes a version straight, without reading, cutting and comparing articles: a change of 400,000,
or a question to a million passages, can be measured without the ten minutes of processor time and more that a build of
them takes. Fingerprints are drawn, so no article is like another, and lists are made from few vectors: how well these
are found is not measured.
"""

import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from index.article import Article, Block, Passage
from index.building.builder import PASSAGE_TOKENS
from index.building.near_copies import FINGERPRINT
from index.building.recipe import recipe
from index.models.embedder import SHIPPED, Embedder
from index.models.onnx_model import FloatArray
from index.passage_text import embedded_text
from index.storage import vectors
from index.storage.filters import Filters
from index.storage.snapshot import EMBEDDER_FIELDS, STORE, VECTORS, FileSum, Manifest, content_digest
from index.storage.store import FileRecord
from index.storage.store_writer import StoreWriter
from index.storage.vector_file import VectorFile
from index.storage.versions import Versions

LEAST_WORDS = 50

QUESTIONS = (
    "What is known about the price of wheat?",
    "Who bought shares of the company?",
    "How much did the bank lose in the first quarter?",
)

_A_FILE = 500
_TRAINED_ON = 4096


class MadeUp(Embedder):
    """Unit vectors drawn by the hash of a text."""

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        """See :meth:`Embedder.embed_passages`."""
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") for text in texts]
        drawn = [np.random.default_rng(seed).standard_normal(self.dimension) for seed in seeds]
        made = np.array(drawn, np.float32).reshape(-1, self.dimension)
        unit: FloatArray = made / np.linalg.norm(made, axis=1, keepdims=True)
        return unit


class Recombined:
    """The articles as a corpus of any size.

    :param corpus: JSON Lines with ``title`` and ``text``, packed by gzip.
    """

    filters: Mapping[str, Filters] = {}
    """They have nothing to be filtered by."""

    def __init__(self, corpus: Path) -> None:
        self._corpus = corpus
        self.name = corpus.name.partition(".")[0]

    def write(self, folder: Path, articles: int) -> None:
        """Write them, unless they are there."""
        if not folder.is_dir():
            write_articles(self._corpus, articles, folder)

    def questions(self, count: int) -> list[str]:
        """The same three in turns."""
        return list(islice(cycle(QUESTIONS), count))

    def different_questions(self, count: int) -> list[str]:
        """Questions in words of the articles, common ones and rare ones."""
        return [f"What is known about {each['title'].lower()}?" for each in recombined(self._corpus, count)]

    def embedder(self, cache: Path) -> Embedder:  # noqa: ARG002  (other corpora keep vectors there)
        """Vectors that are made up."""
        return MadeUp(SHIPPED, threads=1)


def recombined(corpus: Path, count: int, seed: int = 0) -> Iterator[dict[str, str]]:
    """``count`` articles of sentences drawn from all over the corpus; more begin with the same as fewer."""
    with gzip.open(corpus, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    sentences = [
        line
        for record in records
        for line in record["text"].replace(". ", ".\n").split("\n")
        if 6 <= len(line.split()) <= 40
    ]
    source = random.Random(seed)
    for number in range(count):
        drawn: list[str] = []
        while sum(len(sentence.split()) for sentence in drawn) < LEAST_WORDS:
            drawn.append(source.choice(sentences))
        yield {"id": f"a{number:06d}", "title": source.choice(records)["title"], "text": " ".join(drawn)}


def write_articles(corpus: Path, count: int, folder: Path) -> None:
    """The articles, in files of lines."""
    folder.mkdir(parents=True)
    lines = (json.dumps(article) + "\n" for article in recombined(corpus, count))
    for number in range(0, count, _A_FILE):
        with (folder / f"{number:08d}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(islice(lines, min(_A_FILE, count - number)))


def write_version(sources: Path, versions: Versions, embedder: Embedder) -> None:
    """Make a version of files of JSON Lines, from which a build takes over what does not change: each paragraph of an
    article is a passage.
    """
    with versions.building() as work:
        articles = passages = 0
        drawn = work / "drawn"
        with StoreWriter(work / STORE, by_language=embedder.by_language) as writer, drawn.open("wb") as made:
            for file in sorted(sources.iterdir()):
                data = file.read_bytes()
                writer.add_file(FileRecord(f"{sources.name}/{file.name}", hashlib.sha256(data).hexdigest()))
                for article, cut in _read(data, file.name):
                    writer.add(article, cut)
                    made.write(embedder.embed_passages([embedded_text(article, passage) for passage in cut]).data)
                    articles, passages = articles + 1, passages + len(cut)
            writer.set_fingerprints(np.random.default_rng(0).bytes(articles * FINGERPRINT.itemsize))
        vectors._MOST_TRAINED_ON = max(_TRAINED_ON, vectors._lists(passages))
        with VectorFile(drawn, passages, embedder.dimension) as file_of_all:
            vectors.write_vectors(work / VECTORS, file_of_all)
        drawn.unlink()
        files = {name: FileSum.of(work / name) for name in (STORE, VECTORS)}
        manifest = Manifest(
            version=versions.next_name(content_digest(files)),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            articles=articles,
            passages=passages,
            embedder={name: getattr(embedder, name) for name in EMBEDDER_FIELDS},
            settings={"passage_tokens": PASSAGE_TOKENS},
            recipe=recipe(),
            files=files,
        )
        versions.put(work, manifest)


def _read(data: bytes, name: str) -> Iterator[tuple[Article, list[Passage]]]:
    for record in map(json.loads, data.decode().splitlines()):
        text, blocks = record["title"], []
        for paragraph in record["text"].split("\n\n"):
            start = len(text) + 2
            text += f"\n\n{paragraph}"
            blocks.append(Block(start, len(text)))
        published = record.get("published")
        article = Article(
            id=record["id"],
            title=record["title"],
            text=text,
            blocks=tuple(blocks),
            source=record.get("source"),
            tags=tuple(record.get("tags", ())),
            published=date.fromisoformat(published) if published else None,
            media_type="application/jsonl",
            path=name,
        )
        yield (
            article,
            [Passage(f"{article.id}:{at.start}-{at.end}", article.id, at.start, at.end) for at in blocks],
        )
