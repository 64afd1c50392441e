"""What more articles cost: ``python -m benchmarks.growth reuters21578.jsonl.gz --folder var/growth``.

For 100 to 100,000 articles: seconds and most memory of a build (``pullquote build``, a process of its own), bytes on
disk, and of a service over it the seconds until it is ready, memory and milliseconds of an ask. The exponent is the
slope of a least-squares line through the logarithms: 1 means that twice as many articles cost twice as much.

So that the articles of all sizes are alike, and that there are enough, they are recombined: sentences of Reuters,
drawn at random until there are fifty words, under the title of one of its articles. None is a near copy of another,
and each is one passage. Each size is measured once and kept in ``growth.jsonl``; ``--sizes`` measures some of them.
"""

import argparse
import gzip
import json
import math
import random
import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2 as httpx

from benchmarks import plots, report, service
from benchmarks.incremental import timed_build
from benchmarks.turns import percentile

SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
LEAST_WORDS = 50
ASKED = 40

FIGURES = {
    "build_s": "build, s",
    "build_peak_mb": "most memory of the build, MB",
    "disk_mb": "on disk, MB",
    "ready_s": "ready after, s",
    "resident_mb": "memory of the service, MB",
    "ask_ms": "ask, ms, median",
    "ask_p95_ms": "ask, ms, p95",
    "retrieve_ms": "of that, retrieving, ms",
}


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
        told: list[str] = []
        while sum(len(sentence.split()) for sentence in told) < LEAST_WORDS:
            told.append(source.choice(sentences))
        yield {"id": f"a{number:06d}", "title": source.choice(records)["title"], "text": " ".join(told)}


def questions(articles: Sequence[dict[str, str]]) -> list[str]:
    """Questions in words of the articles, common ones and rare ones."""
    return [f"What is known about {article['title'].lower()}?" for article in articles[:ASKED]]


def measure(corpus: Path, size: int, models: Path, folder: Path) -> dict[str, Any]:
    """Build, serve and ask once."""
    data = folder / str(size)
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    (data / "models").symlink_to(models.resolve())
    articles = list(recombined(corpus, size))
    source = data / "news.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    built = timed_build(source, data)
    disk = sum(path.stat().st_size for path in (data / "index").rglob("*") if path.is_file())
    found = {
        "articles": size,
        "build_s": built["seconds"],
        "build_peak_mb": built["peak_mb"],
        "disk_mb": disk / 1e6,
        "told": built["told"],
    }
    return found | serve(data, questions(articles))


def serve(data: Path, asked: Sequence[str]) -> dict[str, float]:
    """Start a service, ask it one question after the other, stop it."""
    process, address, ready = service.start(data)
    try:
        totals, retrieving = [], []
        with httpx.Client(base_url=address, timeout=120, trust_env=False) as client:
            for question in asked:
                begin = time.perf_counter()
                answer = client.post("/v1/ask", json={"question": question}).raise_for_status().json()
                totals.append(1000 * (time.perf_counter() - begin))
                retrieving.append(answer["timings_ms"]["retrieve"])
        resident = service.resident_megabytes(process.pid)
    finally:
        service.stop(process)
    return {
        "ready_s": ready,
        "resident_mb": resident,
        "ask_ms": statistics.median(totals),
        "ask_p95_ms": percentile(totals, 0.95),
        "retrieve_ms": statistics.median(retrieving),
    }


def exponent(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The slope of log y over log x by least squares, and its standard error.

    :raises ValueError: with fewer than three points.
    """
    if len(points) < 3:
        raise ValueError("a slope with its error needs three points")
    logs = [(math.log(x), math.log(y)) for x, y in points]
    slope, begin = statistics.linear_regression(*zip(*logs, strict=True))
    mean = statistics.fmean(x for x, _ in logs)
    residual = sum((y - begin - slope * x) ** 2 for x, y in logs)
    return slope, math.sqrt(residual / (len(logs) - 2) / sum((x - mean) ** 2 for x, _ in logs))


def section(found: Sequence[dict[str, Any]]) -> str:
    """The section of the document."""
    head = ["articles", *FIGURES.values()]
    rows: list[list[object]] = [[record["articles"], *(float(record[name]) for name in FIGURES)] for record in found]
    for told, part in (("exponent", found), ("exponent, last three", found[-3:])):
        slopes = [exponent([(record["articles"], record[name]) for record in part]) for name in FIGURES]
        rows.append([told, *(f"{slope:.2f} ± {error:.2f}" for slope, error in slopes)])
    series = {
        label: [(record["articles"], record[name] / found[0][name]) for record in found]
        for name, label in FIGURES.items()
        if name != "ask_p95_ms"
    }
    plot = plots.lines("growth", "articles", f"times that of {found[0]['articles']}", series, "xy")
    return f"{report.table(head, rows)}\n\n{plot}"


def main() -> None:
    """Measure what is missing, then print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--folder", type=Path, default=Path("var/growth"), help="for indexes and results; they stay")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--models", type=Path, default=Path("var/models"), help="compiled models")
    parser.add_argument(
        "--ask-again", action="store_true", help="measure the services anew, over the indexes there are"
    )
    report.add_options(parser)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    kept = arguments.folder / "growth.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    done = {record["articles"]: record for record in map(json.loads, lines)}
    for size in arguments.sizes:
        if size not in done:
            done[size] = measure(arguments.corpus, size, arguments.models, arguments.folder)
        elif arguments.ask_again:
            asked = questions(list(recombined(arguments.corpus, min(size, ASKED))))
            done[size] |= serve(arguments.folder / str(size), asked)
        else:
            continue
        print(json.dumps(done[size]), flush=True)
        kept.write_text("".join(json.dumps(record) + "\n" for _, record in sorted(done.items())), encoding="utf-8")
    found = [record for _, record in sorted(done.items())]
    if arguments.json:
        report.write_json(arguments.json, "growth", {"sizes": found})
    if len(found) >= 3:
        shown = section(found)
        print(shown)
        if arguments.write:
            report.write_section("benchmarks.growth", shown)


if __name__ == "__main__":
    main()
