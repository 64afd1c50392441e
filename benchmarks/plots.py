"""Plots for ``docs/performance.md``, as SVG files that are the same for the same figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update(
    {
        "svg.hashsalt": "pullquote",
        "svg.fonttype": "none",
        "font.size": 10,
        "figure.figsize": (7, 3.6),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
    }
)

from matplotlib import pyplot  # noqa: E402  (after the backend is chosen)
from matplotlib.figure import Figure  # noqa: E402

FOLDER = Path("docs/plots")

Points = Sequence[tuple[float, float]]


def lines(name: str, x: str, y: str, series: Mapping[str, Points], log: str = "", limit: float | None = None) -> str:
    """Draw a line for each series; returns the Markdown that shows the plot.

    :param log: The axes that are logarithmic: ``""``, ``"x"``, ``"y"`` or ``"xy"``.
    :param limit: A target on the y axis, drawn dashed.
    """
    figure, axes = pyplot.subplots()
    for label, points in series.items():
        axes.plot(*zip(*points, strict=True), marker="o", markersize=3.5, label=label)
    if limit is not None:
        axes.axhline(limit, linestyle="--", linewidth=1, color="0.4")
    axes.set(xlabel=x, ylabel=y, xscale="log" if "x" in log else "linear", yscale="log" if "y" in log else "linear")
    if len(series) > 1:
        axes.legend(frameon=False)
    return _save(figure, name, f"{y} against {x}")


def bars(name: str, x: str, values: Mapping[str, tuple[float, float, float]], limit: float | None = None) -> str:
    """Draw a horizontal bar for each (median, least, most), the extremes as a whisker; returns the Markdown for it.

    :param limit: A target on the x axis, drawn dashed.
    """
    figure, axes = pyplot.subplots(figsize=(7, 0.8 + 0.42 * len(values)))
    names = list(values)[::-1]
    medians = [values[name][0] for name in names]
    whiskers = [[values[n][0] - values[n][1] for n in names], [values[n][2] - values[n][0] for n in names]]
    axes.barh(names, medians, xerr=whiskers, color="#4c72b0", ecolor="0.3", height=0.6)
    if limit is not None:
        axes.axvline(limit, linestyle="--", linewidth=1, color="0.4")
    axes.set(xlabel=x)
    axes.grid(visible=False, axis="y")
    return _save(figure, name, x)


def _save(figure: Figure, name: str, description: str) -> str:
    FOLDER.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})
    pyplot.close(figure)
    return f"![{description}](plots/{name}.svg)"
