"""Titles that the reader has not read as an open corpus: articles to search, and questions to ask of them."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from index.article import Article, Block, canonical
from training.data import HUMAN_UNANSWERABLE, Example, of_half, read_examples
from training.readings import Gold
from training.sources import read_all

#: Whose questions are asked. The others' mean little without their passage: reviews ("what is one flaw of this
#: vacuum?"), QAMR ("how many minutes later?"), DROP ("who caught a 19 yard touchdown pass?"), and so on.
ASKED = "squad-v1.1-train"

#: Whose passages are searched.
SEARCHED = (ASKED, HUMAN_UNANSWERABLE, "timeqa", "fairytaleqa", "drop", "qamr-passage-wikinews")

#: Passages of other titles among which those of the held-out ones are to be found.
OTHERS = 2500

_SLUG = re.compile(r"[-_]+")
_NAMELESS = re.compile(r"nfl_\d+|history_\d+|Wiki1k:.*|.*:untitled|squad.*:.*")


def held_out(data: Path) -> tuple[list[Article], list[Gold], list[Gold]]:
    """The articles, and the questions that one answers and those that none does, in an order that mixes the titles.

    All are the same for the same files.

    :param data: Folder with ``train.jsonl.gz``.
    """
    splits = read_all(data)
    examples = [e for name in ("dev", "calibration") for e in splits[name] if e.source in SEARCHED]
    golds = golds_of(e for e in examples if e.source == ASKED)
    near = golds_of(e for e in examples if e.source == HUMAN_UNANSWERABLE)
    others = {e.context: e.title for e in splits["train"] if e.source == ASKED}
    drawn = random.Random(5).sample(sorted(others.items()), OTHERS)
    contexts = dict(drawn) | {example.context: example.title for example in examples}
    return articles_of(contexts), golds, near


def choosing(path: Path) -> tuple[list[Article], list[Gold]]:
    """The passages of a set that is reported, and the questions of the half of its titles that chooses (half 0).

    SQuAD's development set has answers by several people to a question where the training set has one by one, which
    counts other good answers as wrong: a confidence fitted to the training set alone is too low.

    :param path: Examples as gzipped JSONL.
    """
    examples = list(read_examples(path))
    asked = of_half(examples, lambda example: example.title, 0)
    articles = articles_of({example.context: example.title for example in examples})
    return articles, golds_of(e for e in asked if e.answers)


def unanswered(path: Path, titles: Collection[str]) -> list[Gold]:
    """The questions of a set about these titles (tags, as :func:`tag` makes them) that have no answer."""
    return [gold for gold in golds_of(read_examples(path)) if gold.title in titles and not gold.answers]


def golds_of(examples: Iterable[Example]) -> list[Gold]:
    """The examples as questions, in an order that mixes the titles."""
    return sorted(map(_gold, examples), key=lambda gold: gold.order)


def articles_of(contexts: dict[str, str]) -> list[Article]:
    """An article of each passage, in order; the values are titles."""
    return [_article(number, *item) for number, item in enumerate(contexts.items())]


def _gold(example: Example) -> Gold:
    answers = tuple(dict.fromkeys(answer.text for answer in example.answers))
    return Gold(example.id, tag(example.title), example.question, example.context, answers)


def tag(title: str) -> str:
    """The title as articles are tagged with it."""
    return canonical(title.replace("_", " "))


def _article(number: int, context: str, title: str) -> Article:
    text = canonical(context).strip()
    shown = "" if _NAMELESS.fullmatch(title) else _SLUG.sub(" ", title)
    return Article(f"d{number}", shown, text, (Block(0, len(text)),), tags=(tag(title),))
