"""Where comparing every vector stops being quick enough: ``python -m benchmarks.vectors``.

Vectors are random directions of 384 dimensions around a thousand centres: enough to time a search, too easy to rank
approximate indexes by their recall on real text, so recall is shown only as a check. One thread.
"""

import argparse
import statistics
import time
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


def clustered(count: int, seed: int = 0) -> Matrix:
    """Unit vectors ``float32[count, 384]``."""
    source = np.random.default_rng(seed)
    centres = np.random.default_rng(1).normal(size=(1000, 384))
    points = centres[source.integers(0, 1000, count)] + 0.8 * source.normal(size=(count, 384))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


def search_times(index: Any, questions: Matrix, limit: int) -> tuple[list[float], list[set[int]]]:
    """Milliseconds of each search by itself, and the rows it found."""
    times, found = [], []
    for question in questions:
        begin = time.perf_counter()
        _, rows = index.search(question[np.newaxis], limit)
        times.append(1000 * (time.perf_counter() - begin))
        found.append(set(rows[0].tolist()))
    return times, found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 50_000, 100_000])
    parser.add_argument("--limit", type=int, default=100)
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    questions = clustered(50, seed=2)
    print("| vectors | exact, ms | HNSW, ms | exact / HNSW | HNSW built in, s | recall |\n|---|---|---|---|---|---|")
    for size in arguments.sizes:
        vectors = clustered(size)
        exact: Any = faiss.index_factory(384, "Flat", faiss.METRIC_INNER_PRODUCT)
        graph: Any = faiss.index_factory(384, "HNSW32,Flat", faiss.METRIC_INNER_PRODUCT)
        exact.add(vectors)
        graph.hnsw.efConstruction, graph.hnsw.efSearch = 200, 2 * arguments.limit
        begin = time.perf_counter()
        graph.add(vectors)
        built = time.perf_counter() - begin
        (exact_times, truth), (graph_times, found) = (
            search_times(index, questions, arguments.limit) for index in (exact, graph)
        )
        recall = statistics.fmean(len(a & b) / len(a) for a, b in zip(truth, found, strict=True))
        slow, fast = statistics.median(exact_times), statistics.median(graph_times)
        print(f"| {size:,} | {slow:.2f} | {fast:.2f} | {slow / fast:.1f} | {built:.1f} | {recall:.3f} |", flush=True)


if __name__ == "__main__":
    main()
