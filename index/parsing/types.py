"""What a format knows about the bytes it reads, and how it says that it can't read them."""

from dataclasses import dataclass, field

from index.article import Article
from index.errors import UNREADABLE, PullquoteError
from index.parsing.metadata import Metadata


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from.

    ``key`` is stable across machines ("seeds/report.txt") and article ids are made from it; ``path`` is relative to the
    folder that is indexed; ``url`` is the address that the document was fetched from or is cited by; ``charset`` is the
    character set that its sender named; ``columns`` are pairs of a field (``text``, ``title``) and what it is called in
    tables and records; ``recognised`` is the language, or several (``eng+deu``), in which pages that are pictures are
    recognised, None for not at all.
    """

    key: str
    path: str | None = None
    url: str | None = None
    charset: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    recognised: str | None = None


class LoadError(PullquoteError, ValueError):
    """A document, or one part of it, can't be read: one line that says what is wrong and how to mend it."""

    code = UNREADABLE


class Note(LoadError):  # noqa: N818  # it is yielded where errors are, and nothing is wrong
    """What is worth knowing of a document that was read: what was left out or mended, in one line."""


@dataclass(frozen=True, slots=True)
class Link:
    """A document elsewhere that a feed or sitemap lists, with what the list tells of it."""

    url: str
    metadata: Metadata = field(default_factory=Metadata)


Loaded = Article | LoadError | Link
"""What a loader yields."""


def missing_package(what: str, error: ImportError) -> LoadError:
    """The error for documents that need a package that is not installed."""
    reason = " ".join(str(error).split())
    return LoadError(f"{what} can't be read, a package is missing ({reason}): run pip install 'pullquote[formats]'")
