"""Mutation runs: ``python scripts/mutants.py [PATH …]``, or ``make mutants PATHS="…"``.

Every mutant is a copy of the code with one small change, such as ``<`` for ``<=``; one that no test fails under has
survived, and shows what the tests don't see. The mutants of a module are tried on the tests of that module alone:
``tests/rag/reading/test_spans.py`` for ``rag/reading/spans.py``, the whole folder where there is no such file. Prints a
table, and each survivor as a difference.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
FLOORS = ("index", "rag", "api")
PATHS = ("rag/ranking", "rag/reading/spans.py", "index/building/chunker.py", "index/storage/store.py")
COUNTED = ("killed", "timeout", "survived", "no tests", "other")

_CONFIGURATION = """
[mutmut]
source_paths =
{sources}
only_mutate =
{mutated}
also_copy =
    benchmarks
    pyproject.toml
    seeds
    training
pytest_add_cli_args =
    -q
pytest_add_cli_args_test_selection =
{tests}
"""


def modules(paths: Iterable[str]) -> list[Path]:
    """The modules of files and folders, relative to the checkout."""
    found: list[Path] = []
    for name in paths:
        path = (ROOT / name).resolve()
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        found += [file.relative_to(ROOT) for file in files if file.name != "__init__.py"]
    return found


def tried_on(module: Path) -> Path:
    """The file of tests of a module, else the folder that mirrors its folder."""
    folder = "tests" / module.parent
    own = folder / f"test_{module.name}"
    return own if (ROOT / own).exists() else folder


def prepare(mutated: Sequence[Path], work: Path) -> None:
    """Copy what git knows of, or would add, into a folder, and tell mutmut there what to do."""
    shutil.rmtree(work, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, work / name)
    (work / "setup.cfg").write_text(
        _CONFIGURATION.format(
            sources=_lines(FLOORS), mutated=_lines(mutated), tests=_lines(sorted(set(map(tried_on, mutated))))
        )
    )


def _lines(items: Iterable[object]) -> str:
    return "\n".join(f"    {item}" for item in items)


def outcomes(told: str) -> dict[str, str]:
    """What became of each mutant, by its name, from ``mutmut results --all true``."""
    return dict(re.findall(r"^ +(\S+): (.+)$", told, re.MULTILINE))


def table(outcome: dict[str, str], mutated: Sequence[Path]) -> str:
    """A row for each module: how many mutants there are, and what became of them."""
    rows = ["| module | mutants | " + " | ".join(COUNTED) + " |", "|---|" + "---|" * (len(COUNTED) + 1)]
    for module in mutated:
        start = ".".join(module.with_suffix("").parts) + "."
        of_module = Counter(
            state if state in COUNTED else "other" for name, state in outcome.items() if name.startswith(start)
        )
        counts = [of_module.total(), *(of_module[state] for state in COUNTED)]
        rows.append(f"| `{module}` | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutants, and print the table and the survivors."""
    parser = argparse.ArgumentParser(description="Try what the tests see.")
    parser.add_argument("paths", nargs="*", default=PATHS, help="modules and folders, or none for the usual ones")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants that are tried at a time")
    parser.add_argument("--nice", type=int, default=10, help="how much it gives way to other processes, 0 to 19")
    options = parser.parse_args(arguments)
    mutated, work = modules(options.paths), ROOT / "build" / "mutants"
    prepare(mutated, work)
    mutmut = Path(sys.executable).with_name("mutmut")
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "brief", "PYTHONPATH": "", "OMP_NUM_THREADS": "1"}

    def run(*words: str, shown: bool = False) -> str:
        done = subprocess.run([mutmut, *words], cwd=work, env=environment, text=True, stdout=None if shown else -1)
        if done.returncode:
            raise SystemExit(f"mutmut {' '.join(words)} failed: look into {work}")
        return done.stdout or ""

    os.nice(options.nice)
    run("run", "--max-children", str(options.jobs), shown=True)
    outcome = outcomes(run("results", "--all", "true"))
    for name, state in outcome.items():
        if state != "killed":
            print(run("show", name))
    print(table(outcome, mutated))
    return 0


if __name__ == "__main__":
    sys.exit(main())
