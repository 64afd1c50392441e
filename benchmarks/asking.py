"""Where the time of an ask goes, and what the service takes to start: ``python -m benchmarks.asking --data-dir DATA``.

The questions are made of titles of the index ("What is known about …?"), taken evenly from all of it: common words and
rare ones, without labels. Answers are not kept. First the index is opened in this process, and every question is asked
of each way in turns, with a clock around each stage; a stage's time leaves out the stages inside it. Then the same
questions go one after the other to a service over HTTP, started several times, and once with two processes.

An embedder in float32 stands beside the default in the profile.
"""

import argparse
import re
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx2 as httpx

from api.http.links import Links
from api.http.serialise import ask_response
from api.runtime.service import Service, open_service
from api.settings import load_settings
from benchmarks import plots, report, service
from benchmarks.turns import Spread, percentile
from index.storage.snapshot import Snapshot
from index.storage.store import Store
from index.storage.versions import Versions
from rag.question import Question

STAGES = {
    "embed": "embed the question",
    "full text": "search the full text for the best by BM25, meanwhile",
    "vectors": "search the vectors",
    "passages": "load the passages",
    "fuse": "wait for the full text, fuse both scores",
    "read": "read the passages",
    "rank": "merge, rank, calibrate",
    "cite": "cite",
    "serialise": "make the JSON",
    "rest": "the rest",
}


class Clock:
    """Milliseconds by stage of one ask, without those of stages inside that ran on the same thread."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._threads = threading.local()

    @property
    def _inside(self) -> list[float]:
        """What ran inside of each stage that this thread is in, the outermost first."""
        if not hasattr(self._threads, "inside"):
            self._threads.inside = [0.0]
        inside: list[float] = self._threads.inside
        return inside

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function`` with this clock around it."""

        def run(*arguments: Any, **named: Any) -> Any:
            self._inside.append(0.0)
            begin = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                passed = 1000 * (time.perf_counter() - begin)
                self.spent[stage] += passed - self._inside.pop()
                self._inside[-1] += passed

        return run

    def watch(self, owner: Any, method: str, stage: str) -> None:
        """Put this clock around a method of one object, or a function of a module."""
        setattr(owner, method, self.timed(stage, getattr(owner, method)))


def questions(data_dir: Path, count: int) -> list[str]:
    """Up to ``count`` different questions, made of titles from all over the index of ``data_dir``."""
    with Versions(data_dir / "index").open(verify=False) as snapshot:
        titles = _titles(snapshot.store)
    return [f"What is known about {title}?" for title in titles[:: max(1, len(titles) // count)][:count]]


def _titles(store: Store) -> list[str]:
    found = (re.sub(r"<[^>]*>|\s+", " ", title).strip().lower() for _, title in store.owners().values())
    return list(dict.fromkeys(title for title in found if len(title.split()) > 2))


def watched(opened: Service, clock: Clock) -> Callable[[str], str]:
    """What asks one question of ``opened`` and gives its JSON, with ``clock`` around the stages."""
    answerer, snapshot = opened.answerer, opened.answerer.corpus
    assert isinstance(snapshot, Snapshot)
    clock.watch(answerer.retriever, "begin", "embed")
    clock.watch(answerer.retriever, "search", "fuse")
    clock.watch(snapshot.store, "scores", "full text")
    clock.watch(snapshot.store, "passages", "passages")
    clock.watch(snapshot.vectors, "search", "vectors")
    clock.watch(answerer, "rank", "rank")
    clock.watch(answerer, "_answer", "cite")
    clock.watch(opened.reader, "read", "read")
    serialise = clock.timed("serialise", lambda result: ask_response(result, Links()).model_dump_json())
    return clock.timed("rest", lambda question: serialise(answerer.ask(Question(question))))


def profile(ways: dict[str, dict[str, Any]], asked: Sequence[str], data_dir: Path) -> dict[str, dict[str, Spread]]:
    """For each way, which is a few settings, the milliseconds of each stage over all questions; and of the whole."""
    clock = Clock()
    opened = {
        name: watched(open_service(load_settings(data_dir=data_dir, **given)), clock) for name, given in ways.items()
    }
    laps: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in ways}
    names = list(ways)
    for number, question in enumerate(asked):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            clock.spent.clear()
            begin = time.perf_counter()
            opened[name](question)
            laps[name]["total"].append(1000 * (time.perf_counter() - begin))
            for stage in STAGES:
                laps[name][stage].append(clock.spent[stage])
    for name, stages in laps.items():
        total = stages["total"]
        print(f"{name}: {statistics.median(total):.1f} ms, 95 %: {percentile(total, 0.95):.1f}", flush=True)
    return {
        name: {
            stage: Spread(statistics.median(v), percentile(v, 0.05), percentile(v, 0.95)) for stage, v in own.items()
        }
        for name, own in laps.items()
    }


def serve(asked: Sequence[str], data_dir: Path, starts: int) -> dict[str, float]:
    """Start a service several times; ask the last one every question over HTTP; then one of two processes."""
    ready = []
    for _ in range(starts - 1):
        process, _, seconds = service.start(data_dir)
        ready.append(seconds)
        service.stop(process)
    process, address, seconds = service.start(data_dir)
    try:
        figures = {"ready after, s, median": statistics.median([*ready, seconds])}
        figures["ready after, s, slowest"] = max([*ready, seconds])
        figures["resident when ready, MB"] = service.resident_megabytes(process.pid)
        times = []
        with httpx.Client(base_url=address, timeout=120, trust_env=False) as client:
            for question in asked:
                begin = time.perf_counter()
                client.post("/v1/ask", json={"question": question}).raise_for_status()
                times.append(1000 * (time.perf_counter() - begin))
        figures["ask over HTTP, ms, median"] = statistics.median(times)
        figures["ask over HTTP, ms, p95"] = percentile(times, 0.95)
        figures["resident after the asks, MB"] = service.resident_megabytes(process.pid)
    finally:
        service.stop(process)
    process, _, _ = service.start(data_dir, "--processes", "2")
    try:
        time.sleep(5)  # the second one becomes ready
        serving = [pid for pid in service.family(process.pid) if "spawn_main" in service.command_of(pid)]
        for field in ("Rss", "Pss"):
            figures[f"{field.upper()} of {len(serving)} serving processes, MB"] = sum(rollup(p, field) for p in serving)
    finally:
        service.stop(process)
    return figures


def rollup(pid: int, field: str) -> float:
    """A figure of ``/proc/PID/smaps_rollup``, in MB: ``Rss``, or ``Pss``, which shares out what processes share."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(re.findall(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)[0]) / 1000


def section(figures: dict[str, Any], profiled: dict[str, dict[str, Spread]]) -> str:
    """The section of the document."""
    names = list(profiled)
    head = ["stage", *(f"{name}, ms, {part}" for name in names for part in ("median", "p95"))]
    rows: list[list[object]] = [
        [told, *(value for name in names for value in (profiled[name][stage].median, profiled[name][stage].most))]
        for stage, told in {**STAGES, "total": "**the whole**"}.items()
    ]
    first = profiled[names[0]]
    plot = plots.bars(
        "asking", "ms, median, 5th to 95th percentile", {told: _parts(first[stage]) for stage, told in STAGES.items()}
    )
    served = report.table(["over HTTP", "value"], [[name, value] for name, value in figures["service"].items()])
    return (
        f"{figures['articles']:,} articles, {figures['passages']:,} passages, {figures['questions']} questions "
        f"made of titles, each asked once.\n\n{report.table(head, rows)}\n\n{plot}\n\n{served}"
    )


def _parts(spread: Spread) -> tuple[float, float, float]:
    return spread.median, spread.least, spread.most


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("var"))
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--starts", type=int, default=3)
    report.add_options(parser)
    arguments = parser.parse_args()
    asked = questions(arguments.data_dir, arguments.questions)
    ways: dict[str, dict[str, Any]] = {
        "int8": {},
        "float32 embedder": {"embedder_precision": "float32"},
    }
    with Versions(arguments.data_dir / "index").open(verify=False) as snapshot:
        counts = {"articles": snapshot.manifest.articles, "passages": snapshot.manifest.passages}
    profiled = profile(ways, asked, arguments.data_dir)
    served = serve(asked, arguments.data_dir, arguments.starts)
    figures = {
        **counts,
        "questions": len(asked),
        "profile": {name: {stage: _parts(s) for stage, s in own.items()} for name, own in profiled.items()},
        "service": served,
    }
    content = section(figures, profiled)
    print(content)
    if arguments.json:
        report.write_json(arguments.json, "asking", figures)
    if arguments.write:
        report.write_section("asking", content)


if __name__ == "__main__":
    main()
