"""Which fusion of dense and BM25 search, and with what weight: ``python -m benchmarks.retrieval FOLDER…``.

Each folder is a data set (see :mod:`benchmarks.corpora`); ``--written`` adds the written news and documents.
Every fusion is tried on one half of the questions, chosen by a hash of their ids; the table shows the other half. A
document is as good as its best passage.
"""

import argparse
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.corpora import Corpus, index_corpus, read_corpus, written_corpus
from index.building.builder import PASSAGE_TOKENS
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.storage.snapshot import Snapshot
from index.storage.words import best_of
from rag.evaluating.metrics import recall, reciprocal_rank

Scores = npt.NDArray[np.float64]
POOL = 100


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that either search found for a question, and the question's relevant documents.

    For each passage both scores, whether either search found it itself, and its document.
    """

    dense: Scores
    bm25: Scores
    in_dense: npt.NDArray[np.bool_]
    in_bm25: npt.NDArray[np.bool_]
    documents: list[str]
    relevant: frozenset[str]


Fusion = Callable[[Candidates], Scores]


def _spread(scores: Scores) -> Scores:
    return np.asarray((scores - scores.min()) / (float(np.ptp(scores)) or 1.0))


def _by_best(weight: float) -> Fusion:
    return lambda c: weight * c.dense + (1 - weight) * c.bm25 / (c.bm25.max() or 1.0)


def _min_max(weight: float) -> Fusion:
    return lambda c: weight * _spread(c.dense) + (1 - weight) * _spread(c.bm25)


def _min_max_own(weight: float) -> Fusion:
    def fuse(c: Candidates) -> Scores:
        dense = np.where(c.in_dense, _spread(np.where(c.in_dense, c.dense, c.dense[c.in_dense].min())), 0)
        return weight * dense + (1 - weight) * np.where(c.in_bm25, _spread(c.bm25), 0)

    return fuse


def _z_score(weight: float) -> Fusion:
    def z(scores: Scores) -> Scores:
        return np.asarray((scores - scores.mean()) / (float(scores.std()) or 1.0))

    return lambda c: weight * z(c.dense) + (1 - weight) * z(c.bm25)


def _reciprocal_rank(k: float) -> Fusion:
    def one(scores: Scores, own: npt.NDArray[np.bool_]) -> Scores:
        ranks = np.argsort(np.argsort(-np.where(own, scores, -np.inf), kind="stable"), kind="stable")
        return np.where(own, 1 / (k + ranks + 1), 0.0)

    return lambda c: one(c.dense, c.in_dense) + one(c.bm25, c.in_bm25)


_WEIGHTS = (0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8)
FAMILIES: dict[str, tuple[Callable[[float], Fusion], tuple[float, ...]]] = {
    "dense alone": (_by_best, (1.0,)),
    "BM25 alone": (_by_best, (0.0,)),
    "cosine + BM25 / best": (_by_best, _WEIGHTS),
    "min-max": (_min_max, _WEIGHTS),
    "min-max, own hits only": (_min_max_own, _WEIGHTS),
    "z-score": (_z_score, _WEIGHTS),
    "reciprocal rank": (_reciprocal_rank, (10.0, 60.0)),
}


def candidates(snapshot: Snapshot, embedder: Embedder, corpus: Corpus) -> Iterator[tuple[str, Candidates]]:
    """The candidates of every question of a data set."""
    store, vectors = snapshot.store, snapshot.vectors
    for key, question in corpus.questions.items():
        vector = embedder.embed_question(question)
        dense = dict(vectors.search(vector, POOL))
        scores = store.scores(question)
        bm25 = dict(best_of(scores, POOL))
        rows = sorted(dense | bm25)
        yield (
            key,
            Candidates(
                np.array([dense.get(row, float(vectors.row(row) @ vector)) for row in rows]),
                scores[rows],
                np.array([row in dense for row in rows]),
                np.array([row in bm25 for row in rows]),
                [article.id for _, article in store.passages(rows)],
                corpus.relevant[key],
            ),
        )


def figures(found: list[Candidates], fusion: Fusion) -> tuple[float, ...]:
    """Recall@1, @5, @20 and MRR@10 of the documents, means over the questions."""
    rows = []
    for item in found:
        order = np.argsort(-fusion(item), kind="stable")
        documents = list(dict.fromkeys(item.documents[i] for i in order))
        hits = [document in item.relevant for document in documents]
        rows.append([*(recall(hits, len(item.relevant), limit) for limit in (1, 5, 20)), reciprocal_rank(hits)])
    return tuple(float(value) for value in np.mean(rows, axis=0))


def _is_for_tuning(key: str) -> bool:
    return hashlib.sha256(key.encode()).digest()[0] % 2 == 0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--written", type=Path, help="folder of the written news and documents")
    parser.add_argument("--embedder", default=DEFAULT_EMBEDDER, help="another model: its name or folder")
    parser.add_argument("--precision", default="int8", choices=["int8", "float32"])
    parser.add_argument("--threads", type=int)
    parser.add_argument("--passage-tokens", type=int, default=PASSAGE_TOKENS)
    arguments = parser.parse_args()
    embedder = Embedder.load(arguments.embedder, Path("var/models"), arguments.precision, arguments.threads)
    tuning, judging = {}, {}
    corpora = [read_corpus(folder) for folder in arguments.folders]
    if arguments.written:
        corpora.append(written_corpus(arguments.written))
    for corpus in corpora:
        found = list(candidates(index_corpus(corpus, embedder, arguments.passage_tokens), embedder, corpus))
        tuning[corpus.name] = [item for key, item in found if _is_for_tuning(key)]
        judging[corpus.name] = [item for key, item in found if not _is_for_tuning(key)]
    best = {}
    for family, (make, weights) in FAMILIES.items():
        scores = {w: float(np.mean([figures(items, make(w))[3] for items in tuning.values()])) for w in weights}
        best[family] = max(scores, key=lambda w: scores[w])
        tried = "  ".join(f"{weight:g}: {score:.4f}" for weight, score in scores.items())
        print(f"tuning half, mean MRR@10, {family}: {tried}")
    for name, items in judging.items():
        print(f"\n{name}, {len(items)} questions of the other half\n")
        print("| fusion | weight | recall@1 | recall@5 | recall@20 | MRR@10 |\n|---|---|---|---|---|---|")
        for family, weight in best.items():
            shown = " | ".join(f"{value:.3f}" for value in figures(items, FAMILIES[family][0](weight)))
            print(f"| {family} | {weight:g} | {shown} |")


if __name__ == "__main__":
    main()
