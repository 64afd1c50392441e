"""Fit the model that tells yes from no: ``python -m training.verdict DATA_FOLDER``.

Two kinds of questions, each weighing as much as the other: the written yes/no questions of the news, with the verdicts
of ``verdicts.json`` (read and judged for this project; 5 that leave room for doubt are left out), and restatements,
made of sentences of the same articles: "The mill was sold." asked as "Was the mill sold?", and once more with a "not"
put into the sentence. Fitted on ``train``; what is printed is ``dev``, and ``train`` by five-fold cross-validation over
articles.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from index.sentences import sentences
from rag.english.logistic import Logistic
from rag.english.verdict import SHIPPED, features, verdict_by
from training.logistic import fit

VERDICTS = Path(__file__).parent / "verdicts.json"
FITTED_ON = "yes/no questions written on news (train split, own verdicts) and restated sentences of the same articles"
_STATEMENT = re.compile(
    r"(?P<subject>[A-Z][^,;:“”\"()]{2,50}?) (?P<verb>was|were|is|are|has|have|had|will) (?!not\b)"
    r"(?P<rest>[^,;:“”\"()]{8,90})\."
)
_FOLDS = 5


class Row(NamedTuple):
    """A question, the clause that settles it, its verdict, and where it comes from."""

    article: str
    question: str
    clause: str
    is_yes: bool
    is_dev: bool


def written(data: Path) -> list[Row]:
    """The written questions that have a verdict."""
    known = json.loads(VERDICTS.read_text(encoding="utf-8"))
    return [
        Row(
            row["article"], row["question"], row["answers"][0]["text"], known[row["id"]] == "yes", row["split"] == "dev"
        )
        for row in _news(data)
        if row["id"] in known
    ]


def restated(data: Path) -> list[Row]:
    """Two of a sentence: as it stands, and with a *not*; at most one sentence an article."""
    rows = []
    for article, row in {row["article"]: row for row in _news(data)}.items():
        text = row["context"]
        for start, end in sentences(text):
            found = _STATEMENT.fullmatch(text[start:end])
            if not found:
                continue
            subject = found["subject"]
            lowered = (
                subject[0].lower() + subject[1:] if subject.split()[0] in {"The", "A", "An", "His", "Her"} else subject
            )
            question = f"{found['verb'].capitalize()} {lowered} {found['rest']}?"
            denied = f"{subject} {found['verb']} not {found['rest']}."
            is_dev = row["split"] == "dev"
            rows += [Row(article, question, found[0], True, is_dev), Row(article, question, denied, False, is_dev)]
            break
    return rows


def _news(data: Path) -> list[dict[str, Any]]:
    with gzip.open(data / "news_written.jsonl.gz", "rt", encoding="utf-8") as file:
        return [row for row in map(json.loads, file) if row["split"] != "test"]


def report(name: str, rows: Sequence[Row], chances: Sequence[float]) -> None:
    """Precision and recall of both verdicts."""
    given = [verdict_by(chance, row.question, row.clause) for row, chance in zip(rows, chances, strict=True)]
    for is_yes, verdict in ((True, "yes"), (False, "no")):
        right = [row.is_yes == is_yes for row, said in zip(rows, given, strict=True) if said == verdict]
        wanted = sum(row.is_yes == is_yes for row in rows)
        precision, recall = sum(right) / max(1, len(right)), sum(right) / max(1, wanted)
        print(f"{name}: {verdict} given {len(right)}, precision {precision:.3f}, recall {recall:.3f} of {wanted}")


def _fitted(rows: Sequence[Row], written_count: int) -> Logistic:
    made = len(rows) - written_count
    weights = [1.0] * written_count + [written_count / max(1, made)] * made
    signs = [features(row.question, row.clause) for row in rows]
    return fit(signs, [row.is_yes for row in rows], FITTED_ON, weights)


def main() -> None:
    """Fit, report, and write the model."""
    data = Path(sys.argv[1])
    questions, made = written(data), restated(data)
    train = [row for row in questions if not row.is_dev]
    made_train = [row for row in made if not row.is_dev]
    chances: dict[Row, float] = {}
    for fold in range(_FOLDS):
        kept = [row for row in train if zlib.crc32(row.article.encode()) % _FOLDS != fold]
        others = [row for row in made_train if zlib.crc32(row.article.encode()) % _FOLDS != fold]
        model = _fitted([*kept, *others], len(kept))
        for row in [*train, *made_train]:
            if zlib.crc32(row.article.encode()) % _FOLDS == fold:
                chances[row] = model.probability(features(row.question, row.clause))
    report("written, train (cross-validated)", train, [chances[row] for row in train])
    report("restated, train (cross-validated)", made_train, [chances[row] for row in made_train])
    model = _fitted([*train, *made_train], len(train))
    for name, rows in (("written, dev", questions), ("restated, dev", made)):
        dev = [row for row in rows if row.is_dev]
        report(name, dev, [model.probability(features(row.question, row.clause)) for row in dev])
    model.write(SHIPPED)
    print(model)


if __name__ == "__main__":
    main()
