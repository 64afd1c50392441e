"""OpenAI vector stores, as far as they are searched: ``/v1/vector_stores/pullquote/search``.

Shapes: https://platform.openai.com/docs/api-reference/vector-stores/search. The one store there is
is the index, under ``/v1/collections/NAME`` that of the collection; the files in it are the articles, by their ids.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from api.chat.models import MODEL
from api.http.errors import Problem
from api.retrieval.passages import FIELDS, filters_of, metadata_of, not_possible, passages_for, score_of
from api.routes.common import described
from api.runtime.state import runtime_of
from index.storage.filters import Filters
from rag.retrieval.retriever import RetrievedPassage

MOST_RESULTS = 50

router = APIRouter(tags=["retrieval"])

_STORE: dict[str, Any] = {
    "id": "pullquote",
    "object": "vector_store",
    "name": "pullquote",
    "created_at": 1793500000,
    "status": "completed",
    "usage_bytes": 184320,
    "file_counts": {"in_progress": 0, "completed": 1, "failed": 0, "cancelled": 0, "total": 1},
    "last_active_at": 1793500000,
    "metadata": {"index_version": "000001-5f2a90c1"},
}
_REQUEST: dict[str, Any] = {
    "query": "troops sent to Vladivostok",
    "max_num_results": 5,
    "filters": {"type": "eq", "key": "author", "value": "AFP"},
}
_RESPONSE: dict[str, Any] = {
    "object": "vector_store.search_results.page",
    "search_query": ["troops sent to Vladivostok"],
    "data": [
        {
            "file_id": "000-c02cb47a3876a1ac-3749d4648d",
            "filename": "000_c02cb47a3876a1ac.txt",
            "score": 0.87,
            "attributes": {
                "title": "U.S. Officials Confirm North Korea Sent Troops to Russia",
                "start": 1597,
                "end": 1837,
            },
            "content": [{"type": "text", "text": "South Korea's intelligence agency said last week …"}],
        }
    ],
    "has_more": False,
    "next_page": None,
}
_FIELDS = {**FIELDS, "file_id": "article_ids"}
_DAYS = {"gte": "published_from", "lte": "published_to"}


class RankingOptions(BaseModel):
    """How results are ranked; the ranker is always that of the service."""

    score_threshold: float = Field(default=0.0, ge=0, le=1)


class StoreSearch(BaseModel):
    """A question whose passages are looked for. Any other field is taken and has no effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REQUEST]})

    query: str | list[str] = Field(description="A question, or several that are searched for as one.")
    max_num_results: int = Field(default=10, ge=1, le=MOST_RESULTS)
    filters: dict[str, Any] | None = Field(
        default=None,
        description="`eq` and `in` on `source`, `author`, `tag` and `file_id`; `gte` and `lte` on `published`, a day; "
        "and `and` of these.",
    )
    ranking_options: RankingOptions = RankingOptions()


@router.get("/v1/vector_stores", responses=described({"object": "list", "data": [_STORE], "has_more": False}, 503))
def list_stores(request: Request) -> dict[str, Any]:
    """The one store there is."""
    return {"object": "list", "data": [_store(request)], "first_id": MODEL, "last_id": MODEL, "has_more": False}


@router.get("/v1/vector_stores/{store}", responses=described(_STORE, 404, 422, 503))
def get_store(request: Request, store: str) -> dict[str, Any]:
    """The index as a vector store."""
    _check(store)
    return _store(request)


@router.post("/v1/vector_stores/{store}/search", responses=described(_RESPONSE, 404, 413, 415, 422, 503))
async def search_store(request: Request, store: str, body: StoreSearch) -> dict[str, Any]:
    """The passages that match a question best, as OpenAI's vector stores give them. Offsets are in `attributes`."""
    _check(store)
    words = [body.query] if isinstance(body.query, str) else body.query
    filters, least = _filters(body.filters), body.ranking_options.score_threshold
    found = await passages_for(request, " ".join(words), body.max_num_results, filters, least)
    return {
        "object": "vector_store.search_results.page",
        "search_query": words,
        "data": [_result(each) for each in found],
        "has_more": False,
        "next_page": None,
    }


def _filters(given: dict[str, Any] | None) -> Filters:
    fields: dict[str, Any] = {}
    for each in _conditions(given):
        kind, key, value = str(each.get("type")), str(each.get("key")), each.get("value")
        if key in _FIELDS and kind in {"eq", "in"} and _FIELDS[key] not in fields:
            fields[_FIELDS[key]] = value if isinstance(value, list) else [value]
        elif key == "published" and kind in _DAYS and _DAYS[kind] not in fields:
            fields[_DAYS[kind]] = value
        else:
            can = f"take eq or in on {', '.join(_FIELDS)}, gte or lte on published, each once, and join them with and"
            raise not_possible(f"{kind!r} on {key!r}", can)
    return filters_of(fields)


def _conditions(given: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """The conditions that all have to hold, however deep inside each other."""
    left: list[Any] = [] if given is None else [given]
    while left:
        each = left.pop()
        if not isinstance(each, dict):
            raise Problem(422, "filters: each has to be an object with type, key and value")
        if each.get("type") == "and" and isinstance(each.get("filters"), list):
            left += reversed(each["filters"])
        else:
            yield each


def _check(store: str) -> None:
    if store != MODEL:
        raise Problem(404, f"there is no vector store {store[:200]!r}: the only one is {MODEL}", "store_not_found")


def _result(found: RetrievedPassage) -> dict[str, Any]:
    article = found.article
    return {
        "file_id": article.id,
        "filename": article.path or article.title,
        "score": score_of(found),
        "attributes": {"title": article.title, **metadata_of(found)},
        "content": [{"type": "text", "text": found.text}],
    }


def _store(request: Request) -> dict[str, Any]:
    with runtime_of(request).index.lease() as service:
        manifest, size = service.manifest, service.size_bytes()
    created = int(datetime.fromisoformat(manifest.created).timestamp())
    counts = {"in_progress": 0, "completed": manifest.articles, "failed": 0, "cancelled": 0, "total": manifest.articles}
    return {
        "id": MODEL,
        "object": "vector_store",
        "name": MODEL,
        "created_at": created,
        "status": "completed",
        "usage_bytes": size or 0,
        "file_counts": counts,
        "last_active_at": created,
        "metadata": {"index_version": manifest.version},
    }
