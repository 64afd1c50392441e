"""An evaluation as one HTML page that stands by itself: figures, charts, and the errors to read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from api.cli.charts import Axis, Dot, Line, chart, nice_most
from rag.evaluating.comparison import Comparison
from rag.evaluating.evaluation import WELL, Judged, Outcome, percentile, summary
from rag.evaluating.metrics import reliability, risk_coverage

ERRORS = 60
"""Errors that are shown; the JSON has all of them."""

_TEMPLATES = Path(__file__).parent.parent / "web" / "templates"
_OUTCOMES: tuple[Outcome, ...] = ("right", "silent", "held back", "wrong", "made up")


def html_report(
    judged: Sequence[Judged], threshold: float, about: Mapping[str, str], comparison: Comparison | None = None
) -> str:
    """The page. ``about`` is told at its top: what was asked, of which index, with which models."""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)
    errors = worst(judged)
    outcomes = Counter(item.outcome for item in judged)
    return environment.get_template("evaluation.html").render(
        about=about,
        figures=figure_rows(judged, comparison),
        outcomes=[(name, outcomes[name]) for name in _OUTCOMES if outcomes[name]],
        total=len(judged),
        charts=_charts(judged, threshold),
        causes=Counter(item.cause for item in errors).most_common(),
        errors=errors[:ERRORS],
        error_count=len(errors),
        kinds=_kinds(judged),
        comparison=comparison,
    )


def worst(judged: Sequence[Judged]) -> list[Judged]:
    """What went wrong: first what was given, the surest first, then what was held back, the nearest to right first."""
    wrong = [item for item in judged if item.outcome not in WELL]
    return sorted(wrong, key=lambda item: (not item.given, -item.confidence if item.given else -item.f1, item.id))


def figure(name: str, value: float | None) -> str:
    """A figure as it is shown: counts are whole, milliseconds have one decimal, shares three."""
    if value is None:
        return "–"
    if name in {"questions", "answerable"}:
        return f"{value:.0f}"
    return f"{value:.1f}" if name.startswith("milliseconds") else f"{value:.3f}"


def figure_rows(judged: Sequence[Judged], comparison: Comparison | None = None) -> list[tuple[str, str, str, str]]:
    """Name, value, value before and difference of every figure, the last two empty when nothing is compared."""
    if comparison is None:
        return [(name, figure(name, value), "", "") for name, value in summary(judged).items()]
    rows = []
    for name, (before, after) in comparison.figures.items():
        difference = f"{after - before:+.3f}" if before is not None and after is not None and after != before else ""
        rows.append((name, figure(name, after), figure(name, before), difference))
    return rows


def _charts(judged: Sequence[Judged], threshold: float) -> list[tuple[str, str, Markup]]:
    confidences, right = [item.confidence for item in judged], [item.right for item in judged]
    return [
        (
            "Is the confidence true?",
            "Each dot is a tenth of the scale, larger with more questions. On the line, of the answers given with 70 %"
            " confidence 70 % are right; above it they are better than said.",
            _reliability_chart(confidences, right),
        ),
        (
            "What does answering more cost?",
            "Questions are answered from the surest on. Further right, more are answered, and more of those wrongly.",
            chart(
                "Risk and coverage",
                Axis("questions answered"),
                Axis("wrong, of those answered"),
                [Line(risk_coverage(confidences, right), "line")],
            ),
        ),
        (
            "Where should the threshold be?",
            f"Answers below the threshold are held back; it is {threshold:.2f} now.",
            _threshold_chart(confidences, right, threshold),
        ),
        ("How long does an answer take?", "The share of questions answered within a time.", _latency_chart(judged)),
    ]


def _reliability_chart(confidences: Sequence[float], right: Sequence[bool]) -> Markup:
    bins = reliability(confidences, right)
    dots = [
        Dot(
            own.confidence,
            own.right,
            own.count / len(confidences),
            f"{own.count} questions: said {own.confidence:.0%}, right {own.right:.0%}",
        )
        for own in bins
    ]
    lines = [
        Line([(0, 0), (1, 1)], "guide"),
        Line([(own.confidence, own.right) for own in bins], "line thin"),
    ]
    return chart("Reliability", Axis("confidence"), Axis("right"), lines, dots)


def _threshold_chart(confidences: Sequence[float], right: Sequence[bool], threshold: float) -> Markup:
    ascending = sorted(set(confidences))
    precision, share = [], []
    for least in ascending:
        given = [hit for confidence, hit in zip(confidences, right, strict=True) if confidence >= least]
        precision.append((least, sum(given) / len(given)))
        share.append((least, len(given) / len(confidences)))
    lines = [
        Line([(threshold, 0), (threshold, 1)], "guide"),
        Line(precision, "line", "right, of those answered"),
        Line(share, "line other", "answered"),
    ]
    return chart("Threshold", Axis("threshold"), Axis("share"), lines)


def _latency_chart(judged: Sequence[Judged]) -> Markup:
    times = sorted(item.milliseconds for item in judged)
    most = nice_most(percentile(times, 0.99))
    points = [(time, count / len(times)) for count, time in enumerate(times, 1)]
    return chart(
        "Latency", Axis("milliseconds", most, percent=False), Axis("questions answered"), [Line(points, "line")]
    )


def _kinds(judged: Sequence[Judged]) -> list[tuple[str, int, int, float]]:
    """Each kind of question with how many there are, how many went well, and the mean F1; none without kinds."""
    kinds = sorted({item.kind for item in judged if item.kind})
    rows = []
    for kind in kinds:
        own = [item for item in judged if item.kind == kind]
        rows.append(
            (kind, len(own), sum(item.outcome in WELL for item in own), sum(item.f1 for item in own) / len(own))
        )
    return rows
