"""What a loader tells of how much of a document it took."""

from collections.abc import Iterator, Sequence

from index.parsing.parts import Part
from index.parsing.types import LoadError, Note

_NEARLY_ALL = 0.95
_SUSPICIOUS = 0.5
_LEAST = 200
"""Code points. What is shorter has no share worth telling."""


def searched(parts: Sequence[Part]) -> int:
    """How many code points of parts are searched, without white space."""
    return sum(visible(part.text) for part in parts if part.kind != "aside")


def visible(text: str | None) -> int:
    """How many code points of a text are not white space."""
    return len("".join((text or "").split()))


def share_taken(taken: int, whole: int) -> Iterator[LoadError]:
    """A note when some of the text of a document was left out, a failure when it is most of it.

    :param taken: what is searched, in code points that are not white space.
    :param whole: what there is.
    """
    if whole < _LEAST or taken >= _NEARLY_ALL * whole:
        return
    share = f"{taken:,} of {whole:,} characters are read"
    if taken < _SUSPICIOUS * whole:
        yield LoadError(f"only {share}: look at what is missing, and save it in another format if it matters")
    else:
        yield Note(share)


def left_beside(left: int, whole: int) -> Iterator[Note]:
    """A note when more than a little of a page stands beside its article, in code points."""
    if whole >= _LEAST and whole - left < _NEARLY_ALL * whole:
        yield Note(f"{left:,} of {whole:,} characters stand beside the article and are left out")
