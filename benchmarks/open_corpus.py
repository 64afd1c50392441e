"""Answers over a whole corpus: ``python -m benchmarks.open_corpus CORPUS_FOLDER QUESTIONS.jsonl.gz``.

The folder is a data set (see :mod:`benchmarks.corpora`); the questions are lines of ``id``, ``title``, ``question``,
``context``, ``answers``. Printed are retrieval, the top answer, and the reader alone on the gold passage. Every
question is asked twice, the second time with all that has its title taken out, when no answer can be right.

Confidences are cross-fitted: the titles are cut in two, and each half is judged with a calibration fitted on the other.
``--write FILE`` stores a calibration fitted on both.
"""

import argparse
import gzip
import hashlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import Corpus, index_corpus, read_corpus
from index.builder import PASSAGE_TOKENS
from index.embedder import DEFAULT_EMBEDDER, Embedder
from index.filters import Filters
from index.snapshot import Snapshot
from rag.answerer import READ
from rag.calibration import Calibrator, Evidence, fit
from rag.candidates import Candidate, gather
from rag.evaluation import RIGHT_F1
from rag.metrics import area_under_roc, exact_match, expected_calibration_error, f1, recall, reciprocal_rank
from rag.reader import Reader
from rag.retriever import DENSE_WEIGHT, RetrievedPassage, Retriever
from rag.spans import Span

PRECISION = 0.8
"""The share of right answers among those given for which the default threshold is chosen."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A question with its title, the passage that answers it, and the answers that count."""

    id: str
    title: str
    question: str
    context: str
    answers: tuple[str, ...]

    @property
    def fold(self) -> int:
        """Which half of the titles it belongs to."""
        return hashlib.sha256(self.title.encode()).digest()[1] % 2


@dataclass(frozen=True, slots=True)
class Option:
    """A candidate answer: what the calibrator sees of it, and how right it is."""

    evidence: Evidence
    exact: float
    f1: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One question asked once: its candidates, and for each article found whether it is the right one."""

    gold: Gold
    options: tuple[Option, ...]
    hits: tuple[bool, ...]


def read_golds(path: Path) -> list[Gold]:
    """Read the questions, in an order that mixes the titles."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    golds = [
        Gold(
            record["id"],
            record["title"],
            record["question"],
            record["context"],
            tuple(answer["text"] for answer in record["answers"]),
        )
        for record in records
    ]
    return sorted(golds, key=lambda gold: hashlib.sha256(gold.id.encode()).digest())


class Asker:
    """Asks questions of one index with one weight of fusion; passages read before are not read again."""

    def __init__(self, snapshot: Snapshot, embedder: Embedder, reader: Reader, corpus: Corpus, read: int) -> None:
        self._retrievers = {weight: Retriever(snapshot, embedder, weight) for weight in (1.0, 0.0, DENSE_WEIGHT)}
        self._reader = reader
        self._corpus = corpus
        self._titles = sorted({article.title for article in corpus.articles})
        self._read = read
        self._known: dict[tuple[str, str], list[Span]] = {}

    def ask(self, gold: Gold, weight: float, without_title: bool = False) -> Asked:
        """Ask one question; with ``without_title``, of all but the articles of its title."""
        title = gold.title.replace("_", " ")
        others = tuple(other for other in self._titles if other != title)
        retriever = self._retrievers[weight]
        filters = Filters(tags=others) if without_title else Filters()
        found = retriever.search(gold.question, retriever.embed(gold.question), filters, 40)
        articles = list(dict.fromkeys(passage.article.id for passage in found))
        relevant = self._corpus.relevant[gold.id]
        candidates = gather(found[: self._read], self._spans(gold.question, found[: self._read]))
        golds = () if without_title else gold.answers
        return Asked(
            gold,
            tuple(_option(candidate, golds) for candidate in candidates),
            tuple(article in relevant for article in articles),
        )

    def forget(self) -> None:
        """Drop what was read for the last question."""
        self._known.clear()

    def _spans(self, question: str, found: Sequence[RetrievedPassage]) -> list[list[Span]]:
        new = [passage for passage in found if (question, passage.passage.id) not in self._known]
        read = self._reader.read(question, [passage.text for passage in new]) if new else []
        for passage, spans in zip(new, read, strict=True):
            self._known[question, passage.passage.id] = spans
        return [self._known[question, passage.passage.id] for passage in found]


def _option(candidate: Candidate, golds: Sequence[str]) -> Option:
    if not golds:
        return Option(candidate.evidence, 0.0, 0.0)
    return Option(candidate.evidence, exact_match(candidate.text, golds), f1(candidate.text, golds))


def calibrator_of(asked: Sequence[Asked], note: str) -> Calibrator:
    """Fit a calibrator to the candidates of the questions."""
    evidence = [[option.evidence for option in item.options] for item in asked]
    right = [[option.f1 >= RIGHT_F1 for option in item.options] for item in asked]
    return fit(evidence, right, PRECISION, note)


def ranked(asked: Sequence[Asked], fitting: Sequence[Asked]) -> list[tuple[Asked, list[tuple[float, Option]], float]]:
    """Each question with its candidates by confidence and the threshold, fitted on the other half of the titles."""
    by_fold = {
        fold: calibrator_of([item for item in fitting if item.gold.fold != fold], "the other half") for fold in (0, 1)
    }
    result = []
    for item in asked:
        calibrator = by_fold[item.gold.fold]
        ranking = calibrator.rank([option.evidence for option in item.options])
        options = [(confidence, item.options[at]) for at, confidence in ranking]
        result.append((item, options, calibrator.threshold))
    return result


def _mean(values: Iterator[float]) -> float:
    return statistics.fmean(values)


def print_table(inside: dict[str, list[Asked]]) -> None:
    """Retrieval and answers by way of searching."""
    print("| search | recall@1 | recall@5 | recall@20 | MRR@10 | EM | F1 | F1 of the best of 3 |")
    print("|---|---|---|---|---|---|---|---|")
    for name, asked in inside.items():
        order = ranked(asked, asked)
        cells = [
            *(_mean(recall(item.hits, 1, limit) for item in asked) for limit in (1, 5, 20)),
            _mean(reciprocal_rank(item.hits) for item in asked),
            _mean(options[0][1].exact if options else 0.0 for _, options, _ in order),
            _mean(options[0][1].f1 if options else 0.0 for _, options, _ in order),
            _mean(max((option.f1 for _, option in options[:3]), default=0.0) for _, options, _ in order),
        ]
        print(f"| {name} | " + " | ".join(f"{100 * cell:.1f}" for cell in cells) + " |")


def print_confidence(inside: Sequence[Asked], outside: Sequence[Asked]) -> None:
    """How far the confidence can be trusted, and how well it tells questions with an answer from those without."""
    order = ranked([*inside, *outside], [*inside, *outside])
    confidences = [options[0][0] if options else 0.0 for _, options, _ in order]
    rights = [bool(options) and options[0][1].f1 >= RIGHT_F1 for _, options, _ in order]
    thresholds = [threshold for _, _, threshold in order]
    given = [c >= threshold for c, threshold in zip(confidences, thresholds, strict=True)]
    possible = [True] * len(inside) + [False] * len(outside)
    right_given = sum(right for right, shown in zip(rights, given, strict=True) if shown)
    print(f"AUROC, answerable against title taken out: {area_under_roc(confidences, possible):.3f}")
    print(f"expected calibration error, ten bins: {expected_calibration_error(confidences, rights):.3f}")
    print(f"at the default threshold ({min(thresholds):.2f}, {max(thresholds):.2f} by half): ", end="")
    print(
        f"{100 * right_given / max(1, sum(given)):.1f} % of those given are right, asked {100 * PRECISION:.0f}; ",
        end="",
    )
    answered = sum(shown for shown, can in zip(given, possible, strict=True) if can)
    silent = sum(not shown for shown, can in zip(given, possible, strict=True) if not can)
    print(f"{100 * answered / len(inside):.1f} % of the answerable are answered, ", end="")
    print(f"{100 * silent / max(1, len(outside)):.1f} % of the others are held back")


def print_gold(golds: Sequence[Gold], reader: Reader) -> None:
    """What the reader finds when it is given the passage that holds the answer."""
    scores = []
    for gold in golds:
        spans = reader.read(gold.question, [gold.context], 1)[0]
        text = gold.context[spans[0].start : spans[0].end] if spans else ""
        scores.append((exact_match(text, gold.answers), f1(text, gold.answers)))
    exact, overlap = (100 * statistics.fmean(column) for column in zip(*scores, strict=True))
    print(f"gold passage, {len(golds)} questions: EM {exact:.1f}, F1 {overlap:.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--limit", type=int, help="only so many questions")
    parser.add_argument("--read", type=int, default=READ, help="passages to read")
    parser.add_argument("--passage-tokens", type=int, default=PASSAGE_TOKENS)
    parser.add_argument("--reader", help="another reader: a folder or a name on the model hub")
    parser.add_argument("--only-fused", action="store_true", help="leave out dense alone and BM25 alone")
    parser.add_argument("--write", type=Path, help="store a calibration fitted on all the questions")
    arguments = parser.parse_args()
    cache = Path("var/models")
    embedder, reader = Embedder.load(DEFAULT_EMBEDDER, cache), Reader.load(arguments.reader, cache)
    corpus = read_corpus(arguments.corpus)
    golds = [gold for gold in read_golds(arguments.questions) if gold.id in corpus.questions][: arguments.limit]
    snapshot = index_corpus(corpus, embedder, arguments.passage_tokens)
    asker = Asker(snapshot, embedder, reader, corpus, arguments.read)
    ways = {"fused": DENSE_WEIGHT} if arguments.only_fused else {"dense": 1.0, "BM25": 0.0, "fused": DENSE_WEIGHT}
    inside: dict[str, list[Asked]] = {name: [] for name in ways}
    outside: list[Asked] = []
    progress = _progress(len(golds))
    for count, gold in enumerate(golds, 1):
        for name, weight in ways.items():
            inside[name].append(asker.ask(gold, weight))
        outside.append(asker.ask(gold, DENSE_WEIGHT, without_title=True))
        asker.forget()
        progress(count)
    print(f"{corpus.name}: {len(corpus.articles)} documents, {snapshot.manifest.passages} passages, ", end="")
    print(f"{len(golds)} questions, {arguments.read} passages read\n")
    print_table(inside)
    print_confidence(inside["fused"], outside)
    print_gold(golds, reader)
    if arguments.write:
        note = f"{len(golds)} questions of {corpus.name}, each also without its title; reader {reader.sha256[:12]}"
        calibrator_of([*inside["fused"], *outside], note).write(arguments.write)


def _progress(total: int) -> Callable[[int], None]:
    start = time.monotonic()

    def show(count: int) -> None:
        if count % 100 == 0:
            print(f"{count} of {total}, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)

    return show


if __name__ == "__main__":
    main()
