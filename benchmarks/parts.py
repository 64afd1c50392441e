"""How many of the written answers are cut into items, by kind of question: ``python -m benchmarks.parts DATA_FOLDER``.

The gold answers of ``train`` and ``dev`` are cut, not what the reader finds. Those of the kind ``list`` should be;
others sometimes are several things, too.
"""

import gzip
import json
import sys
from collections import Counter
from pathlib import Path

from rag.english.listing import items
from training.written import FILES


def main() -> None:
    """Measure and print."""
    asked: Counter[tuple[str, str]] = Counter()
    cut: Counter[tuple[str, str]] = Counter()
    for name in FILES:
        with gzip.open(Path(sys.argv[1]) / name, "rt", encoding="utf-8") as file:
            for row in map(json.loads, file):
                if row["split"] != "test" and row["answers"]:
                    key = row["kind"], row["split"]
                    asked[key] += 1
                    cut[key] += bool(items(row["question"], row["answers"][0]["text"]))
    for key, count in sorted(asked.items()):
        print(f"{' '.join(key)}: {cut[key]} of {count}, {100 * cut[key] / count:.1f} %")


if __name__ == "__main__":
    main()
