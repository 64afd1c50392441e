"""How well a text is checked: ``python -m benchmarks.checking [DATA_FOLDER]``.

The sentences are those of ``tests/data/checked_sentences.jsonl`` that nothing was fitted on: 300 of the part
``report`` and 300 of ``report-2``, a hundred of each status, and 149 of ``report-3`` on headlines, claims and
denials. The first were written by hand on the articles in ``seeds/`` before there was anything to check them with;
one sign was left out by them (``docs/quality.md``). The others were written on all articles, each set by a writer who
had seen neither the other sentences nor the code. All articles of ``seeds/`` and ``tests/articles/`` are searched, by
the models that ship.

With the data folder the sentences are a quarter of those on news and documents that the attention was not trained on
(:mod:`training.checked_sentences`), and all news and documents are searched. Nothing was fitted on this quarter.
"""

import sys
from pathlib import Path

from rag.checking.checker import NOTHING_FOUND, chances_of
from training.checking import on_news, report, rows

KEPT = ("report", "report-2", "report-3")


def main() -> None:
    """Check them, and print the figures."""
    data = sys.argv[1:]
    sets = {"news and documents": on_news(Path(data[0]), 1)} if data else {part: rows(part) for part in KEPT}
    for name, known in sets.items():
        report(name, known, [chances_of(row.signs) if row.signs else NOTHING_FOUND for row in known])


if __name__ == "__main__":
    main()
