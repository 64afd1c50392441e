"""What a retriever and a reader make of many questions, kept on disk.

Reading takes hours of processor time and fitting what comes after it seconds. So every question is asked once for each
reader, and what the reader said is appended to a file as JSON Lines; a run that was stopped goes on where it was.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from index.article import Article, Passage
from index.models.embedder import Embedder
from index.storage.filters import Filters
from index.storage.snapshot import Snapshot
from rag.answerer import read_found
from rag.reading.passage_reader import PassageReader
from rag.reading.spans import ScoredSpan
from rag.retrieval.depth import DEPTH, Depth
from rag.retrieval.retriever import DENSE_WEIGHT, RetrievedPassage, Retriever

FOUND = 40
"""Passages whose scores are kept for a question."""

SPANS = 3
"""Spans kept of each passage that is read."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A question with its title, the passage that it was asked about, and the answers that count, perhaps none."""

    id: str
    title: str
    question: str
    context: str
    answers: tuple[str, ...]

    @property
    def order(self) -> bytes:
        """A key that mixes the titles."""
        return hashlib.sha256(self.id.encode()).digest()


@dataclass(frozen=True, slots=True)
class Reading:
    """A question asked once: the passages found, best first, the places of those that were read, and their spans.

    ``title_out`` says that all articles of its title were left out of the search, so that no answer can be right.
    """

    gold: Gold
    title_out: bool
    found: tuple[RetrievedPassage, ...]
    read: tuple[int, ...]
    spans: tuple[tuple[ScoredSpan, ...], ...]

    @property
    def answers(self) -> tuple[str, ...]:
        """The answers that count, given what was searched."""
        return () if self.title_out else self.gold.answers


def path_for(
    folder: Path, corpus: str, reader: PassageReader, dense_weight: float = DENSE_WEIGHT, depth: Depth = DEPTH
) -> Path:
    """The file of a corpus, a reader, a weight of fusion and a depth."""
    how = "" if depth == DEPTH else f"-{'-'.join(f'{number:g}' for number in astuple(depth))}"
    return folder / "readings" / f"{corpus}-{reader.sha256[:12]}-{dense_weight:g}{how}.jsonl"


class Readings:
    """Asks questions of one index with one reader, as one file has them. The tag of an article is its title."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder,
        reader: PassageReader,
        path: Path,
        depth: Depth = DEPTH,
        dense_weight: float = DENSE_WEIGHT,
    ) -> None:
        """``depth`` says which passages are read for each question; the records are kept in the file ``path``."""
        self._depth = depth
        self._retriever = Retriever(snapshot, embedder, dense_weight)
        self._reader = reader
        self._path = path
        self._places = dict(_passages(snapshot))
        self._titles = sorted({article.tags[0] for _, article in self._places.values()})
        self._known = _read_lines(self._path)

    def ask(self, gold: Gold, title_out: bool = False) -> Reading:
        """Ask a question, or look up what was found and read when it was asked before."""
        key = f"{'out' if title_out else 'in'} {gold.id}"
        record = self._known.get(key)
        if record is None or not self._holds(record):
            record = self._known[key] = {"key": key, **self._record(gold, title_out)}
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        found = tuple(RetrievedPassage(*self._places[name], *scores) for name, *scores in record["found"])
        spans = tuple(tuple(ScoredSpan(*span) for span in of_passage[:SPANS]) for of_passage in record["spans"])
        return Reading(gold, title_out, found, tuple(record["read"]), spans)

    def _holds(self, record: dict[str, Any]) -> bool:
        """Whether all its passages are in the index, and its spans have all that spans have."""
        known = all(name in self._places for name, *_ in record["found"])
        whole = all(len(span) == len(fields(ScoredSpan)) for of_passage in record["spans"] for span in of_passage)
        return known and whole and len(record["spans"]) == len(record.get("read", ()))

    def _record(self, gold: Gold, title_out: bool) -> dict[str, Any]:
        others = tuple(title for title in self._titles if title != gold.title)
        filters = Filters(tags=others) if title_out else Filters()
        found = self._retriever.search(self._retriever.begin(gold.question, filters), FOUND)
        places = self._depth.of(found)
        read = [found[at] for at in places]
        spans = read_found(self._reader, gold.question, read, SPANS)
        return {
            "read": places,
            "found": [[item.passage.id, *_rounded(item.dense, item.bm25, item.score)] for item in found],
            "spans": [[_rounded(*astuple(span)) for span in of_passage] for of_passage in spans],
        }


def _rounded(*numbers: float) -> list[float]:
    return [round(number, 5) for number in numbers]


def _passages(snapshot: Snapshot) -> Iterator[tuple[str, tuple[Passage, Article]]]:
    after = ""
    while articles := snapshot.store.articles(after=after, limit=500):
        for article in articles:
            for passage in snapshot.store.article_passages(article.id):
                yield passage.id, (passage, article)
        after = articles[-1].id


def _read_lines(path: Path) -> dict[str, dict[str, Any]]:
    """The records of a file by key; a line that was cut when a run was stopped is left out."""
    known = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        known[record["key"]] = record
    return known
