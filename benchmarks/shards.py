"""Whether shards answer as one index does: ``python -m benchmarks.shards CORPUS_FOLDER [--questions 400]``.

The folder is a data set (see :mod:`benchmarks.corpora`). Its index is split into 4 and 16 shards, and the same
questions are asked of the whole and of the shards, with the readers that ship. Results are compared as a whole, all but
their times: answers, confidences, citations, passages and their scores to the last digit. Milliseconds are processor
time of this process for a search without embedding; the shards are in it, or, with ``--ray HOST:PORT``, on a cluster.
"""

import argparse
import shutil
import statistics
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from benchmarks import report
from benchmarks.corpora import CACHE, index_corpus, read_corpus
from index.models.embedder import SHIPPED, Embedder
from index.sharding.on_ray import OnRay
from index.sharding.sharded import ShardedCorpus
from index.sharding.split import split
from index.storage.corpus import Corpus
from index.storage.filters import EVERYTHING
from index.storage.versions import Versions
from rag.answerer import Answerer, Result
from rag.question import Question
from rag.reading.passage_reader import PassageReader, open_reader
from rag.retrieval.retriever import POOL

ASKED_AT = date(2026, 6, 1)
_PATIENCE = 60.0


def results(corpus: Corpus, questions: Iterable[str], embedder: Embedder, reader: PassageReader) -> list[Result]:
    """What is given to each question, without times."""
    answerer = Answerer(corpus, embedder, reader)
    asked = (Question(text, asked_at=ASKED_AT) for text in questions)
    return [replace(answerer.ask(question), timings_ms={}) for question in asked]


def milliseconds(corpus: Corpus, questions: Iterable[str], embedder: Embedder) -> float:
    """The median processor time of a search."""
    times = []
    for text in questions:
        vector = embedder.embed_question(text)
        begin = time.process_time()
        corpus.candidates(text, vector, EVERYTHING, POOL)
        times.append(1000 * (time.process_time() - begin))
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--shards", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--reader", help="small, for the small reader alone")
    parser.add_argument("--ray", help="cluster that the shards run on")
    arguments = parser.parse_args()
    connect = OnRay(arguments.ray, replicas=1).connect if arguments.ray else None
    corpus = read_corpus(arguments.corpus)
    embedder = Embedder(SHIPPED)
    reader = open_reader(arguments.reader, CACHE / "models")
    every = [*corpus.questions.values()]
    questions = every[:: max(1, len(every) // arguments.questions)][: arguments.questions]
    rows: list[list[object]] = []
    with index_corpus(corpus, embedder) as whole:
        expected = results(whole, questions, embedder, reader)
        rows.append(["one index", whole.manifest.passages, "", milliseconds(whole, questions, embedder)])
        for count in arguments.shards:
            place = CACHE / f"{corpus.name}-shards-{count}"
            shutil.rmtree(place, ignore_errors=True)
            versions = Versions(place)
            folder = versions.path(split(whole, versions, count))
            with ShardedCorpus.open(folder, connect=connect, seconds=_PATIENCE) as shards:
                found = results(shards, questions, embedder, reader)
                same = sum(one == other for one, other in zip(found, expected, strict=True))
                taken = milliseconds(shards, questions, embedder)
            rows.append([f"{count} shards", whole.manifest.passages, f"{same} of {len(questions)}", taken])
    print(report.table(["", "passages", "the same result", "ms of a search"], rows))


if __name__ == "__main__":
    main()
