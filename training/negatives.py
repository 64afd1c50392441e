"""Passages that a retriever finds for a question and that do not answer it."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from training.data import Example
from training.vocabulary import STOP

_WORD = re.compile(r"\w+")

#: A dense searcher: a question and a number of passages -> places in the list of passages, best first.
DenseSearch = Callable[[str, int], Sequence[int]]


@lru_cache(maxsize=1 << 18)
def words(text: str) -> tuple[str, ...]:
    """Lower-cased words of a text."""
    return tuple(_WORD.findall(text.lower()))


@lru_cache(maxsize=1 << 16)
def _padded(text: str) -> str:
    return f" {' '.join(words(text))} "


def holds(context: str, answers: Iterable[str]) -> bool:
    """Whether a context contains one of the answers as whole words, without regard to case and punctuation."""
    padded = _padded(context)
    return any(_padded(answer) in padded for answer in answers if words(answer))


class NegativeMiner:
    """BM25 over passages (SQLite FTS5, porter stemming) and, when given, a dense search beside it.

    :param passages: Triples of a title, a headline and a text; the same text twice is kept once.
    :param dense: Searches the same passages, in the order of :attr:`texts`.
    """

    def __init__(self, passages: Iterable[tuple[str, str, str]], dense: DenseSearch | None = None) -> None:
        unique = {text: (title, headline) for title, headline, text in passages}
        self.texts = list(unique)
        self.titles = [title for title, _ in unique.values()]
        self.headlines = [headline for _, headline in unique.values()]
        self.dense = dense
        self._db = sqlite3.connect(":memory:")
        self._db.execute("create virtual table passage using fts5(text, tokenize='porter unicode61')")
        self._db.executemany(
            "insert into passage(rowid, text) values (?, ?)",
            ((place + 1, text) for place, text in enumerate(self.texts)),
        )

    def bm25(self, question: str, limit: int) -> list[int]:
        """Places of the best passages for the question's words, best first."""
        terms = [word for word in words(question) if word not in STOP] or words(question)
        if not terms:
            return []
        query = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))
        rows = self._db.execute(
            "select rowid from passage where passage match ? order by bm25(passage), rowid limit ?", (query, limit)
        )
        return [int(row[0]) - 1 for row in rows]

    def mine(self, example: Example, count: int, rng: random.Random, depth: int = 40) -> list[Example]:
        """Up to ``count`` examples of this question with passages found for it that hold none of its answers.

        Half of them are of the question's own article when it has others that are found. Earlier ranks are likelier: a
        passage at rank r is kept with a weight of 1 / (r + 2).
        """
        golds = [span.text for span in example.spans]
        places = self.bm25(example.question, depth)
        if self.dense is not None:
            places = list(dict.fromkeys([*places, *self.dense(example.question, depth)]))
        usable = [
            place
            for place in places
            if self.texts[place] != example.context
            and not holds(f"{self.headlines[place]} | {self.texts[place]}", golds)
        ]
        same = [place for place in usable if self.titles[place] == example.title]
        other = [place for place in usable if self.titles[place] != example.title]
        chosen = _draw(same, (count + rng.randrange(2)) // 2 if other else count, rng)
        chosen += _draw(other, count - len(chosen), rng)
        return [
            example.unanswered(
                id=f"{example.id}#n{number}",
                context=self.texts[place],
                headline=self.headlines[place],
                kind="same_article" if self.titles[place] == example.title else "retrieved",
            )
            for number, place in enumerate(chosen)
        ]


def _draw(places: Sequence[int], count: int, rng: random.Random) -> list[int]:
    """``count`` of the places without repetition, the earlier ones likelier."""
    keyed = sorted((rng.random() ** (rank + 2.0), place) for rank, place in enumerate(places))
    return [place for _, place in keyed[::-1][:count]]


def dense_search(passages: Sequence[str], model_name: str) -> DenseSearch:
    """Exact search by inner product over unit vectors of a sentence-transformers model.

    :param model_name: A hub name or a local folder.
    """
    import numpy as np
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(model_name, device="cpu")
    vectors = model.encode(list(passages), batch_size=32, normalize_embeddings=True, convert_to_numpy=True)

    def search(question: str, limit: int) -> list[int]:
        query = model.encode([question], normalize_embeddings=True, convert_to_numpy=True)[0]
        return [int(place) for place in np.argsort(-(vectors @ query), kind="stable")[:limit]]

    return search
