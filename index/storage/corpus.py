"""What answering needs of an index, however its passages are kept and searched."""

from collections.abc import Sequence
from typing import Protocol

from index.article import Article, Passage
from index.errors import PullquoteError
from index.models.onnx_model import FloatArray
from index.storage.candidates import Candidates
from index.storage.catalogue import Listing, Order
from index.storage.filters import EVERYTHING, Filters
from index.storage.snapshot import Manifest
from index.storage.store import FileRecord


class IncompleteError(PullquoteError, RuntimeError):
    """A part of the index that is needed does not answer now."""

    code = "incomplete"


class Corpus(Protocol):
    """One version of an index. It never changes, and is safe to share between threads.

    Where it is made of parts and one is missing, candidates come from the others, and tell how many passages were
    searched. Everything else that may lie in the missing part raises :class:`IncompleteError`, but for what is only
    shown beside an article: neighbours, facets and failed files.

    A passage is known by its row, a number that stands for it in this version only.
    :mod:`tests.index.storage.test_corpus` holds what every implementation keeps to.
    """

    @property
    def manifest(self) -> Manifest:
        """What the version holds and was made with."""

    @property
    def example_questions(self) -> tuple[str, ...]:
        """Questions that its articles answer."""

    def candidates(self, question: str, vector: FloatArray, filters: Filters, pool: int) -> Candidates:
        """The best ``pool`` passages by their vectors and the best ``pool`` by their words.

        :param vector: that of the question, ``float32[dimension]`` of length 1.
        :param filters: what the article of a passage, or one with the same text, has to pass.
        """

    def passages(self, rows: Sequence[int], filters: Filters = EVERYTHING) -> list[tuple[Passage, Article]]:
        """Passages with their articles, in the order of ``rows``; of articles with one text, the first that passes
        ``filters``.
        """

    def article(self, article_id: str, filters: Filters = EVERYTHING) -> Article | None:
        """The whole article, or None where there is none that passes ``filters``."""

    def articles(self, filters: Filters = EVERYTHING, after: str = "", limit: int = 50) -> list[Article]:
        """Up to ``limit`` articles in the order of their ids, beginning behind the id ``after``."""

    def listing(self, filters: Filters, words: str, order: Order, skip: int, most: int) -> Listing:
        """A page of the list of articles that pass ``filters`` and have all of ``words``, the last of which may be a
        beginning.
        """

    def failed_files(self, most: int) -> list[FileRecord]:
        """Source files of which something could not be indexed, ``most`` at the most."""

    def neighbours(self, article_id: str, filters: Filters = EVERYTHING) -> tuple[Article | None, Article | None]:
        """The articles before and behind an id that pass ``filters``, in the order of ids."""

    def copies(self, article_id: str, filters: Filters = EVERYTHING) -> list[Article]:
        """The articles that have the very text of this one and pass ``filters``; itself, too, if it passes."""

    def witnesses(self, article_ids: Sequence[str]) -> dict[str, int]:
        """For each article a number that it shares with those that reprint it: together they are one witness."""

    def articles_of_bytes(self, sha256: str) -> list[Article]:
        """The articles of the source files with these very bytes."""

    def file_of(self, article_id: str) -> tuple[str, str | None] | None:
        """The key of the file that an article was read from, and the hash of that file."""

    def facets(self, filters: Filters = EVERYTHING) -> dict[str, list[str]]:
        """The distinct sources, authors and tags of the articles that pass ``filters``, the most frequent first."""

    def counts(self, filters: Filters = EVERYTHING) -> tuple[int, int]:
        """How many articles pass ``filters``, and how many passages they have."""

    def close(self) -> None:
        """Let go of what it holds. Nothing must be searching it any more."""
