"""What was measured of one size, and what all measurements share: corpora, clocks, memory, processes of their own."""

import multiprocessing
import resource
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from benchmarks.grown import Grown
from benchmarks.made_up import Recombined
from index.models.embedder import Embedder
from index.storage.filters import Filters

Record = dict[str, float | list[float]]
"""Figures by what they are called in tables; of times, often the median and the 95th percentile."""

T = TypeVar("T")


class Articles(Protocol):
    """A corpus that can be made in any size; more articles begin with the same as fewer."""

    @property
    def name(self) -> str:
        """What it is made of."""

    @property
    def filters(self) -> Mapping[str, Filters]:
        """What some of the articles pass, and in words how many."""

    def write(self, folder: Path, articles: int) -> None:
        """Write so many articles into files, unless they are there."""

    def questions(self, count: int) -> list[str]:
        """So many questions."""

    def different_questions(self, count: int) -> list[str]:
        """The same, but none twice; there may be fewer."""

    def embedder(self, cache: Path) -> Embedder:
        """Vectors that cost nothing; what has to be kept for them goes into ``cache``."""


def open_corpus(paths: Sequence[Path]) -> Articles:
    """Of one path, articles that are recombined from it (:mod:`benchmarks.made_up`); of two, real passages of a data
    set and articles grown around them (:mod:`benchmarks.grown`).
    """
    return Recombined(*paths) if len(paths) == 1 else Grown(*paths)


def alone(work: Callable[..., T], *arguments: object) -> T:
    """What ``work`` returns, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def spent() -> float:
    """CPU seconds of this process and of its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def own_megabytes() -> float:
    """What belongs to this process alone now, without the pages of files (``RssAnon``; Linux)."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return int(status["RssAnon"].split()[0]) / 1024


def most_resident_megabytes() -> float:
    """The most that was in memory of this process, with the pages of files."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def most_own_megabytes() -> Iterator[list[float]]:
    """The most of :func:`own_megabytes` meanwhile, looked at ten times a second: the one item of the list."""
    most, ended = [own_megabytes()], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            most[0] = max(most[0], own_megabytes())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield most
    finally:
        ended.set()
        watching.join()
