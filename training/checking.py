"""Fit the models that tell what the articles say to a sentence: ``python -m training.checking DATA_FOLDER``.

The sentences are those of ``tests/data/checked_sentences.jsonl`` of the part ``develop``, written for this project on
the articles of the tests, a hundred ways of saying what they say, of saying it wrongly, and of saying what they do not
tell; and a quarter of those on the news and documents of the folder that the attention was not trained on
(:mod:`training.checked_sentences`). Two models weigh the same signs: one whether the articles tell what a sentence is
about, the other, fitted on those that they tell, whether they say the same. What is printed is found by
cross-validation over articles; ``python -m benchmarks.checking`` reports on other articles.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from index.building.builder import build, index_articles
from index.models.embedder import SHIPPED as EMBEDDER
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.checking.checker import BORNE_OUT, COVERED, NOTHING_FOUND, STATUSES, Checker, Status, chances_of
from rag.checking.signs import signs
from rag.english.logistic import Logistic
from rag.reading.passage_reader import open_reader
from training.checked_sentences import searched, sentences
from training.data import read_rows
from training.logistic import fit

SENTENCES = Path("tests/data/checked_sentences.jsonl")
SOURCES = (Path("seeds"), Path("tests/articles"))
FITTED_ON = "sentences on the articles of the tests and on news and documents, supported, contradicted or neither"
_FOLDS = 8
_PENALTY = 1 / 3
"""Chosen by cross-validation over articles, beside 1 and 3."""

_BINS = 10


class Row(NamedTuple):
    """A sentence with what it is about, its status, and the signs of it; None where nothing was found."""

    text: str
    about: str
    status: Status
    signs: Mapping[str, float] | None


def rows(part: str, threads: int | None = None) -> list[Row]:
    """The sentences of a part with their signs, all articles being searched, by the models that ship."""
    lines = read_rows(SENTENCES)
    asked = [(line["text"], line["about"], line["status"]) for line in lines if line["part"] == part]
    return _found(asked, lambda versions, embedder: build(SOURCES, versions, embedder), threads)


def on_news(data: Path, part: int, threads: int | None = None) -> list[Row]:
    """One of four parts, 0 to 3, of the sentences on news and documents that the attention was not trained on."""
    held = [sentence for sentence in sentences(data) if sentence.is_held][part::4]
    asked = [(sentence.text, sentence.article, sentence.status) for sentence in held]
    return _found(asked, lambda versions, embedder: index_articles(searched(data), versions, embedder), threads)


def _found(
    asked: Iterable[tuple[str, str, Status]], make: Callable[[Versions, Embedder], object], threads: int | None
) -> list[Row]:
    """The rows of sentences, each with what it is about and its status, checked against the index that is made."""
    embedder = Embedder(EMBEDDER, threads=threads)
    with tempfile.TemporaryDirectory() as folder:
        versions = Versions(Path(folder))
        make(versions, embedder)
        with versions.open() as snapshot:
            checker = Checker(snapshot, embedder, open_reader(None, Path(folder), threads=threads))
            found = [(*each, checker.findings(each[0])) for each in asked]
    return [Row(text, about, status, signs(findings) if findings else None) for text, about, status, findings in found]


def models(known: Sequence[Row]) -> tuple[Logistic, Logistic]:
    """The two models fitted on rows: whether the articles tell, and whether they bear it out."""
    seen = [(row.signs, row.status) for row in known if row.signs]
    covered = [(signed, status) for signed, status in seen if status != "not_found"]
    return (
        _fitted(seen, [status != "not_found" for _, status in seen]),
        _fitted(covered, [status == "supported" for _, status in covered]),
    )


def _fitted(seen: Sequence[tuple[Mapping[str, float], Status]], targets: Sequence[bool]) -> Logistic:
    """The model in which every status counts alike, because nobody knows how many of each a text will hold."""
    many = Counter(status for _, status in seen)
    weights = [len(seen) / len(many) / many[status] for _, status in seen]
    return fit([signed for signed, _ in seen], targets, FITTED_ON, weights, penalty=_PENALTY)


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
    develop, news = rows("develop"), on_news(Path(sys.argv[1]), 0)
    known = [*develop, *news]
    topics = sorted({row.about for row in known})
    fold = {about: at % _FOLDS for at, about in enumerate(topics)}
    fitted = [models([row for row in known if fold[row.about] != at]) for at in range(_FOLDS)]
    for name, some in (("develop", develop), ("news and documents", news)):
        report(f"{name}, cross-validated", some, [judged(row, fitted[fold[row.about]]) for row in some])
    for model, path in zip(models(known), (COVERED, BORNE_OUT), strict=True):
        model.write(path)
        print(path.name, model)


if __name__ == "__main__":
    main()
