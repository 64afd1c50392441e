"""Changes: ``/v1/articles`` with POST, PUT and DELETE. What is answered with 202 is on the disk, and its build due."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from api.http import examples
from api.http.conditions import entity_tag, names
from api.http.errors import Problem
from api.http.requests import ARTICLE_ID_PATTERN, ArticleToAdd, ArticleToPut
from api.http.responses import ChangeResponse, FailureModel
from api.http.serialise import job_model
from api.http.uploads import Upload, UploadReader, reasons
from api.routes.common import audited, collection_of, described, may_write, root_path_of
from api.runtime.state import runtime_of
from index.collection.jobs import Job, Jobs
from index.collection.store import Collection, TakenError

router = APIRouter(tags=["articles"], dependencies=[Depends(may_write)])

ArticleId = Annotated[str, Path(pattern=ARTICLE_ID_PATTERN, description="1 to 128 of A-Z a-z 0-9 . _ ~ -")]

_FILE: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "An article, or several, in any format."},
        **{name: {"type": "string"} for name in ("title", "url", "source", "authors", "published", "language", "tags")},
    },
}


def _body(model: type[ArticleToAdd | ArticleToPut]) -> dict[str, Any]:
    """The description of a body that is JSON or a form."""
    content = {"application/json": {"schema": model.model_json_schema()}, "multipart/form-data": {"schema": _FILE}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/v1/articles",
    status_code=202,
    response_model=ChangeResponse,
    responses=described(examples.CHANGE, 401, 403, 409, 413, 415, 422, 503, 507, success=202),
    openapi_extra=_body(ArticleToAdd),
)
async def add_article(request: Request, response: Response) -> ChangeResponse:
    """Add an article (JSON with its text, or with the address to fetch it from), or a file of one or more articles.

    An article that is there already is a conflict, unless `replace` is true. The answer comes when the change is on the
    disk; it is in the index when its job has succeeded.
    """
    return await write(request, response, await reader_of(request).read(request))


@router.put(
    "/v1/articles/{article_id}",
    status_code=202,
    response_model=ChangeResponse,
    responses=described(examples.CHANGE, 401, 403, 412, 413, 415, 422, 503, 507, success=202),
    openapi_extra=_body(ArticleToPut),
)
async def put_article(request: Request, response: Response, article_id: ArticleId) -> ChangeResponse:
    """Write the article with this id, in JSON or as a file, in place of the one that has it, wherever it came from.

    With `If-Match` only if the article is still in the state whose `ETag` that is.
    """
    return await write(request, response, await reader_of(request).read(request, article_id), article_id)


@router.delete(
    "/v1/articles/{article_id}",
    status_code=202,
    response_model=ChangeResponse,
    responses=described(examples.CHANGE, 401, 403, 404, 412, 422, 503, 507, success=202),
)
async def delete_article(
    request: Request, response: Response, article_id: ArticleId, erase: bool = False
) -> ChangeResponse:
    """Delete an article, wherever it came from. A source that still holds it does not bring it back; PUT does.

    Versions from before hold its words for as long as the settings say (`keep_deleted_days`); with `erase`, they are
    removed as soon as the build without it answers.

    With `If-Match` only if the article is still in the state whose `ETag` that is.
    """
    collection = collection_of(request)
    keep_seconds = 0.0 if erase else runtime_of(request).settings.keep_deleted_days * 86_400

    def delete(connection: sqlite3.Connection) -> None:
        if not (collection.written_ids([article_id]) or in_the_index(request, [article_id])):
            raise Problem(404, f"there is no article {article_id!r}: GET /v1/articles lists them", "article_not_found")
        _check_condition(request, collection, article_id)
        collection.delete(connection, article_id, keep_seconds)

    job = await _change(request, collection, delete, "article.delete", [article_id])
    return _change_response(request, response, [article_id], [], job)


def reader_of(request: Request) -> UploadReader:
    """What reads the documents that a request brings."""
    runtime = runtime_of(request)
    settings = runtime.settings
    return UploadReader(settings.fetch_policy, runtime.uploads, settings.limits, settings.named_columns, settings.ocr)


async def write(request: Request, response: Response, upload: Upload, wanted_id: str | None = None) -> ChangeResponse:
    """Keep what was uploaded and ask for its build.

    :raises Problem: 409 when it is there already and may not be replaced; as the routes of changes else.
    """
    collection, ids = collection_of(request), upload.contents.article_ids

    def put(connection: sqlite3.Connection) -> None:
        if wanted_id is not None:
            _check_condition(request, collection, wanted_id)
        if not upload.replace and (taken := in_the_index(request, ids) - collection.deleted_ids(ids)):
            raise TakenError(min(taken))
        collection.put(connection, upload.document, ids, upload.replace)

    try:
        job = await _change(request, collection, put, "article.put", ids)
    except TakenError as error:
        raise Problem(
            409,
            f"there is an article {str(error)!r} already: PUT /v1/articles/{error} replaces it, and so does this "
            "request with replace set to true",
            "article_exists",
        ) from None
    body = _change_response(request, response, ids, reasons(upload.contents), job)
    return body.model_copy(update={"same_as": await asyncio.to_thread(_same_file, request, upload, ids)})


def _same_file(request: Request, upload: Upload, ids: Sequence[str]) -> list[str]:
    """Other articles that come from a source with the same bytes."""
    index = runtime_of(request).index
    if index.reason:
        return []
    with index.lease() as service:
        found = service.articles_of_bytes(hashlib.sha256(upload.document.body).hexdigest())
    return [each for each in found if each not in ids]


async def _change(
    request: Request,
    collection: Collection,
    change: Callable[[sqlite3.Connection], None],
    action: str,
    ids: Sequence[str],
) -> Job:
    """Make a change of articles and ask for its build, in one transaction, and record it."""
    settings = runtime_of(request).settings

    def transact() -> Job:
        with collection.transaction() as connection:
            change(connection)
            audited(request, action, articles=list(ids))
            return Jobs(collection).ask(connection, settings.build_delay, settings.build_delay_most)

    return await asyncio.to_thread(transact)


def _check_condition(request: Request, collection: Collection, article_id: str) -> None:
    """Hold a change that brings ``If-Match`` to the state of the article that its client has seen.

    Call it inside of the transaction of the change.

    :raises Problem: 412 when the article is in another state, or has a change that waits for its build.
    """
    given = request.headers.getlist("if-match")
    if not given:
        return
    index = runtime_of(request).index
    tag, source = None, None
    if index.reason is None:
        with index.lease() as service:
            article, source = service.article(article_id), service.file_of(article_id)
            tag = entity_tag(article) if article else None
    written = collection.written_as(article_id)
    waits = (written is not None and written != source) or (tag and collection.deleted_ids([article_id]))
    if waits:
        detail = "a change of this article waits for its build: GET it again when the job has ended, and then change it"
        raise Problem(412, detail, "change_waits")
    if not names(given, tag, strongly=True):
        detail = "the article is not the one that If-Match names: GET it again, and look at what has changed"
        raise Problem(412, detail)


def in_the_index(request: Request, ids: Sequence[str]) -> set[str]:
    """Which articles are in the index that is open, if one is."""
    index = runtime_of(request).index
    if index.reason:
        return set()
    with index.lease() as service:
        return {article_id for article_id in ids if service.article(article_id)}


def _change_response(
    request: Request, response: Response, ids: Sequence[str], failures: Sequence[str], job: Job
) -> ChangeResponse:
    model = job_model(job, root_path_of(request))
    response.headers["location"] = model.link
    unread = [FailureModel(reason=reason) for reason in failures]
    return ChangeResponse(articles=list(ids), failures=unread, job=model)
