"""Fit the models that tell what the articles say to a sentence: ``python -m training.checking``.

The sentences are those of ``tests/data/checked_sentences.jsonl`` of the part ``develop``, written for this project on
the articles of the tests, a hundred ways of saying what they say, of saying it wrongly, and of saying what they do not
tell. Two models weigh the same signs: one whether the articles tell what a sentence is about, the other, fitted on
those that they tell, whether they say the same. What is printed is found by cross-validation over articles;
``python -m benchmarks.checking`` reports on the part ``report``, on other articles.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from index.building.builder import build
from index.models.embedder import SHIPPED as EMBEDDER
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.checking.checker import BORNE_OUT, COVERED, NOTHING_FOUND, STATUSES, Checker, Status, chances_of
from rag.checking.signs import signs
from rag.english.logistic import Logistic
from rag.reading.passage_reader import open_reader
from training.logistic import fit

SENTENCES = Path("tests/data/checked_sentences.jsonl")
SOURCES = (Path("seeds"), Path("tests/articles"))
FITTED_ON = "sentences written on the articles of the tests, supported, contradicted and not told by them"
_FOLDS = 8
_BINS = 10


class Row(NamedTuple):
    """A sentence with what it is about, its status, and the signs of it; None where nothing was found."""

    text: str
    about: str
    status: Status
    signs: Mapping[str, float] | None


def rows(part: str, threads: int | None = None) -> list[Row]:
    """The sentences of a part with their signs, all articles being searched, by the models that ship."""
    lines = [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    embedder = Embedder(EMBEDDER, threads=threads)
    with tempfile.TemporaryDirectory() as folder:
        versions = Versions(Path(folder))
        build(SOURCES, versions, embedder)
        with versions.open() as snapshot:
            checker = Checker(snapshot, embedder, open_reader(None, Path(folder), threads=threads))
            found = [(line, checker.findings(line["text"])) for line in lines if line["part"] == part]
    return [
        Row(line["text"], line["about"], line["status"], signs(findings) if findings else None)
        for line, findings in found
    ]


def models(known: Sequence[Row]) -> tuple[Logistic, Logistic]:
    """The two models fitted on rows: whether the articles tell, and whether they bear it out."""
    seen = [(row.signs, row.status) for row in known if row.signs]
    covered = [(signed, status) for signed, status in seen if status != "not_found"]
    return (
        fit([signed for signed, _ in seen], [status != "not_found" for _, status in seen], FITTED_ON),
        fit([signed for signed, _ in covered], [status == "supported" for _, status in covered], FITTED_ON),
    )


def judged(row: Row, fitted: tuple[Logistic, Logistic]) -> Mapping[Status, float]:
    """The probability of each status of a sentence."""
    return chances_of(row.signs, fitted) if row.signs else NOTHING_FOUND


def report(name: str, known: Sequence[Row], chances: Sequence[Mapping[Status, float]]) -> None:
    """Print how many of each status are found, and how far confidence is from the share that is right."""
    given = [max(STATUSES, key=lambda status: chance[status]) for chance in chances]
    recalls = []
    for status in STATUSES:
        wanted = [found for row, found in zip(known, given, strict=True) if row.status == status]
        hits = sum(found == status for found in wanted)
        recalls.append(hits / max(1, len(wanted)))
        others = ", ".join(f"{other} {wanted.count(other)}" for other in STATUSES if other != status)
        precision = hits / max(1, given.count(status))
        print(f"{name}: {status} {hits} of {len(wanted)} ({others}), precision {precision:.2f}")
    pairs = [(chance[found], found == row.status) for row, chance, found in zip(known, chances, given, strict=True)]
    print(f"{name}: balanced accuracy {sum(recalls) / len(recalls):.3f}, calibration error {_error(pairs):.3f}")


def _error(pairs: Sequence[tuple[float, bool]]) -> float:
    """The expected calibration error (Naeini et al. 2015), in ten bins of as many sentences each."""
    ordered = sorted(pairs)
    bins = [ordered[len(ordered) * at // _BINS : len(ordered) * (at + 1) // _BINS] for at in range(_BINS)]
    return sum(abs(sum(chance - hit for chance, hit in of)) for of in bins) / max(1, len(ordered))


def main() -> None:
    """Fit, report, and write the models."""
    known = rows("develop")
    topics = sorted({row.about for row in known})
    fold = {about: at % _FOLDS for at, about in enumerate(topics)}
    fitted = [models([row for row in known if fold[row.about] != at]) for at in range(_FOLDS)]
    report("develop, cross-validated", known, [judged(row, fitted[fold[row.about]]) for row in known])
    for model, path in zip(models(known), (COVERED, BORNE_OUT), strict=True):
        model.write(path)
        print(model)


if __name__ == "__main__":
    main()
