"""Questions in other languages than English: ``python -m benchmarks.multilingual QUESTIONS.jsonl.gz``.

The file has questions with their passages, and the ``language`` of each (XQuAD, Artetxe et al. 2020). Of every language
its passages become an index. Printed are, for the English models that ship and for those of the extra ``multilingual``:

* ``recall``: how often the right passage is among the first five that are found;
* ``f1``: of what the reader takes out of the right passage;
* ``confidence``: how true it is, of each question asked twice, once with its passage left out of the search. An answer
  is right from an F1 of 0.5 on; without its passage none is.

F1 is that of MLQA (Lewis et al. 2020): punctuation and the articles of the language make no difference, and Chinese is
compared by characters. MLQA has no Thai, which is compared by characters, too.
"""

import argparse
import gzip
import json
import statistics
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import regex

from benchmarks.corpora import CACHE
from index.article import Article, Block
from index.building.builder import index_articles
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.models.multilingual import MULTILINGUAL
from index.storage.filters import Filters
from index.storage.snapshot import Snapshot
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.evaluating.evaluation import RIGHT_F1
from rag.evaluating.metrics import area_under_roc, expected_calibration_error
from rag.question import Question
from rag.ranking.calibration import shipped_for
from rag.reading.passage_reader import PassageReader, open_reader, reader_beside

FIRST = 5
"""Passages that are looked at."""

ARTICLES = {
    "ar": "ال",
    "de": r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
    "en": r"\b(a|an|the)\b",
    "es": r"\b(un|una|unos|unas|el|la|los|las)\b",
    "vi": r"\b(của|là|cái|chiếc|những)\b",
}
_CHARACTER = regex.compile(r"[\p{Han}\p{Thai}]\p{M}*|[^\p{Han}\p{Thai}\s]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its passage and the answers in it."""

    question: str
    passage: str
    answers: tuple[str, ...]


def read(path: Path) -> dict[str, list[Asked]]:
    """The questions by language."""
    found: dict[str, list[Asked]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            texts = tuple(answer["text"] for answer in row["answers"])
            found.setdefault(row["language"], []).append(Asked(row["question"], row["context"], texts))
    return dict(sorted(found.items()))


def sample(asked: Sequence[Asked], count: int | None) -> Sequence[Asked]:
    """So many of them, from all over the set."""
    return asked if count is None or count >= len(asked) else [asked[at * len(asked) // count] for at in range(count)]


def parts(text: str, language: str) -> list[str]:
    """What of an answer is compared."""
    plain = "".join(c for c in text.lower() if not (unicodedata.category(c).startswith("P") or c in string.punctuation))
    if language in ARTICLES:
        plain = regex.sub(ARTICLES[language], " ", plain)
    return _CHARACTER.findall(plain)


def f1(answer: str, golds: Sequence[str], language: str) -> float:
    """The best F1 with any of ``golds``."""
    mine = Counter(parts(answer, language))
    others = [Counter(parts(gold, language)) for gold in golds]
    return max(2 * (mine & other).total() / max(1, mine.total() + other.total()) for other in others)


def open_index(passages: Sequence[str], embedder: Embedder, folder: Path) -> Snapshot:
    """The passages as an index, each an article; its id is its number."""
    articles = [Article(name_of(at), "", text, (Block(0, len(text)),)) for at, text in enumerate(passages)]
    versions = Versions(folder)
    index_articles(articles, versions, embedder)
    return versions.open()


def name_of(passage: int) -> str:
    """The id of a passage's article."""
    return f"p{passage}"


def recall(asked: Sequence[Asked], passages: Sequence[str], answerer: Answerer) -> float:
    """How often the passage of a question is among the first that are found for it among all."""
    return statistics.fmean(
        name_of(passages.index(one.passage))
        in [found.article.id for found in answerer.search(one.question, limit=FIRST)]
        for one in asked
    )


def overlaps(asked: Sequence[Asked], language: str, reader: PassageReader) -> Iterator[float]:
    """The F1 of what is read out of each question's passage."""
    for one in asked:
        [spans] = reader.read(one.question, [one.passage], 1)
        yield f1(one.passage[spans[0].start : spans[0].end] if spans else "", one.answers, language)


def answered(
    asked: Sequence[Asked], language: str, passages: Sequence[str], answerer: Answerer
) -> Iterator[tuple[float, bool]]:
    """The confidence of the best answer and whether it is right, with and without the question's passage."""
    for one in asked:
        others = tuple(name_of(at) for at, passage in enumerate(passages) if passage != one.passage)
        for filters in (Filters(), Filters(article_ids=others)):
            answers = answerer.ask(Question(one.question, filters=filters, limit=1, min_confidence=0.0)).answers
            best, confidence = (answers[0].text, answers[0].confidence) if answers else ("", 0.0)
            yield confidence, not filters and f1(best, one.answers, language) >= RIGHT_F1


def truth(judged: Sequence[tuple[float, bool]], threshold: float) -> dict[str, float]:
    """How true confidences are, and what a threshold lets through; each second one is without its passage."""
    confidences, right = [confidence for confidence, _ in judged], [hit for _, hit in judged]
    given = [hit for confidence, hit in judged if confidence >= threshold]
    return {
        "ECE": expected_calibration_error(confidences, right),
        "AUROC": area_under_roc(confidences, right),
        "right, of given": statistics.fmean(given) if given else float("nan"),
        "given": statistics.fmean(confidence >= threshold for confidence in confidences[::2]),
        "without": statistics.fmean(confidence >= threshold for confidence in confidences[1::2]),
    }


def measured(
    language: str,
    everything: Sequence[Asked],
    embedder: Embedder,
    reader: PassageReader,
    judged: list[tuple[float, bool]],
    arguments: argparse.Namespace,
) -> dict[str, float]:
    """The figures of one language; its confidences are added to ``judged``."""
    figures: dict[str, float] = {}
    asked = sample(everything, arguments.limit)
    if arguments.only in (None, "f1"):
        figures["F1"] = 100 * statistics.fmean(overlaps(asked, language, reader))
    if arguments.only == "f1":
        return figures
    passages = list(dict.fromkeys(one.passage for one in everything))
    folder = arguments.cache / f"multilingual-{language}-{embedder.fingerprint[:8]}"
    with open_index(passages, embedder, folder) as snapshot:
        answerer = Answerer(snapshot, embedder, reader)
        if arguments.only in (None, "recall"):
            figures[f"recall@{FIRST}"] = recall(asked, passages, answerer)
        if arguments.only in (None, "confidence"):
            own = list(answered(asked, language, passages, answerer))
            judged += own
            figures |= truth(own, answerer.calibrator.threshold)
    return figures


def line(name: str, figures: Iterable[float]) -> str:
    """One line of the table."""
    return f"{name:<8}" + "".join(f"{figure:>16.3f}" for figure in figures)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--limit", type=int, help="only so many questions of each language, from all over the set")
    parser.add_argument("--languages", nargs="+", help="only these")
    parser.add_argument("--embedders", nargs="+", default=[DEFAULT_EMBEDDER, MULTILINGUAL])
    parser.add_argument("--only", choices=("recall", "f1", "confidence"), help="leave out the others")
    parser.add_argument("--models", type=Path, default=Path("var/models"), help="folder of the compiled models")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of the indexes")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    sets = read(arguments.questions)
    for name in arguments.embedders:
        embedder = Embedder.load(name, arguments.models, threads=arguments.threads)
        reader = open_reader(reader_beside(name, None), arguments.models, threads=arguments.threads)
        rows: list[dict[str, float]] = []
        judged: list[tuple[float, bool]] = []
        for language, everything in sets.items():
            if arguments.languages and language not in arguments.languages:
                continue
            rows.append(measured(language, everything, embedder, reader, judged, arguments))
            if len(rows) == 1:
                print(f"{name}\nlanguage" + "".join(f"{figure:>16}" for figure in rows[0]), flush=True)
            print(line(language, rows[-1].values()), flush=True)
        means = [statistics.fmean(column) for column in zip(*(row.values() for row in rows), strict=True)]
        print(line("mean", means), flush=True)
        if judged:
            together = truth(judged, shipped_for(reader.sha256).threshold)
            print("together", {name: round(figure, 3) for name, figure in together.items()}, flush=True)


if __name__ == "__main__":
    main()
