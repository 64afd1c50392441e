"""What it means for an answer that a part of the index was not searched."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from index.storage.corpus import IncompleteError

T = TypeVar("T")

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class CoverageWarning:
    """A part of the index did not answer, in words, and as a ``code`` that stays the same."""

    message: str
    code: Literal["incomplete"] = "incomplete"


def coverage_warnings(coverage: float) -> tuple[CoverageWarning, ...]:
    """What to tell where only this share of the passages was searched; nothing where it was all of them."""
    if coverage >= 1:
        return ()
    return (
        CoverageWarning(
            f"Only {int(100 * coverage)} % of the articles could be searched, so the right answer may be missed: ask "
            "again in a moment."
        ),
    )


def whole_attempt(work: Callable[[], T]) -> T:
    """What ``work`` gives. Where a part of the index is lost in the middle of it, it is done again, without that part.

    :raises IncompleteError: when parts are lost again and again.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return work()
        except IncompleteError:
            continue
    return work()
