"""Doing the same for several, whatever becomes of one."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def for_each(work: Callable[[T], object], items: Iterable[T]) -> None:
    """Do the work for every item, whatever happens to others.

    :raises Exception: the first that came up.
    """
    raised = []
    for item in items:
        try:
            work(item)
        except Exception as error:
            raised.append(error)
    if raised:
        raise raised[0]
