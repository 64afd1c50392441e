"""BM25 by posting lists beside SQLite's FTS5: ``python -m benchmarks.lexical reuters21578.jsonl.gz``.

Passages are grown of the sentences of Reuters-21578 and indexed both ways. Compared are what both find, how many bytes
they take, and the processor time of writing and of a question. Questions are made of titles, which have common words:
the harder case.
"""

import argparse
import gzip
import json
import random
import resource
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.report import table
from index.sentences import sentences
from index.storage.postings import BLOCK, PostingsWriter
from index.storage.question_terms import question_terms, question_words
from index.storage.schema import TABLES, TOKENIZER
from index.storage.words import Words, best_of

POOL = 132
"""Passages that an ask takes from each search, those beyond the pool that may be as good as its last among them."""

_WORDS = 100
"""Words of a grown passage, its title not counted."""

_SENTENCES = 50_000
_BATCH = 1_000

Found = list[tuple[int, float]]


class Lists:
    """What the index has."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = _connected(path)
        self._connection.executescript(";".join(TABLES))
        self._connection.execute("BEGIN")
        self._writer = PostingsWriter(self._connection)
        self._count = 0

    def add(self, texts: Iterable[str]) -> None:
        """Index texts; the row of each is its position."""
        for text in texts:
            self._writer.put(self._count, text)
            self._count += 1
            if self._count % BLOCK == 0:
                self._writer.flush()

    def finish(self) -> int:
        """Write the rest; the size in bytes."""
        self._writer.finish(self._count)
        self._connection.execute("COMMIT")
        self._words = Words(self._connection.execute)
        return self._path.stat().st_size

    def bm25(self, question: str, allowed: "np.ndarray[tuple[int], np.dtype[np.bool_]] | None" = None) -> Found:
        """The best rows with their scores."""
        return best_of(self._words.scores(question_words(question)), POOL, allowed)


class Fts5:
    """An FTS5 table: it scores every passage that has a word of the question, one by one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = _connected(path)
        self._connection.execute("BEGIN")
        self._connection.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='{TOKENIZER}')")
        self._count = 0

    def add(self, texts: Sequence[str]) -> None:
        """Index texts; the row of each is its position."""
        rows = enumerate(texts, self._count)
        self._connection.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", rows)
        self._count += len(texts)

    def finish(self) -> int:
        """Write the rest; the size in bytes."""
        self._connection.execute("INSERT INTO texts(texts) VALUES ('optimize')")
        self._connection.execute("COMMIT")
        return self._path.stat().st_size

    def bm25(self, question: str) -> Found:
        """The best rows with their scores."""
        expression = " OR ".join(f'"{term}"' for term in question_terms(question))
        query = "SELECT rowid, -rank FROM texts WHERE texts MATCH ? ORDER BY rank, rowid LIMIT ?"
        return self._connection.execute(query, (expression, POOL)).fetchall()


class Grown:
    """Passages of real sentences in random order, with real titles."""

    def __init__(self, reuters: Path) -> None:
        self.titles: list[str] = []
        self._sentences: list[str] = []
        with gzip.open(reuters, "rt", encoding="utf-8") as file:
            while len(self._sentences) < _SENTENCES and (line := file.readline()):
                record = json.loads(line)
                text = str(record["text"])
                self.titles.append(str(record.get("title") or text[:40]))
                self._sentences += [text[start:end] for start, end in sentences(text)]

    def texts(self) -> Iterator[str]:
        """Passages without end, always the same."""
        chance = random.Random(7)
        while True:
            words: list[str] = []
            while len(words) < _WORDS:
                words += chance.choice(self._sentences).split()
            yield f"{chance.choice(self.titles)}\n{' '.join(words[: _WORDS + 20])}"

    def questions(self, count: int) -> list[str]:
        """Questions about what titles name."""
        return [f"What is known about {title.lower()}?" for title in self.titles[:: len(self.titles) // count][:count]]


def measure(grown: Grown, count: int, asked: int, place: Path) -> dict[str, str]:
    """Index, ask, and give the figures by their names."""
    clock = _Clock()
    lists, fts5 = Lists(place / "lists.sqlite"), Fts5(place / "fts5.sqlite")
    writing = {"posting lists": 0.0, "FTS5": 0.0}
    ways: dict[str, Lists | Fts5] = {"posting lists": lists, "FTS5": fts5}
    texts = islice(grown.texts(), count)
    while batch := list(islice(texts, _BATCH)):
        for name, way in ways.items():
            clock.lap()
            way.add(batch)
            writing[name] += clock.lap()
    found: dict[str, str] = {}
    for name, way in ways.items():
        clock.lap()
        size = way.finish()
        found[f"{name}: writing, CPU s"] = f"{writing[name] + clock.lap():.1f}"
        found[f"{name}: MB"] = f"{size / 1e6:.1f}"
    found["most memory of both, MB"] = f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"
    rows = np.arange(count)
    half, hundredth = rows % 2 == 0, rows % 100 == 7
    asking: dict[str, Callable[[str], Found]] = {
        "posting lists": lists.bm25,
        "FTS5": fts5.bm25,
        "posting lists, half of all": lambda question: lists.bm25(question, half),
        "posting lists, 1 % of all": lambda question: lists.bm25(question, hundredth),
    }
    spent: dict[str, list[float]] = {name: [] for name in asking}
    same = 0
    for question in grown.questions(asked):
        best = {}
        for name, ask in asking.items():
            clock.lap()
            best[name] = ask(question)
            spent[name].append(1000 * clock.lap())
        same += best["posting lists"] == best["FTS5"]
    for name, laps in spent.items():
        found[f"{name}: a question, CPU ms, median; p95"] = f"{np.median(laps):.2f}; {np.quantile(laps, 0.95):.2f}"
    return found | {"questions with the same passages and scores": f"{same} of {asked}"}


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", f"mmap_size={2**30}"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class _Clock:
    """Processor time of this process."""

    def __init__(self) -> None:
        self._last = time.process_time()

    def lap(self) -> float:
        """Seconds since it was asked last."""
        before, self._last = self._last, time.process_time()
        return self._last - before


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reuters", type=Path)
    parser.add_argument("--counts", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--asked", type=int, default=100)
    given = parser.parse_args(arguments)
    grown = Grown(given.reuters)
    figures = []
    for count in given.counts:
        place = Path(tempfile.mkdtemp(prefix="lexical-"))
        try:
            figures.append(measure(grown, count, given.asked, place))
        finally:
            shutil.rmtree(place)
        print(json.dumps(figures[-1]), flush=True)
    rows = [[name, *(each[name] for each in figures)] for name in figures[0]]
    print(table(["", *(f"{count:,} passages" for count in given.counts)], rows))


if __name__ == "__main__":
    main()
