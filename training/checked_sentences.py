"""The project's own sentences to be checked, on news texts and written documents of the data folder.

``checked_sentences.jsonl`` has a line for each: the article by its id, the sentence, what the article says to it, and,
where it says something, the place of the words that decide, ``[start, end]`` in code points of the article's text.
None of the articles is in the ``dev`` or ``test`` part of the written news and documents, or of the conversations.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.article import Article
from rag.checking.checker import Status
from training.data import read_rows
from training.followups import TEXTS
from training.written import article_of, articles

SENTENCES = Path(__file__).with_suffix(".jsonl")
_DOCUMENTS = "documents_written.jsonl.gz"
_HELD = 41
"""Articles of 256 whose sentences fit how sure a status is, and train nothing else."""


@dataclass(frozen=True)
class Sentence:
    """A sentence, the id of the article that it is on, its status, and the words that decide; empty where none do."""

    text: str
    article: str
    status: Status
    evidence: str

    @property
    def is_held(self) -> bool:
        """Whether its article is one of those that the attention is not trained on."""
        return hashlib.sha256(self.article.encode()).digest()[0] < _HELD


def sentences(data: Path) -> list[Sentence]:
    """All of them, the articles mixed."""
    texts = {row["id"]: row["text"] for row in _texts(data)} | {
        row["article"]: row["context"] for row in read_rows(data / "reader" / _DOCUMENTS)
    }
    found = []
    for row in _lines():
        start, end = row.get("evidence", (0, 0))
        found.append(Sentence(row["text"], row["article"], row["status"], texts[row["article"]][start:end]))
    return sorted(found, key=lambda it: (hashlib.sha256(it.article.encode()).hexdigest(), it.text))


def searched(data: Path) -> list[Article]:
    """The articles that the sentences are on, among all written news and documents."""
    found = articles(data / "reader")
    titles = {article.title for article in found}
    wanted = {row["article"] for row in _lines()}
    for row in _texts(data):
        if row["id"] in wanted and row["title"].strip() not in titles:
            found.append(article_of(len(found), {**row, "article": row["id"], "context": row["text"]}))
    return found


def _texts(data: Path) -> Iterator[Mapping[str, Any]]:
    for name in TEXTS:
        yield from read_rows(data / name)


def _lines() -> Iterator[dict[str, Any]]:
    return map(json.loads, SENTENCES.read_text(encoding="utf-8").splitlines())
