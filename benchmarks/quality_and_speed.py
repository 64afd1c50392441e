"""What each speed-up costs in quality: ``python -m benchmarks.quality_and_speed CORPUS_FOLDER QUESTIONS.jsonl.gz``.

The same questions are answered in several ways: by one reader and by two, with an int8 and a float32 embedder, and with
fewer and more passages read. Arguments and measures are those of :mod:`benchmarks.open_corpus`; milliseconds are those
of embedding the question, searching and reading, one question after the other, in alternating turns.
"""

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import report, turns
from benchmarks.corpora import Corpus, index_corpus, read_corpus
from benchmarks.open_corpus import asked_of, hits, ranked_overlaps, readings_path
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.storage.filters import Filters
from rag.answerer import read_found
from rag.evaluating.metrics import area_under_roc, expected_calibration_error, recall
from rag.ranking.calibration import Calibrator, shipped_for
from rag.reading.passage_reader import PassageReader
from rag.reading.reader import LARGE, Reader
from rag.reading.rereading import RereadingReader, side_by_side
from rag.retrieval.depth import DEPTH, Depth
from rag.retrieval.retriever import Retriever
from training.calibrate import judge, options
from training.readings import FOUND, SPANS, Gold, Reading, Readings

AGAIN = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Way:
    """A way of answering: the embedder's precision, the reader of :func:`readers_of`, and which passages are read."""

    name: str
    embedder: str = "int8"
    reader: str = "default"
    depth: Depth = DEPTH


WAYS = (
    Way("the default"),
    Way("the small reader alone", reader="small"),
    *(Way(f"the large reader always reads {count} again", reader=f"again {count}") for count in AGAIN),
    Way("the large reader alone", reader="large"),
    Way("float32 embedder", embedder="float32"),
    Way("those far behind, too", depth=replace(DEPTH, behind=math.inf)),
    Way("no bound on characters", depth=replace(DEPTH, characters=sys.maxsize)),
    Way("at most 5 passages, 3,200 characters", depth=replace(DEPTH, most=5, characters=3200)),
    Way("at most 20 passages, no bound on characters", depth=replace(DEPTH, most=20, characters=sys.maxsize)),
    *(Way(f"always {most} passages", depth=Depth.every(most)) for most in (3, 10)),
)


@dataclass(frozen=True, slots=True)
class Quality:
    """What one way's answers are worth; ``overlaps`` is the F1 of the top answer of each question, 0 to 1."""

    recall_at_5: float
    overlaps: tuple[float, ...]
    best_of_3: float
    auroc: float
    calibration_error: float

    @property
    def f1(self) -> float:
        """The mean F1 of the top answers."""
        return statistics.fmean(self.overlaps)

    def apart_from(self, other: "Quality") -> tuple[float, float]:
        """The mean difference of F1 to another way's, question by question, and its standard error; in points."""
        apart = [100 * (own - theirs) for own, theirs in zip(self.overlaps, other.overlaps, strict=True)]
        return statistics.fmean(apart), statistics.stdev(apart) / math.sqrt(len(apart))


def quality(inside: Sequence[Reading], outside: Sequence[Reading], corpus: Corpus, model: Calibrator) -> Quality:
    """Measure readings of questions, and of the same questions with their title taken out."""
    answers = [options(reading) for reading in inside]
    ranked = [ranked_overlaps(item, model) for item in answers]
    judged = [judge(model, item) for item in [*answers, *(options(reading) for reading in outside)]]
    confidences, right = [confidence for confidence, _ in judged], [hit for _, hit in judged]
    return Quality(
        statistics.fmean(recall(hits(reading, corpus), 1, 5) for reading in inside),
        tuple(overlaps[0] if overlaps else 0.0 for overlaps in ranked),
        statistics.fmean(max(overlaps[:3], default=0.0) for overlaps in ranked),
        area_under_roc(confidences, [True] * len(inside) + [False] * len(outside)),
        expected_calibration_error(confidences, right),
    )


def readers_of(models: Path, second: str | None) -> dict[str, PassageReader]:
    """What ships, each of its two readers alone, and the large one reading a number of passages again.

    Where a ``second`` is named, it takes the place of the large one.
    """
    small = Reader.shipped()
    few = side_by_side(None)
    large = Reader.load(second, models, side_by_side=few) if second else Reader.shipped(None, LARGE, few)
    again = {f"again {count}": RereadingReader(small, large, count, math.inf) for count in AGAIN}
    return {"default": RereadingReader(small, large), "small": small, "large": large, **again}


def timer(way: Way, retriever: Retriever, reader: PassageReader, golds: Sequence[Gold]) -> Callable[[], float]:
    """A function that asks the next question and returns its milliseconds."""
    questions = iter([gold.question for gold in golds])

    def ask() -> float:
        question = next(questions)
        begin = time.perf_counter()
        found = retriever.search(retriever.begin(question, Filters()), FOUND)
        read_found(reader, question, [found[at] for at in way.depth.of(found)], SPANS)
        return 1000 * (time.perf_counter() - begin)

    return ask


def section(found: dict[Way, Quality], times: dict[str, list[float]], corpus: Corpus, questions: int) -> str:
    """The table, with what was measured above it."""
    base = next(iter(found))
    rows = []
    for way, own in found.items():
        apart, error = own.apart_from(found[base])
        spread = turns.Spread.of(times[way.name])
        rows.append(
            [
                way.name,
                f"{100 * own.f1:.1f}",
                "" if way is base else f"{apart:+.2f} ± {error:.2f}",
                f"{100 * own.best_of_3:.1f}",
                f"{100 * own.recall_at_5:.1f}",
                f"{own.auroc:.3f}",
                f"{own.calibration_error:.3f}",
                spread.median,
                turns.percentile(times[way.name], 0.95),
                turns.ratio(times[way.name], times[base.name]).median,
            ]
        )
    head = ["way", "F1", "against the default", "F1, best of 3", "recall@5", "AUROC", "calibration error"]
    told = f"{questions} questions of {corpus.name}, {len(corpus.articles):,} documents; {len(times[base.name])} timed."
    return f"{told}\n\n" + report.table([*head, "ms, median", "ms, p95", "times the default"], rows)


def main() -> None:
    """Answer in every way, time every way, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), help="only the questions about every second title")
    parser.add_argument("--limit", type=int, help="only so many questions")
    parser.add_argument("--timed", type=int, default=60, help="questions that are timed")
    parser.add_argument("--second", help="another large reader: a folder or a name on the model hub")
    report.add_options(parser)
    arguments = parser.parse_args()
    models = Path("var/models")
    readers = readers_of(models, arguments.second)
    embedders = {name: Embedder.load(DEFAULT_EMBEDDER, models, name) for name in {way.embedder for way in WAYS}}
    corpus = read_corpus(arguments.corpus)
    snapshots = {name: index_corpus(corpus, embedder) for name, embedder in embedders.items()}
    golds = asked_of(corpus, arguments.questions, arguments.half, arguments.limit)
    found: dict[Way, Quality] = {}
    for way in WAYS:
        reader, embedder = readers[way.reader], embedders[way.embedder]
        path = readings_path(corpus, embedder, reader, depth=way.depth)
        readings = Readings(snapshots[way.embedder], embedder, reader, path, way.depth)
        inside = [readings.ask(gold) for gold in golds]
        outside = [readings.ask(gold, title_out=True) for gold in golds]
        found[way] = quality(inside, outside, corpus, shipped_for(reader.sha256))
        print(f"{way.name}: F1 {100 * found[way].f1:.1f}", file=sys.stderr, flush=True)
    clocks = {
        way.name: timer(way, Retriever(snapshots[way.embedder], embedders[way.embedder]), readers[way.reader], golds)
        for way in WAYS
    }
    times = turns.in_turns(clocks, arguments.timed)
    shown = section(found, times, corpus, len(golds))
    print(shown)
    if arguments.json:
        figures = {way.name: {"f1": own.f1, "auroc": own.auroc, "ms": times[way.name]} for way, own in found.items()}
        report.write_json(arguments.json, "quality_and_speed", figures)
    if arguments.write:
        report.write_section("benchmarks.quality_and_speed", shown)


if __name__ == "__main__":
    main()
