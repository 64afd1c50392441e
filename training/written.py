"""The written news and documents as one corpus, and the questions of some of its splits."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from index.article import Article, Block, canonical
from training.data import example_from_row, half_of, read_rows
from training.open_corpus import tag
from training.readings import Gold

#: Read from the data folder: ``{id, kind, split, article, title, date, question, context, answers, title_answers}``.
FILES = ("news_written.jsonl.gz", "documents_written.jsonl.gz")

_LINE = re.compile(r"\S(?:.*\S)?", re.MULTILINE)


def articles(data: Path) -> list[Article]:
    """Every article and document of both files, whatever its split: the title, and below it a block a line."""
    rows = {row["article"]: row for row in _rows(data)}
    return [article_of(number, row) for number, row in enumerate(rows.values())]


def golds(data: Path, splits: Collection[str]) -> dict[str, list[Gold]]:
    """The questions of these splits by kind, each in an order that mixes the articles.

    :param splits: Of ``train``, ``dev``, ``test``; ``dev-0`` and ``dev-1`` are the half of the articles of ``dev`` that
        chooses between readers and the half that calibrates them (:func:`training.sources.read_all`).
    """
    kinds: dict[str, list[Gold]] = {}
    for row in _rows(data):
        names = {row["split"], f"{row['split']}-{half_of(row['article'])}"}
        if names.isdisjoint(splits):
            continue
        example = example_from_row(row)
        answers = tuple(dict.fromkeys(span.text for span in example.spans))
        gold = Gold(example.id, example.title, example.question, example.context, answers)
        kinds.setdefault(row["kind"], []).append(gold)
    return {kind: sorted(kinds[kind], key=lambda gold: gold.order) for kind in sorted(kinds)}


def _rows(data: Path) -> Iterator[dict[str, Any]]:
    for name in FILES:
        yield from read_rows(data / name)


def article_of(number: int, row: Mapping[str, Any]) -> Article:
    """The article of a row that has ``article`` (its id), ``title``, ``context`` and perhaps ``date``."""
    title, body = canonical(row["title"]).strip(), canonical(row["context"]).strip()
    text = f"{title}\n\n{body}"
    blocks = tuple(Block(*match.span()) for match in _LINE.finditer(text, len(title) + 2))
    published = date.fromisoformat(row["date"]) if row.get("date") else None
    return Article(f"d{number}", title, text, blocks, published=published, tags=(tag(row["article"]),))
