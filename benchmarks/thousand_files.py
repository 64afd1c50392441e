"""A thousand mixed files, built twice: ``python -m benchmarks.thousand_files FOLDER [--files 1000] [--json OUT]``.

``FOLDER`` has documents of many formats, such as ``benchmarks.formats references`` writes. Files are taken from it, as
many of each format as there are in turn, until there are enough; where it has fewer, texts of ``seeds`` are written as
small files. They are built into a new data folder, and once more without a change. What is not read is listed.
"""

import argparse
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_LEFT_OUT = {".title", ".txt", ".optional"}


def main() -> None:
    """Build twice, and print how long each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--largest", type=int, default=100_000, help="bytes of a file; larger ones are left out")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "sources"
        counts = _fill(sources, arguments.folder, arguments.files, arguments.largest)
        print("files:", ", ".join(f"{number} {ending}" for ending, number in sorted(counts.items())))
        runs = [_build(sources, Path(folder) / "data") for _ in range(2)]
    seconds = [run[0] for run in runs]
    for line in [*runs[0][1], "once more:", *runs[1][1][-4:]]:
        print(line)
    print(f"first build {seconds[0]:.1f} s, second {seconds[1]:.2f} s: {seconds[0] / seconds[1]:.0f} times as fast")
    if arguments.json:
        arguments.json.write_text(json.dumps({"files": counts, "seconds": seconds, "told": runs[0][1]}, indent=1))


def _fill(sources: Path, folder: Path, wanted: int, largest: int) -> Counter[str]:
    """Copy files of each format in turn."""
    by_format = [sorted(_documents(inner, largest)) for inner in sorted(folder.iterdir()) if inner.is_dir()]
    written = sorted(path for path in Path("seeds").rglob("*") if path.is_file())
    turns = itertools.zip_longest(*by_format, itertools.islice(itertools.cycle(written), wanted))
    sources.mkdir(parents=True)
    counts: Counter[str] = Counter()
    for number, path in enumerate(itertools.islice((path for turn in turns for path in turn if path), wanted)):
        copy = sources / f"{number:04}-{path.name}"
        shutil.copyfile(path, copy)
        counts[copy.suffix[1:]] += 1
        if copy.suffix in {".txt", ".md"}:  # each is an article of its own
            copy.write_text(f"{copy.read_text('utf-8', 'replace')}\n\nThis is copy number {number}.\n")
    return counts


def _documents(folder: Path, largest: int) -> Iterator[Path]:
    yield from (path for path in folder.iterdir() if path.suffix not in _LEFT_OUT and path.stat().st_size <= largest)


def _build(sources: Path, data: Path) -> tuple[float, list[str]]:
    start = time.perf_counter()
    command = [sys.executable, "-m", "api", "build", str(sources), "--data-dir", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    refused = [line for line in done.stderr.splitlines() if line.startswith("not read")]
    return seconds, [*refused, *done.stdout.splitlines()[-4:]]


if __name__ == "__main__":
    main()
