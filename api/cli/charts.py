"""Charts as inline SVG: lines and dots in a square of two axes. Colours come from the style sheet of the page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 380, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 24, 28, 44
_KEY_WIDTH = 150
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A line through ``points``; ``style`` is a class of the style sheet, ``label`` stands in the key."""

    points: Points
    style: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A dot whose area grows with ``weight`` (0 to 1); ``tooltip`` shows when it is pointed at."""

    x: float
    y: float
    weight: float
    tooltip: str


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from 0 to ``most``; with ``percent`` its numbers are shares of one."""

    label: str
    most: float = 1.0
    percent: bool = True

    def tick(self, value: float) -> str:
        """The number at ``value``."""
        return f"{100 * value:.0f} %" if self.percent else f"{value:g}"


def nice_most(value: float) -> float:
    """The least of 1, 2, 5, 10, 20, 50… that is not below ``value``."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(value))
    return next(step * scale for step in (1, 2, 5, 10) if step * scale >= value)


def chart(title: str, x: Axis, y: Axis, lines: Sequence[Line], dots: Sequence[Dot] = ()) -> Markup:
    """An ``<svg>`` with what is drawn cut at the axes."""

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across = min(1.0, max(0.0, point[0] / x.most)) * (_WIDTH - _LEFT - _RIGHT)
        up = min(1.0, max(0.0, point[1] / y.most)) * (_HEIGHT - _TOP - _BOTTOM)
        return round(_LEFT + across, 1), round(_HEIGHT - _BOTTOM - up, 1)

    parts = [_axes(x, y)]
    for line in lines:
        path = " ".join(f"{across},{down}" for across, down in map(place, line.points))
        parts.append(Markup('<polyline class="{}" points="{}"/>').format(line.style, path))
    for dot in dots:
        across, down = place((dot.x, dot.y))
        radius = round(3 + 9 * math.sqrt(dot.weight), 1)
        parts.append(
            Markup('<circle class="dot" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                across, down, radius, dot.tooltip
            )
        )
    parts += [_key(place_in_key, line) for place_in_key, line in enumerate(line for line in lines if line.label)]
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>').format(
        _WIDTH, _HEIGHT, title, title, Markup("").join(parts)
    )


def _axes(x: Axis, y: Axis) -> Markup:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = []
    for step in range(_TICKS + 1):
        across = _LEFT + step * (right - _LEFT) / _TICKS
        down = bottom - step * (bottom - _TOP) / _TICKS
        parts.append(
            f'<path class="grid" d="M{across:.1f} {_TOP}V{bottom}M{_LEFT} {down:.1f}H{right}"/>'
            f'<text x="{across:.1f}" y="{bottom + 15}" text-anchor="middle">{x.tick(step * x.most / _TICKS)}</text>'
            f'<text x="{_LEFT - 6}" y="{down + 4:.1f}" text-anchor="end">{y.tick(step * y.most / _TICKS)}</text>'
        )
    middle = (_TOP + bottom) / 2
    parts.append(
        f'<text class="label" x="{(_LEFT + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(x.label)}</text>'
        f'<text class="label" transform="translate(11 {middle}) rotate(-90)" text-anchor="middle">'
        f"{escape(y.label)}</text>"
    )
    return Markup("".join(parts))


def _key(place: int, line: Line) -> Markup:
    across, down = _LEFT + _KEY_WIDTH * place, _TOP - 12
    return Markup('<path class="{}" d="M{} {}h18"/><text x="{}" y="{}">{}</text>').format(
        line.style, across, down - 4, across + 23, down, line.label
    )
