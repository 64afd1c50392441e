r"""Our readers of documents beside the best libraries, format by format.

Usage::

    python -m benchmarks.formats references PANDOC/test PYPDF/resources … OUT
    python -m benchmarks.formats measure OUT --peers PEERS/bin/python [--format docx] [--json RESULTS]
    python -m benchmarks.formats table RESULTS [--write]

``references`` copies documents to ``OUT/FORMAT`` and writes beside each what its words are: those of the test suite of
pandoc where it ships them (``.native``), those of the elements that hold text in Office files, of ``odt`` and ``ods``
likewise, and of a PDF what two of three independent libraries read. Pages whose words the suite of newspaper4k or
pandoc tells are ``pages``; ``html`` is made: texts in layouts of pages, whose words are known. ``measure`` reads all
of them with each library in a process of its own; ``PEERS`` is an environment with the other libraries.

Recall and precision are of words (letters and digits, NFKC, lower case), each as often as it stands in the reference;
order is the longest common subsequence of words, as a share of the words that both have. A file that a library refuses
has recall 0.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rapidfuzz.distance import LCSseq

from benchmarks import report
from benchmarks.format_references import write_references
from benchmarks.format_words import words

READERS = {
    "docx": ("pullquote", "python_docx", "docx2txt", "docx2python", "mammoth", "markitdown"),
    "odt": ("pullquote", "odfpy"),
    "ods": ("pullquote", "python_calamine", "odfpy"),
    "epub": ("pullquote", "ebooklib", "markitdown"),
    "pptx": ("pullquote", "python_pptx", "markitdown"),
    "xlsx": ("pullquote", "python_calamine", "openpyxl", "markitdown"),
    "pdf": ("pullquote", "pypdf", "pdfminer", "pdfplumber", "pypdfium2", "markitdown"),
    "html": (
        *("pullquote", "trafilatura", "readability_lxml", "justext", "boilerpy3", "resiliparse"),
        "markitdown",
    ),
    "rtf": ("pullquote", "striprtf"),
}
READERS["pages"] = READERS["html"]
"""Pages that others tell the words of; those called ``html`` are made."""
_ENDINGS = {"pages": "html"}
_DISTRIBUTIONS = {
    "python_docx": "python-docx",
    "python_pptx": "python-pptx",
    "python_calamine": "python-calamine",
    "pdfminer": "pdfminer.six",
    "readability_lxml": "readability-lxml",
}
_SCRIPT = Path(__file__).parent / "format_readers.py"
_LONGEST = 40_000
"""Words of a document whose order is compared."""
_PAGE = "docs/formats-compared.md"
_SIZES = """
import importlib.metadata as m, json, re, sys
def files(name):
    try: return sum(f.locate().stat().st_size for f in m.files(name) or [] if f.locate().is_file())
    except m.PackageNotFoundError: return 0
def needs(name):
    try: found = m.requires(name) or []
    except m.PackageNotFoundError: return
    for line in found:
        if "extra ==" not in line: yield re.match(r"[\\w.-]+", line)[0].lower().replace("_", "-")
def whole(name, seen):
    if name not in seen:
        seen.add(name)
        for other in needs(name): whole(other, seen)
    return seen
out = {}
for name in sys.argv[1:]:
    try: meta = m.metadata(name)
    except m.PackageNotFoundError: continue
    classifiers = [c.split("::")[-1].strip() for c in meta.get_all("Classifier") or [] if c.startswith("License ::")]
    licence = meta.get("License-Expression") or (classifiers or [meta.get("License") or "?"])[0].splitlines()[0]
    out[name] = {"version": m.version(name), "licence": licence, "bytes": sum(map(files, whole(name, set())))}
print(json.dumps(out))
"""


def main() -> None:
    """Write references, measure, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    references = commands.add_parser("references")
    references.add_argument("sources", type=Path, nargs="+")
    references.add_argument("out", type=Path)
    references.add_argument("--peers", type=Path, default=Path(sys.executable), help="for the words of PDF")
    measuring = commands.add_parser("measure")
    measuring.add_argument("folder", type=Path)
    measuring.add_argument("--peers", type=Path, required=True)
    measuring.add_argument("--format", action="append", choices=READERS)
    measuring.add_argument("--json", type=Path, required=True, help="what was measured before is kept")
    printing = commands.add_parser("table")
    printing.add_argument("results", type=Path)
    printing.add_argument("--write", action="store_true", help=f"put the tables into {_PAGE}")
    arguments = parser.parse_args()
    if arguments.command == "references":
        write_references(arguments.sources, arguments.out, lambda paths: _read_all(arguments.peers, paths))
    elif arguments.command == "measure":
        results = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
        for form in arguments.format or READERS:
            if (arguments.folder / form).is_dir():
                results[form] = measure(form, arguments.folder / form, arguments.peers)
                arguments.json.write_text(json.dumps(results, indent=1))
        names = sorted({_distribution(reader) for form in READERS for reader in READERS[form]} - {"pullquote"})
        sizes = subprocess.run([arguments.peers, "-c", _SIZES, *names], capture_output=True, text=True, check=True)
        results["packages"] = json.loads(sizes.stdout)
        arguments.json.write_text(json.dumps(results, indent=1))
    else:
        table = tables(json.loads(arguments.results.read_text()))
        print(table)
        if arguments.write:
            report.write_section("benchmarks.formats", table, Path(_PAGE))


def measure(form: str, folder: Path, peers: Path) -> dict[str, Any]:
    """What each library makes of the documents of a format, beside their references."""
    paths = sorted(path for path in folder.iterdir() if path.suffix == f".{_ENDINGS.get(form, form)}")
    references = {str(path): _reference(path) for path in paths}
    titles = {str(path): path.with_name(f"{path.name}.title") for path in paths}
    figures = {}
    for reader in READERS[form]:
        results = _run(peers, reader, paths)
        rows = [_figures(*references[str(result["path"])], result) for result in results[:-1]]
        named = [
            (titles[result["path"]].read_text(), result.get("title", ""))
            for result in results[:-1]
            if titles[result["path"]].exists()
        ]
        figures[reader] = {
            "files": len(rows),
            "refused": sum("error" in result and bool(references[result["path"]][0]) for result in results[:-1]),
            "recall": statistics.mean(row[0] for row in rows),
            "precision": statistics.mean(row[1] for row in rows),
            "order": statistics.mean(row[2] for row in rows),
            "titles": statistics.mean(words(b) in map(words, a.splitlines()) for a, b in named) if named else None,
            "seconds": sum(result["seconds"] for result in results[:-1]),
            "megabytes": results[-1].get("megabytes"),
            "worst": sorted((row[0], Path(result["path"]).name) for row, result in zip(rows, results, strict=False))[
                :9
            ],
        }
        found = figures[reader]
        print(
            form, reader, {name: found[name] for name in ("files", "refused", "recall", "precision", "order", "titles")}
        )
    return figures


def _reference(path: Path) -> tuple[list[str], list[str]]:
    """The words of a document, and those that a reader may take or leave."""
    wanted, optional = (path.with_name(f"{path.name}.{ending}").read_text("utf-8") for ending in ("txt", "optional"))
    return words(wanted), words(optional)


def _figures(reference: list[str], optional: list[str], result: dict[str, Any]) -> tuple[float, float, float]:
    """Recall, precision and order."""
    found = words(result.get("text") or "")
    read, wanted = Counter(found), Counter(reference)
    both = (wanted & read).total()
    if not reference or not found:
        return float(not reference), float(not found or not (read - Counter(optional))), 1.0
    order = LCSseq.similarity(reference[:_LONGEST], found[:_LONGEST]) / max(1, min(both, _LONGEST))
    is_told = (read & (wanted + Counter(optional))).total()
    return both / len(reference), is_told / len(found), order


def _run(peers: Path, reader: str, paths: Sequence[Path]) -> list[dict[str, Any]]:
    python = sys.executable if reader == "pullquote" else peers
    child = subprocess.run(
        [python, "-W", "ignore", _SCRIPT, reader],
        input="\n".join(map(str, paths)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in child.stdout.splitlines()]


def _read_all(peers: Path, paths: Sequence[Path]) -> Iterator[list[str]]:
    """The texts of each document by three libraries that share no code."""
    readers = ("pypdf", "pdfminer", "pypdfium2")
    runs = [[result.get("text", "") for result in _run(peers, reader, paths)[:-1]] for reader in readers]
    yield from map(list, zip(*runs, strict=True))


def _distribution(reader: str) -> str:
    return _DISTRIBUTIONS.get(reader, reader)


def tables(results: dict[str, Any]) -> str:
    """A table for each format, and one of what the libraries weigh."""
    packages = results["packages"]
    lines: list[str] = []
    for form, figures in results.items():
        if form == "packages":
            continue
        ours = figures["pullquote"]
        lines += [
            f"### {form}: {ours['files']} files",
            "",
            "| reader | refused | recall | precision | order | title right | time, ours = 1 | memory, MB |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for reader, found in figures.items():
            titles = "" if found["titles"] is None else f"{found['titles']:.2f}"
            lines.append(
                f"| {_distribution(reader)} | {found['refused']} | {found['recall']:.3f} | {found['precision']:.3f} | "
                f"{found['order']:.3f} | {titles} | {found['seconds'] / ours['seconds']:.2f} | "
                f"{found['megabytes']:.0f} |"
            )
        lines.append("")
    lines += [
        "### What they are",
        "",
        "| library | version | licence | installed with what it needs, MB |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {found['version']} | {found['licence']} | {found['bytes'] / 1e6:.1f} |"
        for name, found in sorted(packages.items())
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
