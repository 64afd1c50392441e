"""A corpus of any size that is like a real one: real passages and questions to them, and articles grown around them.

The passages of a data set of :mod:`benchmarks.corpora` come first, so its questions have their answers at every size.
What follows is recombined: a paragraph has as many words as a real one, and is made of real sentences drawn from all
over a file of JSON Lines (``context``, packed by gzip); each article has a name in it that no other has, so that the
vocabulary grows as it does in real text. More articles begin with the same as fewer.

Vectors cost nothing: real passages have their own, and a grown one has a real one that was moved within its
neighbourhood (:mod:`benchmarks.neighbourhoods`), chosen by a hash of its text. So what is measured is the index, not
the embedder.
"""

import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import read_corpus
from benchmarks.neighbourhoods import NEIGHBOURS, STEP, Matrix, grow
from index.models.embedder import SHIPPED, Embedder
from index.models.onnx_model import FloatArray
from index.sentences import sentences
from index.storage.filters import Filters

PARAGRAPHS = (1, 2, 3, 4)
"""Of a grown article, each as likely."""

_IN_FILE = 10_000
_EMBEDDED = 500
"""Real paragraphs, besides those of the data set, whose neighbourhoods vectors are grown in."""

_DRAWN = 32_768
"""Moved vectors that are made; a text has one of them."""

_SYLLABLES = """
    ba co di fe gu ha jo ki lu me no pa qui ro se ta ul ve wi xa yo zu bren dorn fell gart holm kest
    """.split()  # noqa: SIM905


class Grown:
    """A corpus that can be made in any size.

    :param data_set: a folder in the BEIR layout: the real passages, and the questions.
    :param paragraphs: JSON Lines with ``context``, packed by gzip: where sentences come from.
    """

    filters: Mapping[str, Filters] = {
        "half": Filters(sources=("half",)),
        "1 %": Filters(tags=("tag 7",)),
        "three months": Filters(published_from=date(2023, 3, 1), published_to=date(2023, 5, 31)),
    }
    """By what of the articles passes them."""

    def __init__(self, data_set: Path, paragraphs: Path) -> None:
        self.name = data_set.name
        self.real = read_corpus(data_set)
        with gzip.open(paragraphs, "rt", encoding="utf-8") as file:
            records = list(map(json.loads, file))
        titles = {record["context"]: record["title"].replace("_", " ") for record in records}
        self.contexts = list(titles)
        self._titles = sorted(set(titles.values()))
        self._lengths = [len(context.split()) for context in self.contexts]
        self._sentences = [text[start:end].strip() for text in self.contexts for start, end in sentences(text)]

    def records(self, articles: int, seed: int = 0) -> Iterator[dict[str, Any]]:
        """``articles`` as a file of JSON Lines has them; the real ones come first."""
        for number, article in zip(range(articles), self.real.articles, strict=False):
            yield {"id": article.id, "title": article.title, "text": article.text, **_described(number)}
        source = random.Random(seed)
        for number in range(len(self.real.articles), articles):
            named = "".join(source.choices(_SYLLABLES, k=4)).capitalize()
            text = "\n\n".join(self._paragraph(source) for _ in range(source.choice(PARAGRAPHS)))
            title = f"{source.choice(self._titles)} and {named}"
            yield {"id": f"g{number:07d}", "title": title, "text": f"{text} So it is in {named}.", **_described(number)}

    def write(self, folder: Path, articles: int) -> None:
        """Write the articles as files of JSON Lines, unless they are there."""
        if folder.is_dir():
            return
        folder.mkdir(parents=True)
        waiting = self.records(articles)
        for number in range(0, articles, _IN_FILE):
            with (folder / f"{number:07d}.jsonl").open("w", encoding="utf-8") as file:
                for record, _ in zip(waiting, range(min(_IN_FILE, articles - number)), strict=False):
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def questions(self, count: int) -> list[str]:
        """Real questions, from all over the data set."""
        asked = list(self.real.questions.values())
        return asked[:: max(1, len(asked) // count)][:count]

    different_questions = questions

    def embedder(self, cache: Path) -> Embedder:
        """Real vectors, which are kept in ``cache``, and moved ones."""
        return GrownEmbedder(self, cache)

    def _paragraph(self, source: random.Random) -> str:
        wanted = source.choice(self._lengths)
        drawn: list[str] = []
        while sum(len(sentence.split()) for sentence in drawn) < wanted:
            drawn.append(source.choice(self._sentences))
        return " ".join(drawn)


class GrownEmbedder(Embedder):
    """The shipped embedder of questions, with vectors of passages that cost nothing."""

    def __init__(self, corpus: Grown, cache: Path, threads: int = 1) -> None:
        """``cache`` is a folder in which the real vectors are kept."""
        super().__init__(SHIPPED, threads=threads)
        real = [f"{article.title}\n{article.text}" for article in corpus.real.articles]
        others = corpus.contexts[:: max(1, len(corpus.contexts) // _EMBEDDED)]
        kept = cache / "grown-vectors.npy"
        if not kept.exists():
            cache.mkdir(parents=True, exist_ok=True)
            np.save(kept, super().embed_passages([*real, *others]))
        vectors: Matrix = np.load(kept)
        self._real = {article.text[:_KNOWN_BY]: row for row, article in enumerate(corpus.real.articles)}
        self._vectors = vectors
        self._moved = grow(vectors, _DRAWN)

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        """See :meth:`Embedder.embed_passages`. No two texts have the same vector, unless it is real."""
        found = np.empty((len(texts), self.dimension), np.float32)
        for at, text in enumerate(texts):
            row = self._real.get(text.partition("\n")[2][:_KNOWN_BY])
            found[at] = self._vectors[row] if row is not None else self._drawn(text)
        return found

    def _drawn(self, text: str) -> FloatArray:
        """Between two moved vectors of one neighbourhood lie too few: a little of a second one is added."""
        digest = hashlib.sha256(text.encode()).digest()
        one, other = (int.from_bytes(digest[at : at + 4], "little") % _DRAWN for at in (0, 4))
        share = STEP / NEIGHBOURS * (0.5 + digest[8] / 256)
        vector: FloatArray = self._moved[one] + np.float32(share) * self._moved[other]
        return vector / np.float32(np.linalg.norm(vector))


_KNOWN_BY = 60
"""Characters that a real passage is known by."""


def _described(number: int) -> dict[str, Any]:
    """What filters ask of an article: a half, a hundredth, and a day within three years."""
    return {
        "source": "half" if number % 2 else f"source {number % 100}",
        "tags": [f"tag {number % 100}"],
        "published": (date(2023, 1, 1) + timedelta(days=number * 7 % 1000)).isoformat(),
    }
