"""Answers over written news and documents: ``python -m benchmarks.written DATA_FOLDER``.

The folder holds the files of :data:`training.written.FILES`. All their articles and documents are searched, the
questions of ``--split`` are asked, and what the service would answer by its defaults is judged: an answer is right from
a word F1 of 0.5 with a gold answer on. Nothing is fitted here.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.corpora import CACHE
from index.building.builder import index_articles
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.storage.versions import Versions
from rag.evaluating.metrics import area_under_roc, coverage_at, expected_calibration_error
from rag.ranking.calibration import Calibrator, shipped_for
from rag.reading.passage_reader import open_reader
from rag.retrieval.depth import DEPTH
from training.calibrate import Options, judge, options
from training.readings import Readings, path_for
from training.written import articles, golds


def right_of(item: Options, model: Calibrator, best: int) -> bool:
    """Whether one of the ``best`` highest ranked answers is right."""
    return any(item.right[at] for at, _ in model.rank(item.evidence)[:best])


def is_found(item: Options) -> bool:
    """Whether a passage of the question's article is among the best ones, of which those that are read are taken."""
    return any(found.article.tags[0] == item.reading.gold.title for found in item.reading.found[: DEPTH.most])


def row_of(name: str, items: Sequence[Options], model: Calibrator) -> str:
    """Per cent of the answerable questions: passage found, first answer right, one of three, given; and of the others
    that are held back.
    """
    with_answer = [item for item in items if item.reading.gold.answers]
    without = [item for item in items if not item.reading.gold.answers]

    def share(hits: Sequence[bool]) -> str:
        return f"{100 * statistics.fmean(hits):.1f}" if hits else ""

    cells = [
        share([is_found(item) for item in with_answer]),
        share([right_of(item, model, 1) for item in with_answer]),
        share([right_of(item, model, 3) for item in with_answer]),
        share([judge(model, item)[0] >= model.threshold for item in with_answer]),
        share([judge(model, item)[0] < model.threshold for item in without]),
    ]
    return f"| {name} | {len(items)} | " + " | ".join(cells) + " |"


def print_confidence(items: Sequence[Options], model: Calibrator) -> None:
    """How true the confidence of the first answers is."""
    tops = [judge(model, item) for item in items]
    confidences, right = [confidence for confidence, _ in tops], [hit for _, hit in tops]
    given = [hit for confidence, hit in tops if confidence >= model.threshold]
    print(
        f"\nright of those given at {model.threshold:.2f}: {100 * statistics.fmean(given):.1f} % of {len(given)}, ",
        end="",
    )
    print(f"stated {100 * model.precision:.0f}")
    print(f"AUROC: {area_under_roc(confidences, [bool(item.reading.gold.answers) for item in items]):.3f}")
    print(f"expected calibration error: {expected_calibration_error(confidences, right):.3f}")
    shares = [f"{coverage_at(precision, confidences, right):.3f}" for precision in (0.8, 0.9, 0.95)]
    print(f"coverage at 80, 90 and 95 % precision: {', '.join(shares)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", nargs="+", default=["test"], choices=("train", "dev", "dev-0", "dev-1", "test"))
    parser.add_argument("--reader", help="another reader: a folder or a name on the model hub")
    parser.add_argument("--calibration", type=Path, help="another than the shipped one of the reader")
    parser.add_argument("--limit", type=int, help="only so many questions of each kind")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    cache = Path("var/models")
    embedder = Embedder.load(DEFAULT_EMBEDDER, cache, threads=arguments.threads)
    reader = open_reader(arguments.reader, cache, threads=arguments.threads)
    model = Calibrator.read(arguments.calibration) if arguments.calibration else shipped_for(reader.sha256)
    versions = Versions(CACHE / "written")
    if versions.current() is None:
        index_articles(articles(arguments.data), versions, embedder)
    readings = Readings(versions.open(), embedder, reader, path_for(CACHE, "written", reader))
    print(f"| kind | questions | found in {DEPTH.most} | first right | of three | given | held back |")
    print("|---|---|---|---|---|---|---|")
    everything: list[Options] = []
    for kind, asked in golds(arguments.data, arguments.split).items():
        items = [options(readings.ask(gold)) for gold in asked[: arguments.limit]]
        print(row_of(kind, items, model), flush=True)
        print(f"{kind}: {len(items)}", file=sys.stderr, flush=True)
        everything += items
    print(row_of("all", everything, model))
    print_confidence(everything, model)


if __name__ == "__main__":
    main()
