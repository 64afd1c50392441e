"""``/v1/articles``: what is in the index."""

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.http import examples
from api.http.conditions import entity_tag, is_unchanged
from api.http.errors import Problem
from api.http.requests import ArticlesQuery
from api.http.responses import ArticleModel, ArticlesResponse
from api.http.serialise import article_model, article_summary
from api.routes.common import described, each_once, links_of
from api.runtime.state import runtime_of
from index.article import ARTICLE_ID

router = APIRouter(tags=["articles"])


@router.get(
    "/v1/articles",
    response_model=ArticlesResponse,
    dependencies=[Depends(each_once)],
    responses=described(examples.ARTICLES, 422, 503),
)
def list_articles(request: Request, query: Annotated[ArticlesQuery, Query()]) -> ArticlesResponse:
    """List the articles that pass the filters, in the order of their ids, a page at a time."""
    after = _read_cursor(query.cursor) if query.cursor else ""
    with runtime_of(request).index.lease() as service:
        found, version = service.articles(query.conditions(), after, query.limit + 1), service.version
    page = found[: query.limit]
    links = links_of(request)
    return ArticlesResponse(
        articles=[article_summary(article, links) for article in page],
        next_cursor=_cursor(page[-1].id) if len(found) > len(page) else None,
        index_version=version,
    )


@router.get(
    "/v1/articles/{article_id}",
    response_model=ArticleModel,
    responses={**described(examples.ARTICLE, 404, 422, 503), 304: {"description": "The client has it already."}},
)
def get_article(request: Request, response: Response, article_id: str) -> ArticleModel | Response:
    """An article with its text, the one that all offsets count in.

    Its `ETag` says which state it is: with `If-None-Match` it is not sent again (304), and a change that brings it as
    `If-Match` is only made to this state.
    """
    with runtime_of(request).index.lease() as service:
        article = service.article(article_id)
    if article is None:
        raise Problem(
            404, f"there is no article {article_id[:200]!r}: GET /v1/articles lists them", "article_not_found"
        )
    headers = {"etag": entity_tag(article), "cache-control": "no-cache"}
    if is_unchanged(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return article_model(article, links_of(request))


def _cursor(article_id: str) -> str:
    return base64.urlsafe_b64encode(article_id.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        after = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        after = ""
    if not ARTICLE_ID.fullmatch(after):
        message = "it is no cursor of this service: take next_cursor of the page before, or leave it out"
        raise Problem(422, f"cursor: {message}", errors=[{"field": "cursor", "message": message}])
    return after
