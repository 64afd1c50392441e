"""The project's own sentences to be checked, on news and written documents of the data folder and on own articles.

``checked_sentences.jsonl`` has a line for each: the article by its id, the sentence, what the article says to it, and,
where it says something, the place of the words that decide, ``[start, end]`` in code points of the article's text
(``evidence``) or of its title (``headline``).
None of the articles is in the ``dev`` or ``test`` part of the written news and documents, or of the conversations.
``checked_articles.jsonl`` has the articles that were invented for it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from index.article import Article
from rag.checking.checker import Status
from training.data import CHECKED, Example, TextSpan, read_rows
from training.sources import texts
from training.statements import Statements
from training.windows import sentences as sentences_of
from training.written import article_of, articles

SENTENCES = Path(__file__).with_suffix(".jsonl")
_DOCUMENTS = "documents_written.jsonl.gz"
_COPIES = 4
"""How often a sentence of each article is taken as it stands."""

_HELD = 41
"""Articles of 256 whose sentences fit how sure a status is, and train nothing else."""


@dataclass(frozen=True)
class Sentence:
    """A sentence, the id of the article that it is on, its status, and the words that decide.

    ``evidence`` is of the article's text, ``headline`` of its title; both are empty where nothing decides.
    """

    text: str
    article: str
    status: Status
    evidence: str
    headline: str = ""

    @property
    def is_held(self) -> bool:
        """Whether its article is one of those that the attention is not trained on."""
        return drawn(self.article) < _HELD


def drawn(article: str) -> int:
    """0 to 255, from a hash of the article's id."""
    return hashlib.sha256(article.encode()).digest()[0]


def sentences(data: Path) -> list[Sentence]:
    """All of them, the articles mixed."""
    kept = _by_article(data)
    found = []
    for row in read_rows(SENTENCES):
        article = kept[row["article"]]
        evidence, headline = (slice(*row.get(name, (0, 0))) for name in ("evidence", "headline"))
        found.append(
            Sentence(row["text"], row["article"], row["status"], article.text[evidence], article.title[headline])
        )
    return sorted(found, key=lambda it: (hashlib.sha256(it.article.encode()).hexdigest(), it.text))


def copies(data: Path) -> set[Sentence]:
    """Sentences of the same articles, as they stand or shortened, or with one thing changed.

    Those that people write are in other words mostly, and a wrong one often is in the article's; so words that are all
    there would be taken for a sign that a sentence is wrong.
    """
    kept, statements = _by_article(data), Statements(())
    found = set()
    for article in sorted({row["article"] for row in read_rows(SENTENCES)}):
        chosen, text = random.Random(article), kept[article].text
        for _ in range(_COPIES):
            for made, about in statements.of_sentence(Example(article, "", article, "", text, ()), chosen):
                start, end = next(place for place in sentences_of(text) if place[0] <= about.start < place[1])
                status: Status = "supported" if made.answers else "contradicted"
                found.add(Sentence(made.question, article, status, text[start:end]))
    return found


def examples(data: Path) -> Iterator[Example]:
    """All sentences and copies but those held out, each with its whole article, for a reader to learn from."""
    kept = _by_article(data)
    every = [*sentences(data), *sorted(copies(data), key=lambda it: (it.article, it.text))]
    for number, it in enumerate(each for each in every if not each.is_held):
        title, text = kept[it.article]
        place = tuple(TextSpan(it.evidence, text.index(it.evidence)) for _ in range(bool(it.evidence)))
        headline = tuple(TextSpan(it.headline, title.index(it.headline)) for _ in range(bool(it.headline)))
        yield Example(f"{CHECKED}-{number}", CHECKED, it.article, it.text, text, place, it.status, title, headline)


def searched(data: Path) -> list[Article]:
    """The articles that the sentences are on, among all written news and documents."""
    found = articles(data / "reader")
    titles = {article.title for article in found}
    wanted = {row["article"] for row in read_rows(SENTENCES)}
    for row in texts(data):
        if row["id"] in wanted and row["title"].strip() not in titles:
            found.append(article_of(len(found), {**row, "article": row["id"], "context": row["text"]}))
    return found


class _Article(NamedTuple):
    title: str
    text: str


@cache
def _by_article(data: Path) -> dict[str, _Article]:
    """Every article by its id."""
    documents = read_rows(data / "reader" / _DOCUMENTS)
    return {row["id"]: _Article(row["title"], row["text"]) for row in texts(data)} | {
        row["article"]: _Article(row["title"], row["context"]) for row in documents
    }
