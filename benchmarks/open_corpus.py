"""Answers over a whole corpus: ``python -m benchmarks.open_corpus CORPUS_FOLDER QUESTIONS.jsonl.gz``.

The folder is a data set (see :mod:`benchmarks.corpora`); the questions are lines of ``id``, ``title``, ``question``,
``context``, ``answers``. Printed are retrieval, the top answer, how true its confidence is, and the reader alone on the
gold passage. Every question is asked twice, the second time with all that has its title taken out, when no answer can
be right. ``--near-misses FILE`` adds the questions of that file about the same titles that their passage does not
answer.

Nothing is fitted here: the calibration is the shipped one or ``--calibration FILE``. What was read is kept (see
:mod:`training.readings`), so that a second run takes seconds.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.corpora import CACHE, Corpus, index_corpus, read_corpus
from benchmarks.turns import percentile
from index.building.builder import PASSAGE_TOKENS
from index.models.embedder import DEFAULT_EMBEDDER, PRECISIONS, Embedder
from rag.evaluating.metrics import (
    area_under_risk_coverage,
    area_under_roc,
    coverage_at,
    exact_match,
    expected_calibration_error,
    f1,
    recall,
    reciprocal_rank,
    reliability,
)
from rag.ranking.calibration import Calibrator, shipped_for
from rag.reading.passage_reader import PassageReader, open_reader
from rag.retrieval.depth import DEPTH, Depth
from rag.retrieval.retriever import DENSE_WEIGHT
from training.calibrate import Options, judge, options
from training.data import of_half, read_examples
from training.open_corpus import golds_of
from training.readings import Gold, Reading, Readings, path_for


def read_golds(path: Path, half: int | None = None) -> list[Gold]:
    """Read the questions, in an order that mixes the titles; only those of one half of the titles, when given."""
    return golds_of(of_half(list(read_examples(path)), lambda example: example.title, half))


def asked_of(corpus: Corpus, path: Path, half: int | None, limit: int | None) -> list[Gold]:
    """The first ``limit`` questions of the file that the corpus has a relevant document for."""
    return [gold for gold in read_golds(path, half) if gold.id in corpus.questions][:limit]


def readings_path(
    corpus: Corpus,
    embedder: Embedder,
    reader: PassageReader,
    dense_weight: float = DENSE_WEIGHT,
    depth: Depth = DEPTH,
) -> Path:
    """Where the readings of a corpus by two models are kept."""
    name = corpus.name if embedder.precision == "int8" else f"{corpus.name}-{embedder.precision}"
    return path_for(CACHE, name, reader, dense_weight, depth)


def ranked_overlaps(item: Options, model: Calibrator) -> list[float]:
    """The F1 of a question's answers, best first as the model ranks them."""
    return [item.f1[at] for at, _ in model.rank(item.evidence)]


def hits(reading: Reading, corpus: Corpus) -> list[bool]:
    """For each article found, best first, whether it is the right one."""
    articles = dict.fromkeys(passage.article.id for passage in reading.found)
    return [article in corpus.relevant[reading.gold.id] for article in articles]


def print_table(ways: dict[str, list[Reading]], corpus: Corpus, model: Calibrator) -> None:
    """Retrieval and answers by way of searching."""
    print("| search | recall@1 | recall@5 | recall@20 | MRR@10 | EM | F1 | F1 of the best of 3 |")
    print("|---|---|---|---|---|---|---|---|")
    for name, readings in ways.items():
        relevant = [hits(reading, corpus) for reading in readings]
        answers = [options(reading) for reading in readings]
        ranked = [ranked_overlaps(item, model) for item in answers]
        exact = [[item.exact[at] for at, _ in model.rank(item.evidence)[:1]] for item in answers]
        cells = [
            *(_mean(recall(found, 1, limit) for found in relevant) for limit in (1, 5, 20)),
            _mean(reciprocal_rank(found) for found in relevant),
            _mean(sum(hit) for hit in exact),
            _mean(overlaps[0] if overlaps else 0.0 for overlaps in ranked),
            _mean(max(overlaps[:3], default=0.0) for overlaps in ranked),
        ]
        print(f"| {name} | " + " | ".join(f"{100 * cell:.1f}" for cell in cells) + " |")


def _mean(values: Iterator[float]) -> float:
    return statistics.fmean(values)


def print_confidence(name: str, items: Sequence[Options], model: Calibrator) -> None:
    """How true the confidence is, and how well it tells questions with an answer from those without."""
    tops = [judge(model, item) for item in items]
    confidences, right = [confidence for confidence, _ in tops], [hit for _, hit in tops]
    possible = [item.kind == "inside" for item in items]
    given = [confidence >= model.threshold for confidence in confidences]
    right_given = sum(hit for hit, shown in zip(right, given, strict=True) if shown)
    answered = sum(shown for shown, can in zip(given, possible, strict=True) if can)
    silent = sum(not shown for shown, can in zip(given, possible, strict=True) if not can)
    print(f"\n{name}: {len(items)} questions, {sum(possible)} of them answerable")
    print(f"AUROC, answerable against not: {area_under_roc(confidences, possible):.3f}")
    print(f"expected calibration error, ten bins: {expected_calibration_error(confidences, right):.3f}")
    print(
        f"area under risk-coverage: {area_under_risk_coverage(confidences, right):.3f}; coverage at 90 and 95 % ",
        end="",
    )
    print(f"precision: {coverage_at(0.9, confidences, right):.3f}, {coverage_at(0.95, confidences, right):.3f}")
    print(
        f"at the default threshold ({model.threshold:.2f}): {100 * right_given / max(1, sum(given)):.1f} % of those ",
        end="",
    )
    print(f"given are right, asked {100 * model.precision:.0f}; {100 * answered / sum(possible):.1f} % of the ", end="")
    print(f"answerable are answered, {100 * silent / (len(items) - sum(possible)):.1f} % of the others held back")
    bins = reliability(confidences, right)
    print("confidence  " + " ".join(f"{own.confidence:6.2f}" for own in bins))
    print("right       " + " ".join(f"{own.right:6.2f}" for own in bins))
    print("questions   " + " ".join(f"{own.count:6d}" for own in bins))


def print_gold(golds: Sequence[Gold], reader: PassageReader) -> None:
    """What the reader finds when it is given the passage that holds the answer."""
    scores = []
    for gold in golds:
        spans = reader.read(gold.question, [gold.context], 1)[0]
        text = gold.context[spans[0].start : spans[0].end] if spans else ""
        scores.append((exact_match(text, gold.answers), f1(text, gold.answers)))
    exact, overlap = (100 * statistics.fmean(column) for column in zip(*scores, strict=True))
    print(f"\ngold passage, {len(golds)} questions: EM {exact:.1f}, F1 {overlap:.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument(
        "--near-misses", type=Path, help="a file of questions, of which those without answers are asked"
    )
    parser.add_argument("--half", type=int, choices=(0, 1), help="only the questions about every second title")
    parser.add_argument("--limit", type=int, help="only so many questions of each file")
    parser.add_argument("--read", type=int, default=DEPTH.most, help="passages to read at most")
    parser.add_argument("--far-behind", action="store_true", help="read those far behind, too, and however long")
    parser.add_argument("--passage-tokens", type=int, default=PASSAGE_TOKENS)
    parser.add_argument("--reader", help="another reader: a folder or a name on the model hub")
    parser.add_argument("--reader-precision", choices=PRECISIONS, default="int8", help="of --reader")
    parser.add_argument("--embedder-precision", choices=PRECISIONS, default="int8")
    parser.add_argument("--calibration", type=Path, help="another than the shipped one of the reader")
    parser.add_argument("--only-fused", action="store_true", help="leave out dense alone and BM25 alone")
    gold = parser.add_mutually_exclusive_group()
    gold.add_argument("--no-gold", action="store_true", help="leave out the reader alone on the gold passage")
    gold.add_argument("--only-gold", action="store_true", help="nothing but that")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    cache = Path("var/models")
    embedder = Embedder.load(DEFAULT_EMBEDDER, cache, arguments.embedder_precision, arguments.threads)
    reader = open_reader(arguments.reader, cache, arguments.reader_precision, arguments.threads)
    model = Calibrator.read(arguments.calibration) if arguments.calibration else shipped_for(reader.sha256)
    depth = Depth.every(arguments.read) if arguments.far_behind else replace(DEPTH, most=arguments.read)
    corpus = read_corpus(arguments.corpus)
    golds = asked_of(corpus, arguments.questions, arguments.half, arguments.limit)
    if arguments.only_gold:
        print_gold(golds, reader)
        return
    asked_about = {each.title for each in golds}
    others = read_golds(arguments.near_misses) if arguments.near_misses else []
    near = [each for each in others if each.title in asked_about and not each.answers]
    snapshot = index_corpus(corpus, embedder, arguments.passage_tokens)
    weights = {"fused": DENSE_WEIGHT} if arguments.only_fused else {"dense": 1.0, "BM25": 0.0, "fused": DENSE_WEIGHT}
    readings = {
        name: Readings(
            snapshot, embedder, reader, readings_path(corpus, embedder, reader, weight, depth), depth, weight
        )
        for name, weight in weights.items()
    }
    asked: dict[str, list[Reading]] = {name: [] for name in weights}
    outside: list[Reading] = []
    progress = _progress(len(golds))
    for count, each in enumerate(golds, 1):
        for name in weights:
            asked[name].append(readings[name].ask(each))
        outside.append(readings["fused"].ask(each, title_out=True))
        progress(count)
    missed = [readings["fused"].ask(each) for each in near[: arguments.limit]]
    print(f"{corpus.name}: {len(corpus.articles)} documents, {snapshot.manifest.passages} passages, ", end="")
    print(f"{len(golds)} questions; ", end="")
    print(_work([*asked["fused"], *outside]), end="\n\n")
    print_table(asked, corpus, model)
    both = [options(reading) for reading in [*asked["fused"], *outside]]
    print_confidence("every question, and again without its title", both, model)
    if missed:
        inside = [options(reading) for reading in [*asked["fused"], *missed]]
        print_confidence("every question, and near misses", inside, model)
    if not arguments.no_gold:
        print_gold(golds, reader)


def _work(readings: Sequence[Reading]) -> str:
    read = [[reading.found[at].passage for at in reading.read] for reading in readings]
    lengths = [sum(passage.end - passage.start for passage in passages) for passages in read]
    passages = statistics.fmean(map(len, read))
    told = f"{passages:.2f} passages read on average, {statistics.fmean(lengths):,.0f} characters"
    return f"{told} (95th percentile {percentile(lengths, 0.95):,.0f})"


def _progress(total: int) -> Callable[[int], None]:
    start = time.monotonic()

    def show(count: int) -> None:
        if count % 100 == 0:
            print(f"{count} of {total}, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)

    return show


if __name__ == "__main__":
    main()
