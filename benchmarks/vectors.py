"""Kinds of FAISS index at 10,000 to 1,000,000 vectors: ``python -m benchmarks.vectors --build``, then without it.

The vectors are those of :mod:`benchmarks.neighbourhoods`. Building, which takes long, and searching, which
wants an idle machine, are two steps; each result is kept in ``results.jsonl`` and not measured again, so that both can
be done in parts. Searches are single questions on one thread; recall is that of exact search over the same
rows. The service takes a hundred neighbours, so that is what is searched for; the first ten of them give recall@10.

``+ exact`` means that the float32 vectors of what the index finds are compared anew (``RFlat`` of FAISS); ``× n`` that
n times as many are taken for that. Filters keep rows at random, or those nearest to some vector: a topic.
"""

import argparse
import gc
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from benchmarks import plots, report
from benchmarks.neighbourhoods import FOLDER, Matrix, load
from benchmarks.turns import percentile
from index.models.onnx_model import available_threads

Rows = npt.NDArray[np.int64]
Record = dict[str, Any]

SIZES = (10_000, 100_000, 1_000_000)
DEPTH = 100
ASKED = 200
TRAINED_ON = 64
"""Vectors a list that k-means looks at."""

_EXACT_ASKED = 30
_NPROBES = (16, 32, 64, 128, 256, 512, 1024)
_EF = (100, 200, 400, 800)


@dataclass(frozen=True, slots=True)
class Variant:
    """A kind of index: its FAISS factory, and how many times as many are taken to be compared exactly."""

    name: str
    factory: str
    times: int = 1

    @property
    def parameter(self) -> tuple[str, tuple[int, ...]]:
        """What trades recall for time, and its values."""
        if "IVF" in self.factory:
            return "nprobe", _NPROBES
        return ("efSearch", _EF) if "HNSW" in self.factory else ("none", (0,))


VARIANTS = (
    Variant("exact", "Flat"),
    Variant("IVF, float32", "IVF{lists},Flat"),
    Variant("IVF, 8 bits + exact", "IVF{lists},SQ8,RFlat"),
    Variant("IVF, 4 bits + exact × 2", "IVF{lists},SQ4,RFlat", 2),
    Variant("IVF, PQ 4 bits, fast scan + exact × 4", "IVF{lists},PQ96x4fs,RFlat", 4),
    Variant("IVF, PQ 4 bits, fast scan + exact × 10", "IVF{lists},PQ96x4fs,RFlat", 10),
    Variant("IVF, RaBitQ 1 bit, fast scan + exact × 4", "IVF{lists},RaBitQfs,RFlat", 4),
    Variant("IVF, RaBitQ 4 bits, fast scan + exact", "IVF{lists},RaBitQfs4,RFlat"),
    Variant("HNSW, float32", "HNSW32,Flat"),
    Variant("HNSW, 8 bits + exact", "HNSW32_SQ8,RFlat"),
)


def lists(count: int) -> int:
    """Inverted lists for ``count`` vectors: the power of two nearest to 4 √count."""
    return int(2 ** round(math.log2(4 * count**0.5)))


def cluster(vectors: Matrix, threads: int) -> tuple[Matrix, float]:
    """The centres of the inverted lists, and the seconds that k-means took."""
    faiss.omp_set_num_threads(threads)
    begin = time.perf_counter()
    means = faiss.Kmeans(
        vectors.shape[1],
        lists(len(vectors)),
        niter=10,
        spherical=True,
        max_points_per_centroid=TRAINED_ON,
        min_points_per_centroid=1,
    )
    means.train(vectors)
    centres: Any = means.centroids
    return centres, time.perf_counter() - begin


def build(variant: Variant, vectors: Matrix, centres: Matrix, path: Path, threads: int) -> Record:
    """Build and write an index; seconds, and bytes with and without the vectors that are kept for comparing."""
    faiss.omp_set_num_threads(threads)
    count, dimension = vectors.shape
    begin = time.perf_counter()
    index: Any = faiss.index_factory(dimension, variant.factory.format(lists=lists(count)), faiss.METRIC_INNER_PRODUCT)
    inner = _inner(index)
    if hasattr(inner, "quantizer"):
        inner.quantizer.add(centres)
    if hasattr(inner, "hnsw"):
        inner.hnsw.efConstruction = 80
    index.train(vectors)
    trained = time.perf_counter() - begin
    index.add(vectors)
    seconds = time.perf_counter() - begin
    faiss.write_index(index, str(path))
    size = path.stat().st_size
    kept = 4 * count * dimension if inner is not index else 0
    return {"train_s": trained, "build_s": seconds, "threads": threads, "bytes": size, "search_bytes": size - kept}


def measure(variant: Variant, path: Path, questions: Matrix, filters: dict[str, Rows | None], truth: Any) -> Record:
    """Recall and milliseconds at each value of the parameter, with and without filters; and memory it came to."""
    faiss.omp_set_num_threads(1)
    before = _resident()
    index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
    name, values = variant.parameter
    curve = []
    for kept, rows in filters.items():
        selector = None if rows is None else _selector(rows, index.ntotal, name == "none")
        for value in [value for value in values if name != "nprobe" or value <= lists(index.ntotal)]:
            for depth in (10, DEPTH) if rows is None else (DEPTH,):
                point = _searched(index, variant, value, depth, selector, questions, truth[kept])
                curve.append({"kept": kept, name: value, "depth": depth, **point})
    return {"parameter": name, "resident_bytes": _resident() - before, "curve": curve}


def _searched(
    index: Any, variant: Variant, value: int, depth: int, selector: Any, questions: Matrix, truth: Rows
) -> Record:
    parameters = _parameters(index, variant, value, selector)
    asked = questions if variant.parameter[0] != "none" else questions[:_EXACT_ASKED]
    times, tens, all_found = [], [], []
    for number, question in enumerate(asked):
        begin = time.perf_counter()
        _, [found] = index.search(question[np.newaxis], depth, params=parameters)
        times.append(1000 * (time.perf_counter() - begin))
        tens.append(len(set(found[:10].tolist()) & set(truth[number, :10].tolist())) / 10)
        all_found.append(len(set(found.tolist()) & set(truth[number, :depth].tolist())) / depth)
    return {
        "recall_at_10": float(np.mean(tens)),
        "recall_at_depth": float(np.mean(all_found)),
        "median_ms": float(np.median(times)),
        "p95_ms": percentile(times, 0.95),
    }


def _centres(folder: Path, vectors: Matrix, threads: int) -> tuple[Matrix, float]:
    kept = folder / f"centres-{len(vectors)}.npz"
    if not kept.exists():
        centres, seconds = cluster(vectors, threads)
        np.savez(kept, centres=centres, seconds=seconds)
    with np.load(kept) as stored:
        return stored["centres"], float(stored["seconds"])


def _parameters(index: Any, variant: Variant, value: int, selector: Any) -> Any:
    library: Any = faiss
    inner = _inner(index)
    if variant.parameter[0] == "nprobe":
        own = library.IVFSearchParameters(nprobe=value, sel=selector)
        if "RaBitQ" in variant.factory:
            own = library.IVFRaBitQSearchParameters(nprobe=value, sel=selector)
    elif variant.parameter[0] == "efSearch":
        own = library.SearchParametersHNSW(efSearch=value, sel=selector)
    else:
        return library.SearchParameters(sel=selector)
    if inner is index:
        return own
    return library.IndexRefineSearchParameters(k_factor=variant.times, base_index_params=own)


def _inner(index: Any) -> Any:
    return faiss.downcast_index(index.base_index) if hasattr(index, "base_index") else index


def _selector(rows: Rows, count: int, exact: bool) -> Any:
    library: Any = faiss
    if exact:
        return library.IDSelectorArray(rows)
    mask = np.zeros(count, dtype=bool)
    mask[rows] = True
    return library.IDSelectorBitmap(np.packbits(mask, bitorder="little"))


def kept_rows(vectors: Matrix) -> dict[str, Rows | None]:
    """The filters by name: the rows that they keep, None for all."""
    source, count = np.random.default_rng(3), len(vectors)
    topic = np.argsort(-(vectors @ vectors[0]))[: count // 100]
    return {
        "all": None,
        "50 %": np.sort(source.permutation(count)[: count // 2]),
        "1 %": np.sort(source.permutation(count)[: count // 100]),
        "1 %, a topic": np.sort(topic),
    }


def nearest(vectors: Matrix, questions: Matrix, rows: Rows | None) -> Rows:
    """The :data:`DEPTH` nearest rows of each question, by comparing all that are kept."""
    faiss.omp_set_num_threads(available_threads())
    index: Any = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors if rows is None else vectors[rows])
    _, found = index.search(questions, DEPTH)
    return np.asarray(found if rows is None else rows[found], dtype=np.int64)


def _resident() -> int:
    gc.collect()
    text = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    return 1024 * int(next(line.split()[1] for line in text.splitlines() if line.startswith("Rss:")))


def results(path: Path) -> dict[tuple[str, int, str], Record]:
    """What was measured, by step, size and variant: the name, or of builds the factory, which variants share."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {(record["step"], record["size"], record["variant"]): record for record in map(json.loads, lines)}


def _missing(folder: Path, step: str, sizes: list[int], names: list[str]) -> Iterator[tuple[int, list[Variant]]]:
    done = results(folder / "results.jsonl")
    for size in sizes:
        wanted = [variant for variant in VARIANTS if variant.name in names]
        if step == "build":
            by_factory = {v.factory: v for v in wanted if ("build", size, v.factory) not in done}
            wanted = list(by_factory.values())
        else:
            wanted = [v for v in wanted if ("search", size, v.name) not in done and ("build", size, v.factory) in done]
        if wanted:
            yield size, wanted


def _keep(folder: Path, step: str, size: int, variant: str, found: Record) -> None:
    with (folder / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"step": step, "size": size, "variant": variant, **found}) + "\n")


def _path(folder: Path, variant: Variant, size: int) -> Path:
    return folder / f"{variant.factory.format(lists=lists(size)).replace(',', '-')}-{size}.faiss"


def best(record: Record, depth: int, recall: float, kept: str = "all") -> Record | None:
    """The quickest point of a variant that reaches a recall@10."""
    points = [
        point
        for point in record["curve"]
        if point["kept"] == kept and point["depth"] == depth and point["recall_at_10"] >= recall
    ]
    return min(points, key=lambda point: float(point["median_ms"]), default=None)


def section(done: dict[tuple[str, int, str], Record]) -> str:
    """The section of the document: a table and a plot for each size."""
    parts = []
    for size in sorted({size for _, size, _ in done}):
        rows, series = [], {}
        for variant in VARIANTS:
            built, searched = done.get(("build", size, variant.factory)), done.get(("search", size, variant.name))
            if built is None or searched is None:
                continue
            point = best(searched, DEPTH, 0.95)
            rows.append(
                [
                    variant.name,
                    f"{built['build_s']:.0f}",
                    f"{built['search_bytes'] / 1e6:,.0f}",
                    *(_told(point, searched["parameter"])),
                    *(_filtered(searched, point, kept) for kept in ("50 %", "1 %", "1 %, a topic")),
                ]
            )
            curve = [p for p in searched["curve"] if p["kept"] == "all" and p["depth"] == DEPTH]
            series[variant.name] = [(p["median_ms"], p["recall_at_10"]) for p in curve]
        if rows:
            head = ["index", "built in, s", "MB", "at", "recall@10", "recall@100", "ms, median", "p95"]
            head += [f"{kept}: recall@10, ms" for kept in ("50 %", "1 %", "1 %, a topic")]
            plot = plots.lines(
                f"vectors-{size}", "ms a search, 100 neighbours, one thread", "recall@10", series, "x", 0.95
            )
            parts.append(f"**{size:,} vectors**\n\n{report.table(head, rows)}\n\n{plot}")
    return "\n\n".join(parts)


def _told(point: Record | None, parameter: str) -> list[str]:
    if point is None:
        return ["never 0.95", "", "", "", ""]
    return [
        "" if parameter == "none" else f"{parameter} {point[parameter]}",
        f"{point['recall_at_10']:.3f}",
        f"{point['recall_at_depth']:.3f}",
        f"{point['median_ms']:.2f}",
        f"{point['p95_ms']:.2f}",
    ]


def _filtered(searched: Record, chosen: Record | None, kept: str) -> str:
    if chosen is None:
        return ""
    name = searched["parameter"]
    for point in searched["curve"]:
        if point["kept"] == kept and point.get(name) == chosen.get(name):
            return f"{point['recall_at_10']:.3f}, {point['median_ms']:.2f}"
    return ""


def main() -> None:
    """Build what is missing, or search in what was built; then print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    names = [variant.name for variant in VARIANTS]
    parser.add_argument("--variants", nargs="+", choices=names, default=names, metavar="NAME", help="only these")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--threads", type=int, default=available_threads(), help="for building")
    report.add_options(parser)
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    step = "build" if arguments.build else "search"
    for size, variants in _missing(folder, step, arguments.sizes, arguments.variants):
        vectors, questions, _ = load(folder, size)
        questions = questions[:ASKED]
        if not arguments.build:
            filters = kept_rows(vectors)
            truth = {name: nearest(vectors, questions, rows) for name, rows in filters.items()}
        for variant in variants:
            path = _path(folder, variant, size)
            if arguments.build:
                centres, seconds = _centres(folder, vectors, arguments.threads)
                found = build(variant, vectors, centres, path, arguments.threads)
                if "IVF" in variant.factory:
                    found["build_s"] += seconds
                _keep(folder, "build", size, variant.factory, found)
            else:
                found = measure(variant, path, questions, filters, truth)
                _keep(folder, "search", size, variant.name, found)
                found = found | {"curve": [p for p in found["curve"] if p["depth"] == DEPTH and p["kept"] == "all"]}
            print(size, variant.name, json.dumps(found), flush=True)
    done = results(folder / "results.jsonl")
    if arguments.json:
        report.write_json(arguments.json, "vectors", {" / ".join(map(str, key)): value for key, value in done.items()})
    shown = section(done)
    print(shown)
    if arguments.write:
        report.write_section("benchmarks.vectors", shown)


if __name__ == "__main__":
    main()
