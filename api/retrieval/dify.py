"""Dify's external knowledge: ``/retrieval``.

Shapes: https://docs.dify.ai/en/guides/knowledge-base/api-documentation/external-knowledge-api. In Dify, give the
address of this service as the endpoint of the API; Dify adds the path.
"""

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from api.chat.models import choose
from api.http.links import Links
from api.retrieval.passages import FIELDS, filters_of, metadata_of, not_possible, passages_for, score_of
from api.routes.common import described, links_of
from index.storage.filters import Filters
from rag.retrieval.retriever import RetrievedPassage

router = APIRouter(tags=["retrieval"])

_REQUEST: dict[str, Any] = {
    "knowledge_id": "pullquote",
    "query": "troops sent to Vladivostok",
    "retrieval_setting": {"top_k": 2, "score_threshold": 0.3},
}
_RESPONSE: dict[str, Any] = {
    "records": [
        {
            "content": "South Korea's intelligence agency said last week …",
            "score": 0.87,
            "title": "U.S. Officials Confirm North Korea Sent Troops to Russia",
            "metadata": {
                "article_id": "000-c02cb47a3876a1ac-3749d4648d",
                "start": 1597,
                "end": 1837,
                "author": "AFP",
                "published": "2024-10-23",
                "page": "http://127.0.0.1:8000/articles/000-c02cb47a3876a1ac-3749d4648d",
            },
        }
    ]
}
_FIELDS = {**FIELDS, "article_id": "article_ids"}
_IS = {"is", "=", "in"}


class RetrievalSetting(BaseModel):
    """How much is wanted."""

    top_k: int = Field(default=5, ge=1, le=100)
    score_threshold: float = Field(default=0.0, ge=0, le=1)


class Condition(BaseModel):
    """One condition on the metadata."""

    name: str | list[str]
    comparison_operator: str
    value: str | list[str] | None = None


class MetadataCondition(BaseModel):
    """Conditions that all have to hold."""

    logical_operator: Literal["and", "or"] = "and"
    conditions: list[Condition] = Field(default=[], max_length=20)


class RetrievalRequest(BaseModel):
    """A question whose passages are looked for. The knowledge ``pullquote/NAME`` is the collection NAME."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REQUEST]})

    query: str
    knowledge_id: str | None = None
    retrieval_setting: RetrievalSetting = RetrievalSetting()
    metadata_condition: MetadataCondition | None = None


@router.post("/retrieval", responses=described(_RESPONSE, 404, 413, 415, 422, 503))
async def retrieve(request: Request, body: RetrievalRequest) -> dict[str, Any]:
    """The passages that match a question best, as Dify takes them from an external knowledge base."""
    choose(request, body.knowledge_id)
    wanted, filters = body.retrieval_setting, _filters(body.metadata_condition)
    found = await passages_for(request, body.query, wanted.top_k, filters, wanted.score_threshold)
    links = links_of(request)
    return {"records": [_record(each, links) for each in found]}


def _filters(given: MetadataCondition | None) -> Filters:
    conditions = given.conditions if given else []
    fields: dict[str, list[str]] = {}
    for each in conditions:
        name = each.name if isinstance(each.name, str) else ", ".join(each.name)
        field = _FIELDS.get(name)
        is_joined = len(conditions) == 1 or (given and given.logical_operator == "and")
        if not field or field in fields or each.comparison_operator not in _IS or not each.value or not is_joined:
            can = f"take is or in on {', '.join(_FIELDS)}, each once, joined with and"
            raise not_possible(f"{each.comparison_operator!r} on {name!r}", can)
        fields[field] = [each.value] if isinstance(each.value, str) else each.value
    return filters_of(fields)


def _record(found: RetrievedPassage, links: Links) -> dict[str, Any]:
    article = found.article
    metadata = {"article_id": article.id, **metadata_of(found), "page": links.article(article.id)}
    return {"content": found.text, "score": score_of(found), "title": article.title, "metadata": metadata}
