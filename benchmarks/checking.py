"""How well a text is checked: ``python -m benchmarks.checking``.

The 300 sentences of ``tests/data/checked_sentences.jsonl`` of the part ``report``, a hundred of each status, were
written by hand on the articles in ``seeds/`` before there was anything to check them with. Nothing was fitted on them;
one sign was left out by them (``docs/quality.md``). All articles of ``seeds/`` and ``tests/articles/`` are searched, by
the models that ship.
"""

from rag.checking.checker import NOTHING_FOUND, chances_of
from training.checking import report, rows


def main() -> None:
    """Check them, and print the figures."""
    known = rows("report")
    report("report", known, [chances_of(row.signs) if row.signs else NOTHING_FOUND for row in known])


if __name__ == "__main__":
    main()
