"""Building again whenever the sources change."""

from collections.abc import Callable, Iterator, Sequence
from glob import has_magic
from itertools import takewhile
from pathlib import Path
from threading import Event

from watchfiles import watch

from api.cli.advice import with_advice
from index.sources.expand import absolute
from index.sources.fetch import is_url

_QUIET_MS = 500
_LONGEST_MS = 10_000


def watched(sources: Sequence[str]) -> list[Path]:
    """The folders in which the files of the sources are; web addresses can't be watched."""
    places = [Path(absolute(source)) for source in sources if not is_url(source)]
    plain = [Path(*takewhile(lambda part: not has_magic(part), place.parts)) for place in places]
    return sorted({place if place.is_dir() else place.parent for place in plain})


def changes(sources: Sequence[str], data_dir: Path, stop: Event | None = None) -> Iterator[None]:
    """Ends its first step when the sources are watched, and another one each time that something changed in them and
    nothing more did for half a second.

    What changes between two steps is not missed. What changes in ``data_dir``, as builds do, and in hidden files does
    not count.
    """
    folders, own = watched(sources), data_dir.resolve()

    def counts(name: str) -> bool:
        path = Path(name)
        return not (path.name.startswith(".") or path.resolve().is_relative_to(own))

    looks = watch(
        *folders,
        watch_filter=None,
        step=_QUIET_MS,
        debounce=_LONGEST_MS,
        rust_timeout=_QUIET_MS,
        yield_on_timeout=True,
        stop_event=stop,
    )
    for number, found in enumerate(looks):
        if number == 0:
            yield
        if any(counts(name) for _, name in found):
            yield


def keep_building(build: Callable[[], None], steps: Iterator[None], tell: Callable[[str], None]) -> None:
    """Build at the end of each of ``steps``; a build that fails is told, and the next change builds again."""
    for _ in steps:
        try:
            build()
        except (RuntimeError, ValueError, OSError) as error:
            tell(with_advice(error))
