"""Questions in other languages than English: ``python -m benchmarks.multilingual QUESTIONS.jsonl.gz``.

The file has questions with their passages, and the ``language`` of each (XQuAD, Artetxe et al. 2020). Of every language
its passages become an index; printed is how often the right one is among the first five that are found, and the F1 of
what the reader takes out of the right one, by the English models that ship and by those of the extra ``multilingual``.

F1 is that of MLQA (Lewis et al. 2020): the articles of the language and punctuation of any kind make no difference, and
Chinese and Thai are compared by characters.
"""

import argparse
import gzip
import json
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import regex

from benchmarks.corpora import CACHE
from index.article import Article, Block
from index.building.builder import index_articles
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.models.multilingual import MULTILINGUAL
from index.storage.filters import Filters
from index.storage.versions import Versions
from rag.reading.passage_reader import PassageReader, open_reader, reader_beside
from rag.retrieval.retriever import Retriever

FIRST = 5
"""Passages that are looked at."""

ARTICLES = {
    "ar": r"\bال",
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
    plain = "".join(" " if unicodedata.category(c).startswith("P") else c for c in text.lower())
    if language in ARTICLES:
        plain = regex.sub(ARTICLES[language], " ", plain)
    return _CHARACTER.findall(plain)


def f1(answer: str, golds: Sequence[str], language: str) -> float:
    """The best F1 with any of ``golds``."""
    mine = Counter(parts(answer, language))
    others = [Counter(parts(gold, language)) for gold in golds]
    return max(2 * (mine & other).total() / max(1, mine.total() + other.total()) for other in others)


def recall(asked: Sequence[Asked], passages: Sequence[str], embedder: Embedder, folder: Path) -> float:
    """How often the passage of a question is among the first that are found for it among all."""
    articles = [Article(f"p{at}", "", text, (Block(0, len(text)),)) for at, text in enumerate(passages)]
    versions = Versions(folder)
    index_articles(articles, versions, embedder)
    with versions.open() as snapshot:
        retriever = Retriever(snapshot, embedder)
        hits = [
            f"p{passages.index(one.passage)}"
            in [found.article.id for found in retriever.search(retriever.begin(one.question, Filters()), FIRST)]
            for one in asked
        ]
    return statistics.fmean(hits)


def overlaps(asked: Sequence[Asked], language: str, reader: PassageReader) -> Iterator[float]:
    """The F1 of what is read out of each question's passage."""
    for one in asked:
        [spans] = reader.read(one.question, [one.passage], 1)
        yield f1(one.passage[spans[0].start : spans[0].end] if spans else "", one.answers, language)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--limit", type=int, help="only so many questions of each language, from all over the set")
    parser.add_argument("--languages", nargs="+", help="only these")
    parser.add_argument("--embedders", nargs="+", default=[DEFAULT_EMBEDDER, MULTILINGUAL])
    parser.add_argument("--only", choices=("recall", "f1"), help="leave out the other")
    parser.add_argument("--models", type=Path, default=Path("var/models"), help="folder of the compiled models")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of the indexes")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    sets = read(arguments.questions)
    for name in arguments.embedders:
        embedder = Embedder.load(name, arguments.models, threads=arguments.threads)
        reader = (
            open_reader(reader_beside(name, None), arguments.models, threads=arguments.threads)
            if arguments.only != "recall"
            else None
        )
        print(f"{name}\nlanguage  recall@{FIRST}     F1", flush=True)
        rows = []
        for language, everything in sets.items():
            if arguments.languages and language not in arguments.languages:
                continue
            asked = sample(everything, arguments.limit)
            passages = list(dict.fromkeys(one.passage for one in everything))
            folder = arguments.cache / f"multilingual-{language}-{embedder.fingerprint[:8]}"
            found = recall(asked, passages, embedder, folder) if arguments.only != "f1" else float("nan")
            right = statistics.fmean(overlaps(asked, language, reader)) if reader else float("nan")
            rows.append((found, 100 * right))
            print(f"{language:<8}{rows[-1][0]:10.3f}{rows[-1][1]:8.1f}", flush=True)
        means = [statistics.fmean(column) for column in zip(*rows, strict=True)]
        print(f"{'mean':<8}{means[0]:10.3f}{means[1]:8.1f}\n", flush=True)


if __name__ == "__main__":
    main()
