"""Fit what tells that two articles speak of the same thing, and what age is worth where they contradict each other.

``python -m training.agreement``. First the model that tells whether a question has one answer, to the questions in
``training/one_answer.tsv``, and then, with what it says, the judge of two articles, to the development half of
``benchmarks/data/agreement.jsonl`` and to copies of its articles with another value. What is printed is
cross-validation over questions, and the weights for :mod:`rag.ranking.recency`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from benchmarks.agreement import Pair, article, articles_of, asked, pairs, swapped
from index.models.embedder import Embedder
from rag.answerer import Answerer, read_found
from rag.english.logistic import Logistic
from rag.english.tense import is_about_now
from rag.english.values import relation
from rag.question import NO_FILTERS
from rag.ranking.agreement import LEAST_ALIKE, SHIPPED, Witness, features, witnesses_of
from rag.ranking.candidates import gather
from rag.ranking.one_answer import SHIPPED as ONE_ANSWER
from rag.ranking.one_answer import OneAnswer, beginning
from rag.reading.passage_reader import PassageReader
from rag.retrieval.depth import DEPTH
from training.logistic import fit

FITTED_ON = "the development half of the project's own pairs of articles"
QUESTIONS = Path(__file__).parent / "one_answer.tsv"
_FOLDS = 5
_PENALTY = 0.1
"""Of the square of a weight of age."""

_HALF = 0.5
_JUDGE_PENALTY = 0.3
"""Of the square of a weight of the judge; chosen by cross-validation."""

_VECTOR_PENALTY = 0.2
"""Of the square of a weight of a question's vector; chosen by cross-validation."""


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
        one = one_answer(embedder)
        rows = [row for pair in developing for row in _own(answerer, reader, one, pair)]
        dated = [row for pair in developing for row in _dated(answerer, reader, pair)]
    copies = list(_copies(developing))
    with asked(articles_of(copies)) as (answerer, _, reader):
        rows += [row for pair in copies for row in _own(answerer, reader, one, pair)]
    chances = cross_validated(rows)
    for least in (0.5, 0.6, 0.7, 0.8, 0.9):
        said = [row.target for row, chance in zip(rows, chances, strict=True) if chance >= least]
        used = " (used)" if least == LEAST_ALIKE else ""
        print(f"from {least}{used}: {len(said)} of {len(rows)}, {sum(said)} right of {sum(row.target for row in rows)}")
    model = _fitted(rows)
    model.write(SHIPPED)
    one.write(ONE_ANSWER)
    print(model)
    for about_now in (True, False):
        of_these = [row for row in dated if row.about_now == about_now]
        print(f"age, {'now' if about_now else 'past'}: {age_weight(of_these):.1f} by {len(of_these)} pairs")


def one_answer(embedder: Embedder) -> OneAnswer:
    """The model that tells whether a question has one answer; how often it does is printed, ten-fold."""
    lines = [line.split("\t") for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    vectors = embedder.embed_passages([beginning(question) for _, question in lines])
    wanted = [kind == "one" for kind, _ in lines]
    signs = [{str(at): float(value) for at, value in enumerate(vector)} for vector in vectors]
    folds = [at % (2 * _FOLDS) for at in range(len(lines))]
    hits = 0
    for fold in range(2 * _FOLDS):
        known = [at for at, other in enumerate(folds) if other != fold]
        model = fit([signs[at] for at in known], [wanted[at] for at in known], "", penalty=_VECTOR_PENALTY)
        hits += sum(
            (model.probability(signs[at]) >= _HALF) == wanted[at] for at, other in enumerate(folds) if other == fold
        )
    print(f"one answer or several, ten-fold, of {len(lines)}: {hits}")
    model = fit(signs, wanted, "", penalty=_VECTOR_PENALTY)
    return OneAnswer(embedder.fingerprint, tuple(model.weights.values()), model.bias)


def _copies(found: Sequence[Pair]) -> Iterator[Pair]:
    """An article of each pair beside a copy with another value in place of its own, where one can be put there."""
    for pair in found:
        source, value = pair.articles[0], pair.values[0]
        other = swapped(value)
        if other != value and value in source.text and pair.relation != "other":
            title, _, body = source.text.partition("\n\n")
            published = source.published + timedelta(days=30) if source.published else None
            copy = article(f"{source.id}-copy", f"Once more: {title}", body.replace(value, other), published)
            yield Pair(f"{pair.name}-copy", pair.question, "contradicting", (value, other), (source, copy))


def _own(answerer: Answerer, reader: PassageReader, one: OneAnswer, pair: Pair) -> Iterator[Row]:
    mine = {article.id for article in pair.articles}
    for lead, other, signs in differing(answerer, reader, one, pair.question):
        both = {lead.mention.found.article.id, other.mention.found.article.id}
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
    answerer: Answerer, reader: PassageReader, one: OneAnswer, question: str
) -> Iterator[tuple[Witness, Witness, Mapping[str, float]]]:
    """The likeliest witness with each other one that gives another value."""
    heard = _heard(answerer, reader, question)
    odds = one.odds(answerer.embedder.embed_passages([beginning(question)])[0])
    for each in heard[1:]:
        if relation(heard[0].value, each.value) == "contradicting":
            yield heard[0], each, features(heard[0], each, odds)


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
    return fit([row.signs for row in rows], [row.target for row in rows], FITTED_ON, penalty=_JUDGE_PENALTY)


if __name__ == "__main__":
    main()
