"""A question with everything that its answer depends on, besides the index."""

from dataclasses import dataclass, field
from datetime import date

from index.storage.filters import Filters
from rag.english.followup import Turn
from rag.english.times import Preference

DEFAULT_LIMIT = 3
NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Two equal questions have the same answer from one version of an index.

    ``history`` is the conversation before it, the oldest turn first; see :mod:`rag.english.followup`. ``filters`` say
    which articles may answer. The ``limit`` best answers are given, of those whose confidence (0 to 1) is
    ``min_confidence`` or more; None is the calibrated default. ``asked_at`` is the day from which "last year" and the
    like count, today if not given. ``prefer`` puts the newest or the oldest articles first where several answer.
    """

    text: str
    history: tuple[Turn, ...] = ()
    filters: Filters = NO_FILTERS
    limit: int = DEFAULT_LIMIT
    min_confidence: float | None = None
    asked_at: date = field(default_factory=date.today)
    prefer: Preference | None = None
