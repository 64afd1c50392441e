"""What measurements of several sizes tell: how figures grow, and how well smaller sizes predict the largest."""

import json
import math
import os
import statistics
from collections.abc import Mapping, Sequence

import numpy as np

from api.cli.sizing import FITTED, Fit, fit
from benchmarks import plots, report
from benchmarks.scale.record import Record

FITS = {
    "build_cpu_s": "building, CPU s",
    "build_mb": "memory of a build, MB",
    "open_cpu_s": "opening, CPU s",
    "vectors_cpu_ms": "vectors, CPU ms",
    "words_cpu_ms": "words and the rest of a search, CPU ms",
    "serve_mb": "memory of searching, MB",
}
"""What ``pullquote scale`` calls the figures that it takes to lie on a line."""


def first(figure: float | list[float]) -> float:
    """The figure itself, or the median."""
    return figure[0] if isinstance(figure, list) else figure


def exponent(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The slope of log y over log x by least squares, and its standard error.

    :raises ValueError: with fewer than three points.
    """
    if len(points) < 3:
        raise ValueError("a slope with its error needs three points")
    logs = [(math.log(x), math.log(y)) for x, y in points]
    slope, begin = statistics.linear_regression(*zip(*logs, strict=True))
    mean = statistics.fmean(x for x, _ in logs)
    residual = sum((y - begin - slope * x) ** 2 for x, y in logs)
    return slope, math.sqrt(residual / (len(logs) - 2) / sum((x - mean) ** 2 for x, _ in logs))


def predicted(found: Sequence[Record], name: str, passages: float) -> float:
    """The figure on the line through the two sizes before the largest."""
    return _line(found[-3:-1], name).at(passages)


def table(found: Sequence[Record]) -> str:
    """A row for each figure and a column for each size, the smallest first; with three sizes, also the exponent of
    growth over passages, of all sizes and of the last three, and what the two before the largest predict for it.
    """
    counts = [f"{record['passages']:,}" for record in found]
    head = ["of passages", *counts]
    if len(found) >= 3:
        latest = ["exponent, last three"] if len(found) > 3 else []
        head += ["exponent", *latest, f"predicted for {counts[-1]}", "predicted / measured"]
    rows = []
    for name in (name for name in found[-1] if name != "passages"):
        row = [name, *(_cell(record[name]) if name in record else "" for record in found)]
        if len(found) >= 3:
            row += _growth(found, name)
        rows.append(row)
    return report.table(head, rows)


def _cell(figure: float | list[float]) -> str:
    return "; ".join(f"{each:,.4g}" for each in figure) if isinstance(figure, list) else f"{figure:,.4g}"


def _growth(found: Sequence[Record], name: str) -> list[str]:
    parts = [found, found[-3:]] if len(found) > 3 else [found]
    if not all(name in record and first(record[name]) > 0 for record in found):
        return [""] * (len(parts) + 2)
    slopes = [exponent([(first(record["passages"]), first(record[name])) for record in part]) for part in parts]
    expected, measured = predicted(found, name, first(found[-1]["passages"])), first(found[-1][name])
    return [
        *(f"{slope:.2f} ± {error:.2f}" for slope, error in slopes),
        f"{expected:,.4g}",
        f"{expected / measured:.2f}",
    ]


def lines(found: Sequence[Record], name: str, figure: str) -> str:
    """Plot a figure as measured and as predicted."""
    sizes = [first(record["passages"]) for record in found]
    series = {
        "measured": [(size, first(record[figure])) for size, record in zip(sizes, found, strict=True)],
        "predicted": [(at, predicted(found, figure, at)) for at in np.geomspace(sizes[0], sizes[-1], 9).tolist()],
    }
    return plots.lines(name, "passages", figure, series, "xy")


def growth(found: Sequence[Record], name: str, figures: Sequence[str]) -> str:
    """Plot figures as so many times those of the smallest size."""
    smallest = found[0]
    series = {
        figure: [(first(each["passages"]), first(each[figure]) / first(smallest[figure])) for each in found]
        for figure in figures
    }
    return plots.lines(name, "passages", f"times that of {smallest['passages']}", series, "xy")


def keep_fits(corpus: str, found: Sequence[Record]) -> None:
    """Keep for ``pullquote scale`` the bytes that a passage of such a corpus takes, and, where builds were measured,
    the lines through the smallest and the largest size.
    """
    kept = json.loads(FITTED.read_text(encoding="utf-8"))
    largest = found[-1]
    bytes_each = first(largest["bytes on disk"]) / first(largest["passages"])
    kept["bytes_a_passage"][corpus] = [first(largest["characters a passage"]), bytes_each]
    if FITS["build_cpu_s"] in largest:
        ends = {name: _line([found[0], largest], label) for name, label in FITS.items()}
        kept |= {
            "measured_at": [first(record["passages"]) for record in found],
            "processors": os.cpu_count(),
            "fits": {name: [line.fixed, line.each] for name, line in ends.items()},
        }
    FITTED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _line(ends: Sequence[Mapping[str, float | list[float]]], name: str) -> Fit:
    one, other = ((first(record["passages"]), first(record[name])) for record in ends)
    return fit(one, other)
