"""What one changed article costs: ``python -m benchmarks.one_change reuters21578.jsonl.gz --folder var/one_change``.

For each size and form (a file for each article; one file of JSON Lines; files of 500 lines, of which the first version
is written straight by :mod:`benchmarks.made_up`), articles that are recombined are indexed once and kept in the
folder. Then one more file is changed, and a build in a process of its own is measured from the first look at the
sources to a version that has been opened: CPU seconds of that process, without starting it, and the most memory it
took. It is measured with everything written anew and with a copy of the version before changed, or one of these
(``--ways copy``). Vectors are made up, so that nothing but keeping them is counted.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.made_up import QUESTIONS, MadeUp, recombined, write_articles, write_version
from benchmarks.report import table
from index.building import revision
from index.building.builder import build
from index.models.embedder import SHIPPED
from index.storage.filters import EVERYTHING
from index.storage.known_sums import KnownSums
from index.storage.versions import Versions

SIZES = (10_000, 40_000)
FORMS = ("folder", "lines", "straight")
WAYS = {"anew": True, "copy": False}
_SETTLED = 3
"""Seconds: a file that was written less than two before it is read is read again."""


def prepare(place: Path, form: str, corpus: Path, size: int) -> None:
    """Write the articles, unless they are there, and index them."""
    news, versions = place / "news", Versions(place / "index")
    if form == "straight":
        if not versions.names():
            write_articles(corpus, size, news)
            time.sleep(_SETTLED)
            write_version(news, versions, MadeUp(SHIPPED, threads=1))
        return
    if not news.is_dir():
        news.mkdir(parents=True)
        articles = recombined(corpus, size)
        if form == "lines":
            (news / "news.jsonl").write_text("".join(json.dumps(article) + "\n" for article in articles))
        else:
            for article in articles:
                (news / f"{article['id']}.md").write_text(f"# {article['title']}\n\n{article['text']}\n")
        time.sleep(_SETTLED)
    build([news], versions, MadeUp(SHIPPED, threads=1))


def change(place: Path, anew: bool) -> dict[str, float]:
    """Change one article and build; the CPU seconds of each part, and megabytes."""
    if anew:
        revision.LEAST_ARTICLES = sys.maxsize
    embedder, versions = MadeUp(SHIPPED, threads=1), Versions(place / "index")
    text = f"The figures were corrected at {time.time_ns()}, the ministry said. " * 6
    (place / "news" / "changing.md").write_text(f"# Corrected figures\n\n{text}\n")
    sums = KnownSums()
    versions.open(sums=sums.of).close()  # as a service has that switches from it to the next one
    begin = time.process_time()
    build([place / "news"], versions, embedder)
    built = time.process_time()
    sums.learn(versions.sums)
    with versions.open(sums=sums.of) as snapshot:
        opened = time.process_time()
        vectors = [embedder.embed_question(question) for question in QUESTIONS]
        searched = []
        for _ in range(10):
            for question, vector in zip(QUESTIONS, vectors, strict=True):
                start = time.process_time()
                snapshot.candidates(question, vector, EVERYTHING, 100)
                searched.append(time.process_time() - start)
    versions.prune(1)
    return {
        "build": built - begin,
        "open": opened - built,
        "search_ms": 1000 * statistics.median(searched),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measure(
    place: Path, form: str, corpus: Path, size: int, rounds: int, among: Sequence[str] = tuple(WAYS)
) -> list[dict[str, Any]]:
    """The ways in turns, each time in a process of its own; the medians. The first round of all is not counted: it
    adds the article that then changes, and hashes every file.
    """
    fresh = multiprocessing.get_context("spawn")
    with fresh.Pool(1) as pool:
        pool.apply(prepare, (place, form, corpus, size))
        pool.apply(change, (place, False))
    ways: dict[bool, list[dict[str, float]]] = {WAYS[name]: [] for name in among}
    for _ in range(rounds):
        for anew, found in ways.items():
            with fresh.Pool(1) as pool:
                found.append(pool.apply(change, (place, anew)))
    return [
        {
            "articles": size,
            "form": form,
            "way": "anew" if anew else "in a copy",
            **{name: statistics.median(each[name] for each in found) for name in found[0]},
        }
        for anew, found in ways.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--folder", type=Path, default=Path("var/one_change"))
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--forms", choices=FORMS, nargs="*", default=FORMS)
    parser.add_argument("--ways", choices=WAYS, nargs="*", default=[*WAYS])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    rows = []
    for size in arguments.sizes:
        for form in arguments.forms:
            found = measure(
                arguments.folder / f"{form}{size}", form, arguments.corpus, size, arguments.rounds, arguments.ways
            )
            print(json.dumps(found), flush=True)
            rows += [[f"{size:,}", *(each[name] for name in list(each)[1:])] for each in found]
    titles = ("articles", "as", "written", "build, CPU s", "open, CPU s", "search, CPU ms", "most memory, MB")
    print(table(titles, rows))


if __name__ == "__main__":
    main()
