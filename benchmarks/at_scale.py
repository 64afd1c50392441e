"""What a large index costs to build, keep and ask: ``python -m benchmarks.at_scale DATA_SET PARAGRAPHS``.

For each number of ``--articles`` (two and a half passages each) a corpus of :mod:`benchmarks.grown` is written and
built into ``--folder``, in a process of its own, and asked in another. Times are CPU seconds and milliseconds of the
whole process and its children, which other work on the machine hardly changes; memory is the most that was resident.
Results are kept in ``at_scale.jsonl`` and not measured again. ``--forget`` removes each index when it was measured.
With ``--straight`` versions are written by :mod:`benchmarks.made_up` and only asked.

Asked are real questions, each once, so that nothing is known from before; ``again`` is a second round of the same.
"""

import argparse
import gc
import json
import multiprocessing
import resource
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.grown import Grown, GrownEmbedder
from benchmarks.made_up import write_version
from benchmarks.turns import percentile
from index.building.builder import build
from index.limited.limits import Limits
from index.limited.pool import shared_processes
from index.storage.filters import EVERYTHING, Filters
from index.storage.snapshot import Manifest
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.question import Question
from rag.reading.reader import Reader

POOL = 132
"""Passages that an ask takes from each search, those beyond the pool that may be as good as its last among them."""

Record = dict[str, Any]


def spent() -> float:
    """CPU seconds of this process and of its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def built(corpus: tuple[Path, Path], folder: Path, articles: int) -> Record:
    """Build, in this process; what it took."""
    grown = Grown(*corpus)
    place = folder / str(articles)
    grown.write(place / "sources", articles)
    embedder = GrownEmbedder(grown, folder)
    del grown
    gc.collect()
    begin, before = spent(), time.process_time()
    build([place / "sources"], Versions(place / "index"), embedder)
    shared_processes(Limits()).stop()
    return {
        **_sizes(place),
        "build_cpu_s": spent() - begin,
        "build_own_cpu_s": time.process_time() - before,
        "build_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def written(corpus: tuple[Path, Path], folder: Path, articles: int) -> Record:
    """Write a version straight; how large it is."""
    grown = Grown(*corpus)
    place = folder / str(articles)
    grown.write(place / "sources", articles)
    write_version(place / "sources", Versions(place / "index"), GrownEmbedder(grown, folder))
    return _sizes(place)


def _sizes(place: Path) -> Record:
    version = Versions(place / "index").current()
    assert version
    sizes = {path.name: path.stat().st_size for path in sorted(version.iterdir())}
    return {"passages": Manifest.read(version).passages, "bytes": sizes}


def asked(corpus: tuple[Path, Path], folder: Path, articles: int, count: int, reading: int) -> Record:
    """Open and search, in this process; CPU milliseconds, median and 95th percentile of each way."""
    grown = Grown(*corpus)
    questions = grown.questions(count)
    embedder = GrownEmbedder(grown, folder)
    del grown
    gc.collect()
    begin = time.process_time()
    with Versions(folder / str(articles) / "index").open() as snapshot:
        found: Record = {"open_cpu_s": time.process_time() - begin}
        vectors = [embedder.embed_question(question) for question in questions]
        half, hundredth = Filters(sources=("half",)), Filters(tags=("tag 7",))
        season = Filters(published_from=date(2023, 3, 1), published_to=date(2023, 5, 31))
        begin = time.process_time()
        snapshot.store.passing(half)
        found["first_filter_cpu_s"] = time.process_time() - begin
        masks = {name: snapshot.store.passing(filters) for name, filters in (("half", half), ("1 %", hundredth))}
        store = snapshot.store
        ways: dict[str, Callable[[int], object]] = {
            "which pass: half": lambda _: store.passing(half),
            "which pass: 1 %": lambda _: store.passing(hundredth),
            "which pass: three months": lambda _: store.passing(season),
            "BM25": lambda at: store.bm25(questions[at], POOL),
            "BM25, again": lambda at: store.bm25(questions[at], POOL),
            "BM25, half": lambda at: store.bm25(questions[at], POOL, masks["half"]),
            "BM25, 1 %": lambda at: store.bm25(questions[at], POOL, masks["1 %"]),
            "vectors": lambda at: snapshot.vectors.search(vectors[at], POOL),
            "candidates": lambda at: snapshot.candidates(questions[at], vectors[at], EVERYTHING, 100),
            "candidates, half": lambda at: snapshot.candidates(questions[at], vectors[at], half, 100),
        }
        answerer = Answerer(snapshot, embedder, Reader.shipped(1)) if reading else None
        if answerer:
            ways["ask"] = lambda at: answerer.ask(Question(questions[at])) if at < reading else None
        for name, way in ways.items():
            found[name] = _milliseconds(way, min(count, reading) if name == "ask" else count)
        found["resident_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _milliseconds(way: Callable[[int], object], count: int) -> tuple[float, float]:
    laps = []
    for at in range(count):
        begin = time.process_time()
        way(at)
        laps.append(1000 * (time.process_time() - begin))
    return round(statistics.median(laps), 2), round(percentile(laps, 0.95), 2)


def section(found: Sequence[Record]) -> str:
    """The table."""
    head = ["", *(f"{record['passages']:,} passages" for record in found)]
    rows: list[list[object]] = []
    for name in found[-1]:
        if name == "bytes":
            for file in found[-1]["bytes"]:
                rows.append([f"{file}, MB", *(record["bytes"].get(file, 0) / 1e6 for record in found)])
        elif isinstance(found[-1][name], float | int):
            rows.append([name, *(record[name] for record in found)])
        else:
            shown = ("{:.1f}; {:.1f}".format(*record[name]) if name in record else "" for record in found)
            rows.append([f"{name}, CPU ms, median; p95", *shown])
    return report.table(head, rows)


def main() -> None:
    """Measure what is missing, then print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_set", type=Path, help="a folder in the BEIR layout")
    parser.add_argument("paragraphs", type=Path, help="JSON Lines with context, packed by gzip")
    parser.add_argument("--articles", type=int, nargs="+", default=[4_000, 40_000, 400_000])
    parser.add_argument("--folder", type=Path, default=Path("var/at_scale"))
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--read", type=int, default=20, help="questions that are answered, too; 0: none")
    parser.add_argument("--straight", action="store_true", help="measure no build: write versions straight")
    parser.add_argument("--forget", action="store_true", help="remove each index and its sources when it was measured")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    corpus = arguments.data_set, arguments.paragraphs
    arguments.folder.mkdir(parents=True, exist_ok=True)
    kept: Path = arguments.folder / "at_scale.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    done = {record["articles"]: record for record in map(json.loads, lines)}
    fresh = multiprocessing.get_context("spawn")
    for articles in arguments.articles:
        if articles in done:
            continue
        with fresh.Pool(1) as pool:
            make = written if arguments.straight else built
            record = {"articles": articles} | pool.apply(make, (corpus, arguments.folder, articles))
        with fresh.Pool(1) as pool:
            given = (corpus, arguments.folder, articles, arguments.questions, arguments.read)
            record |= pool.apply(asked, given)
        print(json.dumps(record), flush=True)
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        done[articles] = record
        if arguments.forget:
            shutil.rmtree(arguments.folder / str(articles))
    found = [record for _, record in sorted(done.items())]
    if arguments.json:
        report.write_json(arguments.json, "at_scale", {"sizes": found})
    print(section(found))


if __name__ == "__main__":
    main()
