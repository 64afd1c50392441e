"""Fit what tells that two articles speak of the same thing, and what age is worth where they contradict each other.

``python -m training.agreement``. Fitted on the development half of ``benchmarks/data/agreement.jsonl``. What is printed
is five-fold cross-validation over questions, and the weights for :mod:`rag.ranking.recency`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from benchmarks.agreement import Pair, articles_of, asked, pairs
from index.models.embedder import Embedder
from rag.answerer import Answerer, read_found
from rag.english.logistic import Logistic
from rag.english.tense import is_about_now
from rag.english.values import relation
from rag.question import NO_FILTERS
from rag.ranking.agreement import LEAST_ALIKE, SHIPPED, Witness, features, likeness, witnesses_of
from rag.ranking.candidates import gather
from rag.reading.passage_reader import PassageReader
from rag.retrieval.depth import DEPTH
from training.logistic import fit

FITTED_ON = "the development half of the project's own pairs of articles"
_FOLDS = 5
_PENALTY = 0.1
"""Of the square of a weight of age."""


class Row(NamedTuple):
    """The signs of two articles that give different values, and whether they speak of the same thing."""

    question: str
    signs: Mapping[str, float]
    target: bool


class Dated(NamedTuple):
    """The log-odds of the newer of two contradicting values, and how surely it is the right one today."""

    about_now: bool
    odds: float
    is_right: float


def main() -> None:
    """Fit, print and write."""
    every = pairs()
    developing = [pair for pair in every if pair.half == "development"]
    with asked(articles_of(every)) as (answerer, embedder, reader):
        rows = [row for pair in developing for row in _own(answerer, reader, embedder, pair)]
        dated = [row for pair in developing for row in _dated(answerer, reader, pair)]
    chances = cross_validated(rows)
    for least in (0.4, 0.5, 0.6, 0.7, 0.8):
        said = [row.target for row, chance in zip(rows, chances, strict=True) if chance >= least]
        used = " (used)" if least == LEAST_ALIKE else ""
        print(f"from {least}{used}: {len(said)} of {len(rows)}, {sum(said)} right of {sum(row.target for row in rows)}")
    model = _fitted(rows)
    model.write(SHIPPED)
    print(model)
    for about_now in (True, False):
        of_these = [row for row in dated if row.about_now == about_now]
        print(f"age, {'now' if about_now else 'past'}: {age_weight(of_these):.1f} by {len(of_these)} pairs")


def _own(answerer: Answerer, reader: PassageReader, embedder: Embedder, pair: Pair) -> Iterator[Row]:
    mine = {article.id for article in pair.articles}
    for one, other, signs in differing(answerer, reader, embedder, pair.question):
        both = {one.mention.found.article.id, other.mention.found.article.id}
        yield Row(pair.question, signs, pair.relation == "contradicting" and both == mine)


def _dated(answerer: Answerer, reader: PassageReader, pair: Pair) -> Iterator[Dated]:
    """What age could settle: a contradicting pair of two days whose articles both answer."""
    days = [article.published for article in pair.articles]
    if pair.relation != "contradicting" or days[0] == days[1]:
        return
    heard = {each.mention.found.article.id: each.alone for each in _heard(answerer, reader, pair.question)}
    alone = [heard.get(article.id) for article in pair.articles]
    if alone[0] and alone[1]:
        newer = int(bool(days[0] and days[1] and days[0] < days[1]))
        right = 0.5 if pair.right is None else float(pair.right == newer)
        yield Dated(
            is_about_now(pair.question), float(np.log(alone[newer] or 1) - np.log(alone[1 - newer] or 1)), right
        )


def age_weight(rows: Sequence[Dated]) -> float:
    """What being newer adds to the log-odds, by the highest penalised likelihood."""
    odds, right = np.array([row.odds for row in rows]), np.array([row.is_right for row in rows])

    def loss(weight: float) -> float:
        logits = odds + weight
        return float(np.sum(np.logaddexp(0, logits) - right * logits) + _PENALTY * weight**2)

    return float(minimize_scalar(loss).x)


def differing(
    answerer: Answerer, reader: PassageReader, embedder: Embedder, question: str
) -> Iterator[tuple[Witness, Witness, Mapping[str, float]]]:
    """The likeliest witness with each other one that gives another value."""
    heard = _heard(answerer, reader, question)
    different = [each for each in heard[1:] if relation(heard[0].value, each.value) == "contradicting"]
    alike = likeness(heard[0], different, embedder) if different else []
    for each, cosine in zip(different, alike, strict=True):
        yield heard[0], each, features(question, heard[0], each, cosine)


def _heard(answerer: Answerer, reader: PassageReader, question: str) -> list[Witness]:
    found = answerer.retriever.search(answerer.retriever.begin(question, NO_FILTERS), DEPTH.most)
    read = [found[at] for at in DEPTH.of(found)]
    return witnesses_of(question, read, gather(read, read_found(reader, question, read)), answerer.calibrator)


def cross_validated(rows: Sequence[Row]) -> list[float]:
    """The probability of each row by a model that was fitted to other questions."""
    fold = {question: at % _FOLDS for at, question in enumerate(dict.fromkeys(row.question for row in rows))}
    models = [_fitted([row for row in rows if fold[row.question] != at]) for at in range(_FOLDS)]
    return [models[fold[row.question]].probability(row.signs) for row in rows]


def _fitted(rows: Sequence[Row]) -> Logistic:
    return fit([row.signs for row in rows], [row.target for row in rows], FITTED_ON)


if __name__ == "__main__":
    main()
