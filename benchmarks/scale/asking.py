"""Searching and asking an index in ``PLACE/index``: within this process, and over HTTP.

In this process, times are CPU milliseconds, which other work on the machine hardly changes.
"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx2 as httpx

from benchmarks import service
from benchmarks.scale.record import Record, most_resident_megabytes, open_corpus, own_megabytes
from benchmarks.turns import percentile
from index.storage.filters import EVERYTHING
from index.storage.versions import Versions

POOL = 132
"""Passages that an ask takes from each search, those beyond the pool that may be as good as its last among them."""

ASKED = 40


def searched(corpus: Sequence[Path], place: Path, count: int, reading: int, reader: str | None) -> Record:
    """Open, search ``count`` questions in each way, and answer ``reading`` of them."""
    articles = open_corpus(corpus)
    questions, filters = articles.questions(count), articles.filters
    embedder = articles.embedder(place.parent)
    del articles
    gc.collect()
    begin = time.process_time()
    with Versions(place / "index").open() as snapshot:
        found: Record = {"opening, CPU s": time.process_time() - begin}
        store, vectors = snapshot.store, [embedder.embed_question(question) for question in questions]
        if filters:
            begin = time.process_time()
            store.passing(next(iter(filters.values())))
            found["first filter, CPU s"] = time.process_time() - begin
        ways: dict[str, Callable[[int], object]] = {
            "words (BM25)": lambda at: store.bm25(questions[at], POOL),
            "words, again": lambda at: store.bm25(questions[at], POOL),
            "vectors": lambda at: snapshot.vectors.search(vectors[at], POOL),
            "both": lambda at: snapshot.candidates(questions[at], vectors[at], EVERYTHING, 100),
        }
        for name, each in filters.items():
            mask = store.passing(each)
            ways |= {
                f"which pass: {name}": lambda _, each=each: store.passing(each),  # type: ignore[misc]
                f"words, {name}": lambda at, mask=mask: store.bm25(questions[at], POOL, mask),  # type: ignore[misc]
                f"both, {name}": lambda at, each=each: snapshot.candidates(  # type: ignore[misc]
                    questions[at], vectors[at], each, 100
                ),
            }
        times = {name: _milliseconds(way, count) for name, way in ways.items()}
        found |= {f"{name}, CPU ms": pair for name, pair in times.items()}
        found["words and the rest of a search, CPU ms"] = max(times["both"][0] - times["vectors"][0], 0.0)
        found["memory of searching, MB"] = own_megabytes()
        if reading:
            from rag.answerer import Answerer  # not before memory is looked at
            from rag.question import Question
            from rag.reading.passage_reader import open_reader

            answerer = Answerer(snapshot, embedder, open_reader(reader, place.parent / "models", threads=1))
            asked = _milliseconds(lambda at: answerer.ask(Question(questions[at])), min(count, reading))
            found["an ask, CPU ms"] = asked
            found["of that, not searching, CPU ms"] = asked[0] - times["both"][0]
        found["memory after asking, with the pages of files, MB"] = most_resident_megabytes()
    return found


def served(corpus: Sequence[Path], place: Path) -> Record:
    """Start a service, ask it one question after the other over HTTP, stop it."""
    questions = open_corpus(corpus).different_questions(ASKED)
    process, address, ready = service.start(place)
    try:
        totals, retrieving = [], []
        with httpx.Client(base_url=address, timeout=120, trust_env=False) as client:
            for question in questions:
                begin = time.perf_counter()
                answer = client.post("/v1/ask", json={"question": question}).raise_for_status().json()
                totals.append(1000 * (time.perf_counter() - begin))
                retrieving.append(answer["timings_ms"]["retrieve"])
        resident = service.resident_megabytes(process.pid)
    finally:
        service.stop(process)
    return {
        "ready after, s": ready,
        "memory of the service, MB": resident,
        "ask, ms, median": statistics.median(totals),
        "ask, ms, p95": percentile(totals, 0.95),
        "of that, retrieving, ms": statistics.median(retrieving),
    }


def _milliseconds(way: Callable[[int], object], count: int) -> list[float]:
    """Median and 95th percentile."""
    laps = []
    for at in range(count):
        begin = time.process_time()
        way(at)
        laps.append(1000 * (time.process_time() - begin))
    return [statistics.median(laps), percentile(laps, 0.95)]
