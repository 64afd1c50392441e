"""The figures as the section of ``docs/performance.md``."""

from collections.abc import Mapping
from typing import Any

from benchmarks.report import table
from benchmarks.turns import Spread, ratio

OWN = "Pullquote"
"""What the names of our own settings begin with; the one that is called no more is the default."""
GOAL = 2.0
"""Times better than each peer that Pullquote means to be."""


def advantages(figures: Mapping[str, Any], peer: str, ours: str = OWN) -> dict[str, float]:
    """How many times better ``ours`` is than ``peer``, by what was measured; below 1 the peer is ahead.

    Indexing, starts and asks a second are medians of ratios within a round, those left out in which the peer crashed
    before the first ask; answers a second are those of all rounds together. What a peer never did is left out.
    """
    own, other = figures["asks"][ours], figures["asks"][peer]
    loaded, other_loaded = figures["loads"][ours], figures["loads"][peer]
    found = {}
    if {peer, ours} <= figures["indexing"].keys():
        found["indexing"] = ratio(figures["indexing"][peer], figures["indexing"][ours]).median
    lasted = [pair for pair in zip(loaded["asks/s"], other_loaded["asks/s"], strict=True) if pair[1]]
    if lasted:
        found["asks a second"] = ratio(*zip(*lasted, strict=True)).median
    if answered := sum(other_loaded["answered/s"]):
        found["answers a second, errors left out"] = sum(loaded["answered/s"]) / answered
    return {
        **found,
        "median ask": other["median ms"] / own["median ms"],
        "95th percentile": other["p95 ms"] / own["p95 ms"],
        "memory after the asks": other["memory after the asks"]["Rss"] / own["memory after the asks"]["Rss"],
        "start to first answer": ratio(figures["starts"][peer], figures["starts"][ours]).median,
    }


def section(figures: Mapping[str, Any]) -> str:
    """Tables of speed, of ratios and of quality."""
    names = list(figures["asks"])
    rated = figures["indexed for the rate"]
    speed = []
    for name in names:
        asks = figures["asks"][name]
        seconds = figures["indexing"].get(name)
        rates = [
            f"{rated[what] / Spread.of(seconds).median:.1f}" if seconds else "–" for what in ("articles", "passages")
        ]
        ready, after = asks["memory when ready"], asks["memory after the asks"]
        memory = [f"{ready['Rss']:.0f} / {ready['Pss']:.0f}", f"{after['Rss']:.0f} / {after['Pss']:.0f}"]
        times = [Spread.of(figures["starts"][name]).median, asks["median ms"], asks["p95 ms"]]
        loaded = figures["loads"][name]
        many = [Spread.of(loaded[kind]).median for kind in ("asks/s", "answered/s")]
        speed.append([name, *rates, *times, *many, f"{sum(loaded['lost']):.0f}", *memory])
    speed_head = [
        "system", "articles/s", "passages/s", "start to first answer, s", "median ask, ms", "p95, ms",
        "asks/s, 4 clients", "of them answered/s", "lost in a crash", "RSS / PSS ready, MB", "RSS / PSS after, MB",
    ]  # fmt: skip
    ratios: list[str] = []
    for ours in (name for name in names if name.startswith(OWN)):
        better = {name: advantages(figures, name, ours) for name in names if not name.startswith(OWN)}
        kinds = list(dict.fromkeys(kind for found in better.values() for kind in found))
        rows = [[kind, *(_verdict(found.get(kind)) for found in better.values())] for kind in kinds]
        ratios.append(f"How many times better {ours} is ({GOAL:g} is the goal; below 1 the peer is ahead):")
        ratios.append(table(["", *better], rows))
    quality = [[name, *_quality(figures["asks"][name])] for name in names]
    quality_head = ["system", "F1", "EM", "answerable, no answer", "unanswerable, no answer", "failed with an error"]
    counts = figures["counts"]
    told = "; ".join(", ".join(f"{n} {v}" for n, v in own.items()) for own in figures["versions"].values())
    return "\n\n".join(
        [
            "## Beside txtai and Haystack",
            f"{counts['articles']:,} articles in {counts['passages']:,} passages, {counts['questions']} questions, "
            f"{len(figures['starts'][OWN])} rounds; indexing on {rated['articles']:,} articles. {told}. "
            f"The load average of the machine was {figures['load before']:.1f} at the begin and "
            f"{figures['load after']:.1f} at the end, the systems' own work included.",
            table(speed_head, speed),
            *ratios,
            table(quality_head, quality),
        ]
    )


def _verdict(times: float | None) -> str:
    if times is None:
        return "–"
    return f"{times:.2f}" if times >= GOAL else f"**{times:.2f}**, {'missed' if times >= 1 else 'the peer wins'}"


def _quality(asks: Mapping[str, Any]) -> list[object]:
    return [
        f"{asks['F1']:.1f}",
        f"{asks['EM']:.1f}",
        f"{asks['answerable, declined']} of {asks['answerable']}",
        f"{asks['unanswerable, declined']} of {asks['unanswerable']}",
        f"{asks['failed, answerable']} + {asks['failed, unanswerable']}",
    ]
