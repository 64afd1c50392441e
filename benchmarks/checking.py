"""How well a text is checked: ``python -m benchmarks.checking [DATA_FOLDER]``.

The 300 sentences of ``tests/data/checked_sentences.jsonl`` of the part ``report``, a hundred of each status, were
written by hand on the articles in ``seeds/`` before there was anything to check them with. Nothing was fitted on them;
one sign was left out by them (``docs/quality.md``). All articles of ``seeds/`` and ``tests/articles/`` are searched, by
the models that ship.

With the data folder the sentences are a quarter of those on news and documents that the attention was not trained on
(:mod:`training.checked_sentences`), and all news and documents are searched. Nothing was fitted on this quarter.
"""

import sys
from pathlib import Path

from rag.checking.checker import NOTHING_FOUND, chances_of
from training.checking import on_news, report, rows


def main() -> None:
    """Check them, and print the figures."""
    data = sys.argv[1:]
    known = on_news(Path(data[0]), 1) if data else rows("report")
    report(
        "news and documents" if data else "report",
        known,
        [chances_of(row.signs) if row.signs else NOTHING_FOUND for row in known],
    )


if __name__ == "__main__":
    main()
