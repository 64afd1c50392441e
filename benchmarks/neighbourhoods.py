"""Vectors to measure searches with: real ones, and more of them: ``python -m benchmarks.neighbourhoods CORPUS SQUAD``.

Both are files of JSON Lines, packed by gzip: articles (``title``, ``text``), and questions with the ``context`` that
answers them. Passages of both are embedded as the service does, and a sample of the questions. Questions are asked as
they are: they lie apart from all passages, which is harder for a graph than searching for passages like stored ones.

What is more than the real vectors is grown from them (:func:`grow`): a new vector is a real one, moved by a random
combination of the ways to its real neighbours. So it stays on the surface that text of this kind lies on; noise in all
384 directions would not. ``--check`` compares what is grown from one half of the real vectors with the other half.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from benchmarks import report
from index.article import Article, Block, canonical
from index.building.chunker import chunk
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.passage_text import embedded_text

Matrix = npt.NDArray[np.float32]

FOLDER = Path("var/benchmarks/vectors")
QUESTIONS = 1000
NEIGHBOURS = 16
STEP = 1.1
"""Length of the move, in units that make it as long as the way to a neighbour; ``--check`` was used to choose it."""

_BLOCK = 20_000


def load(folder: Path, count: int) -> tuple[Matrix, Matrix, int]:
    """``count`` vectors, the questions' vectors, and how many of the former are real; they come first."""
    real: Matrix = np.load(folder / "passages.npy")
    questions: Matrix = np.load(folder / "questions.npy")
    real = real[np.random.default_rng(0).permutation(len(real))]
    if count <= len(real):
        return real[:count], questions, count
    kept = folder / f"grown-{count}.npy"
    if not kept.exists():
        np.save(kept, np.concatenate([real, grow(real, count - len(real))]))
    return np.load(kept), questions, len(real)


def grow(real: Matrix, count: int, step: float = STEP, seed: int = 1) -> Matrix:
    """``count`` new unit vectors ``float32[count, d]`` in the neighbourhoods of real ones.

    With ``n_1 … n_k`` the nearest real vectors of a real ``x``, picked at random, and normal ``g_j``:
    ``x + step · Σ g_j (n_j - x) / √k``, brought to length 1.
    """
    source = np.random.default_rng(seed)
    _, near = _nearest(real, real, NEIGHBOURS + 1)
    grown = np.empty((count, real.shape[1]), np.float32)
    for first in range(0, count, _BLOCK):
        size = min(_BLOCK, count - first)
        rows = source.integers(0, len(real), size)
        weights = (source.normal(size=(size, NEIGHBOURS)) * step / NEIGHBOURS**0.5).astype(np.float32)
        moved = real[rows] * (1 - weights.sum(axis=1, keepdims=True))
        for j in range(NEIGHBOURS):
            moved += weights[:, j : j + 1] * real[near[rows, j + 1]]
        grown[first : first + size] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return grown


def likeness(vectors: Matrix, questions: Matrix) -> dict[str, float]:
    """What tells whether searching ``vectors`` is like searching real ones.

    The cosine of a vector to its nearest, the intrinsic dimension by the maximum-likelihood estimate of Levina and
    Bickel (2004) over 20 neighbours, the cosine of a question to its first and hundredth, and the recall@10 of a
    question in two approximate indexes, with little effort so that there is something to miss.
    """
    cosines, _ = _nearest(vectors, vectors[:4000], 21)
    away = np.sqrt(np.maximum(2 - 2 * cosines[:, 1:], 1e-6))
    dimension = 1 / np.mean(np.log(away[:, -1:] / away[:, :-1]).sum(axis=1) / (away.shape[1] - 2))
    asked, truth = _nearest(vectors, questions, 100)
    found: dict[str, float] = {
        f"cosine to the nearest, {name}": float(np.quantile(cosines[:, 1], share))
        for name, share in (("first decile", 0.1), ("median", 0.5), ("last decile", 0.9))
    }
    found["intrinsic dimension"] = float(dimension)
    found["cosine of a question to its first"] = float(np.median(asked[:, 0]))
    found["cosine of a question to its hundredth"] = float(np.median(asked[:, -1]))
    for kind, name, value in (("IVF256,Flat", "nprobe", 4), ("HNSW16,Flat", "efSearch", 16)):
        index: Any = faiss.index_factory(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
        index.add(vectors)
        faiss.ParameterSpace().set_index_parameter(index, name, value)
        _, rows = index.search(questions, 10)
        hits = [len(set(a) & set(b[:10])) / 10 for a, b in zip(rows.tolist(), truth.tolist(), strict=True)]
        found[f"recall@10, {kind}, {name} {value}"] = float(np.mean(hits))
    return found


def _nearest(vectors: Matrix, asked: Matrix, count: int) -> tuple[Matrix, npt.NDArray[np.int64]]:
    index: Any = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    cosines, rows = index.search(asked, count)
    return cosines, rows


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _texts(corpus: Path, squad: list[dict[str, Any]], embedder: Embedder) -> Iterator[str]:
    yield from dict.fromkeys(record["context"] for record in squad)
    for record in _records(corpus):
        text = canonical(record["text"]).strip()
        if text:
            article = Article(record["id"], record["title"], text, (Block(0, len(text)),))
            for passage in chunk(article, embedder.count_tokens, 180):
                yield embedded_text(article, passage)


def embed(corpus: Path, squad: Path, folder: Path) -> None:
    """Write ``passages.npy`` and ``questions.npy`` into ``folder``."""
    embedder = Embedder.load(DEFAULT_EMBEDDER, Path("var/models"))
    records = list(_records(squad))
    picked = np.random.default_rng(0).choice(len(records), QUESTIONS, replace=False)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "questions.npy", np.stack([embedder.embed_question(records[i]["question"]) for i in picked]))
    texts = list(_texts(corpus, records, embedder))
    parts = []
    for part in embedder.stream_passages(texts):
        parts.append(part)
        print(f"{sum(map(len, parts)):,} of {len(texts):,} passages", file=sys.stderr, flush=True)
    np.save(folder / "passages.npy", np.concatenate(parts))


def main() -> None:
    """Embed, or compare what is grown with what is real."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("squad", type=Path, nargs="?")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--steps", type=float, nargs="+", default=[STEP])
    report.add_options(parser)
    arguments = parser.parse_args()
    if arguments.corpus and arguments.squad:
        embed(arguments.corpus, arguments.squad, arguments.folder)
    if arguments.check:
        real = np.load(arguments.folder / "passages.npy")
        questions = np.load(arguments.folder / "questions.npy")
        real = real[np.random.default_rng(0).permutation(len(real))]
        half = len(real) // 2
        sets = {"real": real[half : 2 * half]}
        sets |= {f"grown, step {step:g}": grow(real[:half], half, step) for step in arguments.steps}
        found = {name: likeness(vectors, questions) for name, vectors in sets.items()}
        rows = [[figure, *(found[name][figure] for name in found)] for figure in found["real"]]
        shown = report.table([f"of {half:,} vectors", *found], rows)
        print(shown)
        if arguments.json:
            report.write_json(arguments.json, "neighbourhoods", found)
        if arguments.write:
            report.write_section("benchmarks.neighbourhoods", shown)


if __name__ == "__main__":
    main()
