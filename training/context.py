"""Fit the model that tells whether the sentence before helps: ``python -m training.context DATA_FOLDER``.

Questions written so that the sentence before the answer's is needed (kind ``sentence_before``) against those written on
one sentence (``fact``, ``who_what_is``, ``paraphrase``), of news and documents, where there is a sentence before in the
same paragraph. Fitted on ``train``; what is printed is ``dev``.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from index.sentences import sentences
from rag.english.context import SHIPPED, features
from rag.evaluating.metrics import area_under_roc
from training.logistic import fit
from training.written import FILES

FITTED_ON = "questions written on news and documents: those that need the sentence before against those that do not"
_OTHERS = {"fact", "who_what_is", "paraphrase"}


class Row(NamedTuple):
    """Whether a question needs the sentence before the one that answers it."""

    signs: dict[str, float]
    is_needed: bool
    split: str


def rows(data: Path) -> Iterator[Row]:
    """The questions of both files that have a sentence before that of the answer."""
    for name in FILES:
        with gzip.open(data / name, "rt", encoding="utf-8") as file:
            for row in map(json.loads, file):
                if row["split"] == "test" or row["kind"] not in _OTHERS | {"sentence_before"} or not row["answers"]:
                    continue
                start, text = row["answers"][0]["start"], row["context"]
                low = text.rfind("\n", 0, start) + 1
                high = text.find("\n", start)
                spans = [(low + a, low + b) for a, b in sentences(text[low : high if high >= 0 else len(text)])]
                at = next((at for at, (_, last) in enumerate(spans) if start < last), 0)
                if at:
                    before, quote = (text[slice(*spans[at - 1])], text[slice(*spans[at])])
                    signs = features(row["question"], row["title"], before, quote)
                    yield Row(signs, row["kind"] == "sentence_before", row["split"])


def main() -> None:
    """Fit, report, and write the model."""
    everything = list(rows(Path(sys.argv[1])))
    train, dev = ([row for row in everything if row.split == split] for split in ("train", "dev"))
    model = fit([row.signs for row in train], [row.is_needed for row in train], FITTED_ON)
    for name, part in (("train", train), ("dev", dev)):
        chances, needed = [model.probability(row.signs) for row in part], [row.is_needed for row in part]
        print(f"{name}: {sum(needed)} of {len(part)} need it, AUROC {area_under_roc(chances, needed):.3f}")
        for least in (0.15, 0.2, 0.25, 0.3):
            given = [need for chance, need in zip(chances, needed, strict=True) if chance >= least]
            right = sum(given)
            shares = f"precision {right / max(1, len(given)):.2f}, recall {right / sum(needed):.2f}"
            print(f"  from {least}: {len(given)} given, {shares}")
    model.write(SHIPPED)
    print(model)


if __name__ == "__main__":
    main()
