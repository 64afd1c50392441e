"""When sources elsewhere are looked at again: intervals, and longer ones for sources that fail."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sources.addresses import clean_source

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_INTERVAL = re.compile(r"(\d{1,6})\s*([smhd])")
_LONGEST_BACK_OFF = 86_400.0
"""Seconds that a source that fails is left alone at the most, unless it is looked at less often anyway."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """How often sources are looked at, in seconds: ``default`` for those that ``of`` does not name, None for never."""

    default: float | None = None
    of: tuple[tuple[str, float], ...] = ()

    @classmethod
    def read(cls, entries: Sequence[str]) -> "Refresh":
        """Read entries such as ``1h``, for all sources, and ``https://example.org/feed.xml 15m``, for one.

        :raises ValueError: naming an entry that is neither.
        """
        default, of = None, {}
        for entry in entries:
            source, _, interval = entry.strip().rpartition(" ")
            found = _INTERVAL.fullmatch(interval)
            seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
            if not seconds:
                raise ValueError(f"{entry!r} is no interval: write 15m, 2h or 1d, or a source, a blank and an interval")
            if source:
                of[clean_source(source.strip())] = float(seconds)
            else:
                default = float(seconds)
        return cls(default, tuple(of.items()))

    def interval(self, source: str) -> float | None:
        """How often a source is looked at; None: never by itself."""
        return dict(self.of).get(source, self.default)


def next_look(now: float, interval: float | None, failures: int, wait: float | None = None) -> float | None:
    """When a source is looked at again: after its interval, twice as long after each failure in a row.

    :param failures: how many times in a row it failed.
    :param wait: how long its server asked to be left alone, in seconds.
    """
    if interval is None:
        return None
    longest = max(interval, _LONGEST_BACK_OFF)
    return now + max(min(interval * 2.0 ** min(failures, 30), longest), wait or 0.0)


@dataclass(slots=True)
class Look:
    """What a build found at a source elsewhere: how many articles it has, how many of them came, changed and went, and
    why nothing of it could be read, if so.
    """

    articles: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    error: str | None = None
