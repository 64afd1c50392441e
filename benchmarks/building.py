"""Where the time of a first build goes: ``python -m benchmarks.building CORPUS``, by stage, for int8 and float32.

The articles are the first of a corpus (see :mod:`benchmarks.incremental`), as one file; every build begins with an
empty data folder, its model loaded and warm. Builds with int8 and with float32 vectors take turns.
"""

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import plots, report
from benchmarks.incremental import read_corpus, write_lines
from benchmarks.turns import Spread, in_turns
from index.building.builder import build
from index.models.embedder import DEFAULT_EMBEDDER, PRECISIONS, Embedder
from index.models.onnx_model import available_threads
from index.storage.versions import Versions


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", type=Path, default=Path("var/models"), help="compiled models")
    report.add_options(parser)
    arguments = parser.parse_args()
    embedders = {kind: Embedder.load(DEFAULT_EMBEDDER, arguments.models, kind) for kind in PRECISIONS}
    stages: dict[str, dict[str, list[float]]] = {kind: {} for kind in PRECISIONS}
    passages = 0

    with tempfile.TemporaryDirectory(prefix="building-") as folder:
        write_lines(read_corpus(arguments.corpus, arguments.articles), Path(folder))

        def first_build(kind: str) -> float:
            nonlocal passages
            begin = time.perf_counter()
            with tempfile.TemporaryDirectory(dir=folder) as data:
                done = build([Path(folder) / "news.jsonl"], Versions(Path(data)), embedders[kind])
            seconds = time.perf_counter() - begin
            passages = done.passages
            for stage, spent in {**done.seconds, "rest": seconds - sum(done.seconds.values())}.items():
                stages[kind].setdefault(stage, []).append(spent)
            return seconds

        ways = {kind: partial(first_build, kind) for kind in PRECISIONS}
        whole = in_turns(ways, arguments.rounds, told=lambda line: print(line, flush=True))
    spread: dict[str, dict[str, Any]] = {
        kind: {stage: Spread.of(spent[-arguments.rounds :]) for stage, spent in own.items()}
        for kind, own in stages.items()
    }
    first = PRECISIONS[0]
    rows: list[list[object]] = [
        [stage, *(value for kind in PRECISIONS for value in (spread[kind][stage].median, spread[kind][stage].most))]
        for stage in spread[first]
    ]
    rows.append(
        ["**the whole**", *(value for k in PRECISIONS for value in (Spread.of(whole[k]).median, max(whole[k])))]
    )
    head = ["stage", *(f"{kind}, s, {part}" for kind in PRECISIONS for part in ("median", "most"))]
    told = {stage: (own.median, own.least, own.most) for stage, own in spread[first].items()}
    content = (
        f"{arguments.articles:,} articles of Reuters-21578, {passages:,} passages, {available_threads()} threads, "
        f"{arguments.rounds} rounds after one to warm up.\n\n{report.table(head, rows)}\n\n"
        f"{plots.bars('building', 's, of a first build with int8', told)}"
    )
    print(content)
    if arguments.json:
        report.write_json(arguments.json, "building", {"passages": passages, "stages": stages, "whole": whole})
    if arguments.write:
        report.write_section("benchmarks.building", content)


if __name__ == "__main__":
    main()
