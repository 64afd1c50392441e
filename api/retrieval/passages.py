"""What the dialects of retrieval share: the passages for a question, and what is said of one."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from api.http.errors import Problem, explained
from api.http.requests import FilterSet, a_question
from api.runtime.service import Service
from api.runtime.state import runtime_of
from index.storage.filters import Filters
from rag.retrieval.retriever import RetrievedPassage

FIELDS = {"source": "sources", "author": "authors", "tag": "tags"}
"""What passages are filtered by, as most programs call it, and as :class:`Filters` does."""


async def passages_for(
    request: Request, query: str, most: int, filters: Filters, least: float
) -> list[RetrievedPassage]:
    """The ``most`` passages that match ``query`` best and have a score of ``least``, best first.

    :raises Problem: 422 when the question can't be used, 503 when no index is open or the queue is full.
    :raises ClientGoneError: when the client has left.
    """
    try:
        question = a_question(query)
    except ValueError as error:
        raise Problem(422, f"query: {error}") from None
    found = await runtime_of(request).run(request, partial(_search, question, most, filters))
    return [each for each in found if score_of(each) >= least]


def score_of(found: RetrievedPassage) -> float:
    """The score that is told, 0 to 1."""
    return round(found.score, 4)


def filters_of(fields: Mapping[str, Any]) -> Filters:
    """Filters from the fields of a :class:`FilterSet`, bounded and checked as on the native routes.

    :raises Problem: 422 when a value can't be used.
    """
    try:
        return FilterSet.model_validate(dict(fields)).conditions()
    except ValidationError as error:
        raise Problem(422, f"filters: {explained(error.errors()[:1]).detail}") from None


def not_possible(condition: str, can: str) -> Problem:
    """What a client is told of a condition that articles can't be filtered by, and what it can do."""
    detail = f"filtering by {condition[:80]} is not possible: {can}"
    return Problem(422, detail, "filter_not_possible")


def metadata_of(found: RetrievedPassage) -> dict[str, str | int]:
    """Where the passage stands, in code points of the article's text, and what is known of the article."""
    article, passage = found.article, found.passage
    fields = {
        "url": article.url,
        "source": article.source,
        "author": ", ".join(article.authors) or None,
        "published": article.published.isoformat() if article.published else None,
    }
    place: dict[str, str | int] = {"start": passage.start, "end": passage.end}
    return place | {name: value for name, value in fields.items() if value is not None}


def _search(question: str, most: int, filters: Filters, service: Service) -> list[RetrievedPassage]:
    return service.search(question, most, filters)
