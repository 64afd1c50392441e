"""The project's own sentences to be checked, on news and written documents of the data folder and on own articles.

``checked_sentences.jsonl`` has a line for each: the article by its id, the sentence, what the article says to it, and,
where it says something, the place of the words that decide, ``[start, end]`` in code points of the article's text.
None of the articles is in the ``dev`` or ``test`` part of the written news and documents, or of the conversations.
``checked_articles.jsonl`` has the articles that were invented for it.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.article import Article
from rag.checking.checker import Status
from training.data import Example, read_rows
from training.followups import TEXTS
from training.statements import Statements
from training.windows import sentences as sentences_of
from training.written import article_of, articles

SENTENCES = Path(__file__).with_suffix(".jsonl")
ARTICLES = SENTENCES.with_name("checked_articles.jsonl")
_DOCUMENTS = "documents_written.jsonl.gz"
_COPIES = 4
"""How often a sentence of each article is taken as it stands."""

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
    texts = _by_article(data)
    found = []
    for row in _lines(SENTENCES):
        start, end = row.get("evidence", (0, 0))
        found.append(Sentence(row["text"], row["article"], row["status"], texts[row["article"]][start:end]))
    return sorted(found, key=lambda it: (hashlib.sha256(it.article.encode()).hexdigest(), it.text))


def copies(data: Path) -> set[Sentence]:
    """Sentences of the same articles, as they stand or shortened, or with one thing changed.

    Those that people write are in other words mostly, and a wrong one often is in the article's; so words that are all
    there would be taken for a sign that a sentence is wrong.
    """
    texts, statements = _by_article(data), Statements(())
    found = set()
    for article in sorted({row["article"] for row in _lines(SENTENCES)}):
        chosen, text = random.Random(article), texts[article]
        for _ in range(_COPIES):
            for made, about in statements.of_sentence(Example(article, "", article, "", text, ()), chosen):
                start, end = next(place for place in sentences_of(text) if place[0] <= about.start < place[1])
                status: Status = "supported" if made.answers else "contradicted"
                found.add(Sentence(made.question, article, status, text[start:end]))
    return found


def searched(data: Path) -> list[Article]:
    """The articles that the sentences are on, among all written news and documents."""
    found = articles(data / "reader")
    titles = {article.title for article in found}
    wanted = {row["article"] for row in _lines(SENTENCES)}
    for row in _texts(data):
        if row["id"] in wanted and row["title"].strip() not in titles:
            found.append(article_of(len(found), {**row, "article": row["id"], "context": row["text"]}))
    return found


def _by_article(data: Path) -> dict[str, str]:
    """The text of every article by its id."""
    documents = read_rows(data / "reader" / _DOCUMENTS)
    return {row["id"]: row["text"] for row in _texts(data)} | {row["article"]: row["context"] for row in documents}


def _texts(data: Path) -> Iterator[Mapping[str, Any]]:
    for name in TEXTS:
        yield from read_rows(data / name)
    yield from _lines(ARTICLES)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, file.read_text(encoding="utf-8").splitlines())
