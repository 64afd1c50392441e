"""Time as a service has it on a busy machine (Linux).

A deadline in seconds of the clock finds fault with a service that others keep from the processors. Here a second counts
as far as the service had it: whole while it has nothing to do or waits for a disk or a lock, and else by the share of
the processors that it got of what it wanted.
"""

import time
from contextlib import suppress

from benchmarks.service import family, threads_of

_Times = dict[int, tuple[float, float]]


class OwnTime:
    """Counts the seconds that a process and all that come from it have had since now."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._at, self._times = time.monotonic(), _of_threads(pid)
        self._seconds = 0.0

    def seconds(self) -> float:
        """The seconds until now. Ask often: threads that began and ended between two calls are not seen."""
        now, times = time.monotonic(), _of_threads(self._pid)
        before = [self._times.get(thread, (0.0, 0.0)) for thread in times]
        ran = sum(each[0] for each in times.values()) - sum(each[0] for each in before)
        waited = sum(each[1] for each in times.values()) - sum(each[1] for each in before)
        passed, wanted = now - self._at, ran + waited
        busy = min(passed, wanted)
        self._seconds += passed - busy + (busy * ran / wanted if wanted else 0.0)
        self._at, self._times = now, times
        return self._seconds


def _of_threads(pid: int) -> _Times:
    """The seconds that each thread ran and waited for a processor."""
    found = {}
    for process in family(pid):
        for thread in threads_of(process):
            with suppress(OSError):
                ran, waited, _ = map(int, (thread / "schedstat").read_text(encoding="ascii").split())
                found[int(thread.name)] = ran / 1e9, waited / 1e9
    return found
