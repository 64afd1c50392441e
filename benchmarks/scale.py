"""What an index of a size costs, predicted from smaller ones: ``python -m benchmarks.scale reuters21578.jsonl.gz``.

Indexes of three sizes are built and searched, each in processes of its own. A line through the two smaller ones
(:mod:`api.cli.sizing`) predicts the largest, and what was measured there says how far off it is. Articles are those of
``benchmarks.growth``, one passage each, in files of 500 lines; vectors are made up (``benchmarks.made_up``), so
that what embedding takes is left out: it is the same for each passage, and ``benchmarks.embedding`` measures it. The
lines that ``pullquote scale`` uses go through the smallest and the largest.

Time is processor seconds, of all processes that take part; memory is what belongs to the process alone (``RssAnon``),
looked at ten times a second, beside the most that was resident. ``--write`` keeps the fit where ``pullquote scale``
reads it and writes the table and the plots of ``docs/scale.md``.
"""

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from api.cli.sizing import FITTED, Fit, fit
from benchmarks import plots, report
from benchmarks.made_up import MadeUp, write_articles
from benchmarks.one_change import QUESTIONS
from index.building.builder import build
from index.models.embedder import SHIPPED
from index.storage.filters import EVERYTHING
from index.storage.versions import Versions

SIZES = (100_000, 300_000, 1_000_000)
FIGURES = {
    "disk_bytes": "bytes on disk",
    "build_cpu_s": "building, CPU s",
    "build_mb": "memory of a build, MB",
    "open_cpu_s": "opening, CPU s",
    "vectors_cpu_ms": "comparing vectors, CPU ms",
    "words_cpu_ms": "searching words and the rest of a search, CPU ms",
    "serve_mb": "memory of searching, MB",
}
_ROUNDS = 5
_DOCUMENT = Path("docs/scale.md")


def own_megabytes() -> float:
    """What belongs to this process alone now."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["RssAnon"].split()[0]) / 1024


def build_once(news: Path, place: Path, results: Any) -> None:
    """Build in this process; passages, and megabytes at the most."""
    most, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            most.append(max(most.pop(), own_megabytes()))

    watching = threading.Thread(target=watch)
    watching.start()
    made = build([news], Versions(place), MadeUp(SHIPPED, threads=1))
    ended.set()
    watching.join()
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results.put({"passages": made.passages, "build_mb": most[0], "build_resident_mb": resident})


def search(place: Path, results: Any) -> None:
    """Open and search in this process."""
    embedder = MadeUp(SHIPPED, threads=1)
    vectors = [embedder.embed_question(question) for question in QUESTIONS]
    begin = time.process_time()
    with Versions(place).open() as snapshot:
        opened = time.process_time() - begin
        whole, near = [], []
        for _ in range(_ROUNDS):
            for question, vector in zip(QUESTIONS, vectors, strict=True):
                start = time.process_time()
                snapshot.candidates(question, vector, EVERYTHING, 100)
                between = time.process_time()
                snapshot.vectors.search(vector, 100)
                near.append(1000 * (time.process_time() - between))
                whole.append(1000 * (between - start))
        nearest = statistics.median(near)
        others = statistics.median(whole) - nearest
        figures = {"open_cpu_s": opened, "vectors_cpu_ms": nearest, "words_cpu_ms": others}
        results.put({**figures, "serve_mb": own_megabytes()})


def alone(work: Any, *arguments: Any) -> tuple[dict[str, float], float]:
    """What ``work`` finds in a process of its own, and the processor seconds of that and of those that it starts."""
    fresh = multiprocessing.get_context("spawn")
    results = fresh.Queue()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = fresh.Process(target=work, args=(*arguments, results))
    process.start()
    found = results.get()
    process.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(corpus: Path, size: int, folder: Path) -> dict[str, float]:
    """Build and search an index of a size, which is removed afterwards."""
    place = folder / str(size)
    shutil.rmtree(place, ignore_errors=True)
    try:
        write_articles(corpus, size, place / "news")
        built, seconds = alone(build_once, place / "news", place / "index")
        disk = sum(path.stat().st_size for path in (place / "index" / "versions").rglob("*") if path.is_file())
        searched, _ = alone(search, place / "index")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return {"articles": size, "disk_bytes": disk, "build_cpu_s": seconds, **built, **searched}


def section(found: Sequence[dict[str, float]], fits: dict[str, Fit]) -> str:
    """Table and plots."""
    largest = found[-1]
    rows = []
    for name, label in FIGURES.items():
        expected = fits[name].at(largest["passages"])
        rows.append(
            [
                label,
                *(f"{record[name]:,.4g}" for record in found),
                f"{expected:,.4g}",
                f"{expected / largest[name]:.2f}",
            ]
        )
    counts = [f"{record['passages']:,.0f}" for record in found]
    shown = report.table(["of passages", *counts, f"predicted for {counts[-1]}", "predicted / measured"], rows)
    drawn = []
    for name in ("build_mb", "words_cpu_ms"):
        line = np.geomspace(found[0]["passages"], largest["passages"], 9).tolist()
        series = {
            "measured": [(record["passages"], record[name]) for record in found],
            "predicted": [(passages, fits[name].at(passages)) for passages in line],
        }
        drawn.append(plots.lines(f"scale-{name.split('_')[0]}", "passages", FIGURES[name], series, "xy"))
    return "\n\n".join([shown, *drawn])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--folder", type=Path, default=Path("var/scale"), help="for what is measured, which stays")
    parser.add_argument("--sizes", type=int, nargs=3, default=list(SIZES), help="articles: two to fit, one to predict")
    parser.add_argument("--write", action="store_true", help="the fit, and the section of docs/scale.md")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    kept = arguments.folder / "scale.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    done = {record["articles"]: record for record in map(json.loads, lines)}
    for size in arguments.sizes:
        if size not in done:
            done[size] = measure(arguments.corpus, size, arguments.folder)
            print(json.dumps(done[size]), flush=True)
            kept.write_text("".join(json.dumps(record) + "\n" for _, record in sorted(done.items())), encoding="utf-8")
    found = [done[size] for size in sorted(arguments.sizes)]
    fits = {name: fit(*((record["passages"], record[name]) for record in found[:2])) for name in FIGURES}
    shown = section(found, fits)
    print(shown)
    if arguments.write:
        sizes = [int(record["passages"]) for record in found]
        ends = {name: fit(*((record["passages"], record[name]) for record in found[::2])) for name in FIGURES}
        kept_fits = {name: [line.fixed, line.each] for name, line in ends.items()}
        content = {"measured_at": sizes, "processors": os.cpu_count(), "fits": kept_fits}
        FITTED.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        report.write_section("scale", shown, _DOCUMENT)


if __name__ == "__main__":
    main()
