"""The course of training runs, from their logs: a table of what was measured on dev, and a plot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: Figures on dev, as in the log, and their names in the table.
COLUMNS = {"f1": "F1", "em": "EM", "auroc": "AUROC", "auroc:human": "AUROC, by people", "f1_best": "best F1 over all"}


@dataclass(frozen=True)
class Course:
    """One run: its name, and for each evaluation the examples read so far and the figures on dev."""

    name: str
    points: tuple[tuple[int, dict[str, float]], ...]

    @classmethod
    def read(cls, folder: Path) -> Course:
        """The course in ``log.jsonl`` of a run's folder; of a step that was done twice, the last time counts.

        :raises FileNotFoundError: When there is no log.
        """
        entries = [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
        batch = next((entry["recipe"]["batch_size"] for entry in entries if "recipe" in entry), 1)
        points = {batch * entry["step"]: entry["dev"] for entry in entries if "dev" in entry}
        return cls(folder.name, tuple(sorted(points.items())))


def table(courses: Sequence[Course]) -> str:
    """A Markdown table with a line for each evaluation."""
    lines = [f"| run | examples read | {' | '.join(COLUMNS.values())} |", "|---" * (2 + len(COLUMNS)) + "|"]
    for course in courses:
        for examples, figures in course.points:
            cells = " | ".join(_cell(figures.get(key)) for key in COLUMNS)
            lines.append(f"| {course.name} | {examples:,} | {cells} |")
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}" if value > 1 else f"{value:.3f}"


def plot(courses: Sequence[Course], name: str, figure: str = "f1") -> str:
    """Draw one figure against the examples read, into ``docs/plots``; returns the Markdown that shows it."""
    from benchmarks.plots import lines

    series = {course.name: [(count, point[figure]) for count, point in course.points] for course in courses}
    return lines(name, "examples read", f"{COLUMNS[figure]} on dev", series)
