"""Pullquote for Python programs: ask articles, and get their exact words with citations that anyone can check.

``pullquote.open("var").ask("Who …?")`` asks an index, ``pullquote.over(texts).ask("Who …?")`` texts of one's own.
``docs/python.md`` shows the rest.
"""

from importlib.metadata import version as _version

from pullquote import _packages  # noqa: F401

# isort: split
from index.article import Article, Block, Passage
from index.building.builder import BuildError, BuildReport
from index.errors import PullquoteError
from index.limited.limits import Limits
from index.models.onnx_model import ModelError
from index.sources.fetch import FetchPolicy
from index.sources.unread import SourceError, SourceFailure
from index.storage.corpus import IncompleteError
from index.storage.filters import Filters
from index.storage.snapshot import SnapshotError
from index.storage.versions import BusyError
from pullquote._build import build
from pullquote._citations import verify
from pullquote._index import Index, open  # noqa: A004
from pullquote._models import Models
from pullquote._texts import over
from rag.answerer import Answer, Result
from rag.checking.checker import CheckedSentence, CheckedText
from rag.citing.agreement import Agreement, Position
from rag.citing.citation import Citation
from rag.citing.verification import Verification
from rag.english.attribution import Attribution
from rag.english.event_dates import EventDate
from rag.english.followup import Turn
from rag.question import Question
from rag.retrieval.retriever import RetrievedPassage

__all__ = [
    "Agreement",
    "Answer",
    "Article",
    "Attribution",
    "Block",
    "BuildError",
    "BuildReport",
    "BusyError",
    "CheckedSentence",
    "CheckedText",
    "Citation",
    "EventDate",
    "FetchPolicy",
    "Filters",
    "IncompleteError",
    "Index",
    "Limits",
    "ModelError",
    "Models",
    "Passage",
    "Position",
    "PullquoteError",
    "Question",
    "Result",
    "RetrievedPassage",
    "SnapshotError",
    "SourceError",
    "SourceFailure",
    "Turn",
    "Verification",
    "__version__",
    "build",
    "open",
    "over",
    "verify",
]

__version__ = _version("pullquote")
