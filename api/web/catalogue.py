"""``/articles``: what is in the index, to browse, and, for whoever may write, to add to and to delete from."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from api.http.errors import Problem, explained
from api.http.requests import ArticlesQuery, ArticleToAdd
from api.http.responses import ChangeResponse, JobModel
from api.http.serialise import job_model
from api.routes.changes import delete_article, in_the_index, reader_of, write
from api.routes.common import collection_of, may_write, root_path_of
from api.runtime.service import Service
from api.runtime.state import runtime_of
from api.web.rendering import page
from api.web.visitor import may, see, wants_json, with_origin, without_blanks
from index.collection.jobs import Jobs
from index.storage.catalogue import ORDERS, Entry, Listing, Order
from index.storage.filters import Filters

_A_PAGE = 25
_LISTS = ("sources", "authors", "tags")
_DAYS = ("published_from", "published_to")
_ONES = ("q", "sort", "page", "job", *_DAYS)
_NAMES = {*_LISTS, *_ONES}
_MOST_WORDS = 200
_MOST_UNBUILT = 20

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Row:
    """An article in the list with what is known of it here: ``changed`` is in seconds since 1970, where it was written
    over HTTP; ``waits`` tells that a change of it is not in the index yet.
    """

    entry: Entry
    changed: float | None
    waits: bool
    can_be_fetched: bool


@router.get("/articles")
async def catalogue_page(request: Request) -> Response:
    """The list. Parameters: ``q`` (words), ``sources``, ``authors``, ``tags``, ``published_from``, ``published_to``,
    ``sort`` and ``page``, the first of which is 1; behind the last comes the last. Blank ones are taken out of the
    address.
    """
    if any(name in _NAMES and not value.strip() for name, value in request.query_params.multi_items()):
        return RedirectResponse(without_blanks(request), 303)
    return await _shown(request)


@router.post("/articles", dependencies=[Depends(may_write)])
async def add_page(request: Request) -> Response:
    """Add what a form brings: a file, an address, or a text."""
    try:
        change = await _added(request)
    except Problem as problem:
        if wants_json(request):
            raise
        return await _shown(request, problem)
    if wants_json(request):
        return JSONResponse(change.model_dump(mode="json"), 202)
    return see(request, "catalogue_page", job=change.job.id)


@router.post("/articles/{article_id}/delete", dependencies=[Depends(may_write)])
async def delete_page(request: Request, article_id: str) -> Response:
    """Delete an article."""
    return await _changed(request, delete_article(request, Response(), article_id))


@router.post("/articles/{article_id}/fetch", dependencies=[Depends(may_write)])
async def fetch_page(request: Request, article_id: str) -> Response:
    """Fetch an article again from where it was fetched before."""
    return await _changed(request, _fetched(request, article_id))


async def _changed(request: Request, change: Any) -> Response:
    try:
        made: ChangeResponse = await change
    except Problem as problem:
        if wants_json(request):
            raise
        return await _shown(request, problem)
    return see(request, "catalogue_page", job=made.job.id)


async def _added(request: Request) -> ChangeResponse:
    reader = reader_of(request)
    if request.headers.get("content-type", "").startswith("multipart/"):
        return await write(request, Response(), await reader.read(request))
    async with request.form(max_files=0) as form:
        given = {name: value for name, value in form.items() if isinstance(value, str) and value.strip()}
    lists = {name: [part.strip() for part in given.pop(name, "").split(",") if part.strip()] for name in _LISTS[1:]}
    try:
        article = ArticleToAdd.model_validate({**given, **lists, "replace": "replace" in given})
    except ValidationError as error:
        raise explained(error.errors()) from None
    return await write(request, Response(), await reader.of(article))


async def _fetched(request: Request, article_id: str) -> ChangeResponse:
    document = await asyncio.to_thread(collection_of(request).document_with, article_id)
    if document is None or not document.url or document.path:
        detail = "this article was not fetched by its address: read the sources again on the page for administrators"
        raise Problem(409, detail, "not_fetched")
    return await write(request, Response(), await reader_of(request).again(document, document.url))


async def _shown(request: Request, trouble: Problem | None = None) -> Response:
    """The page, with what is wrong with what was sent to it, if anything is."""
    given, status = _given(request), trouble.status_code if trouble else 200
    context: dict[str, Any] = {"given": given, "trouble": trouble.detail if trouble else None, "orders": ORDERS}
    may_change = await may(request, "write")
    context |= {"may_write": may_change, "address": partial(_address, request, given)}
    context["job"] = await asyncio.to_thread(_job, request, given.get("job", "")) if may_change else None
    try:
        context |= await _found(request, given)
    except Problem as problem:
        context["waiting"] = problem.detail
        status = status if trouble else problem.status_code
        if runtime_of(request).index.is_empty:
            status = 422 if trouble else 200
            context["is_empty"] = True
    return with_origin(page(request, "catalogue.html", status, **context))


def _given(request: Request) -> dict[str, Any]:
    """The parameters that the page knows and that are not blank."""
    query = request.query_params
    lists = {name: [value for value in query.getlist(name) if value.strip()] for name in _LISTS}
    ones = {name: query.get(name, "").strip() for name in _ONES}
    return {name: value for name, value in {**lists, **ones}.items() if value}


def _address(request: Request, given: Mapping[str, Any], **other: Any) -> str:
    """The address of the list with other parameters; an empty one is left out, and so is the page."""
    kept = {name: value for name, value in {**given, "page": "", "job": "", **other}.items() if value}
    path = request.url_for("catalogue_page").path
    return f"{path}?{urlencode(kept, doseq=True)}" if kept else path


async def _found(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    try:
        filters = ArticlesQuery.model_validate({name: given[name] for name in (*_LISTS, *_DAYS) if name in given})
    except ValidationError:
        given = {name: value for name, value in given.items() if name not in _DAYS}
        filters = ArticlesQuery.model_validate({name: given[name] for name in _LISTS if name in given})
    number = int(given["page"]) if given.get("page", "").isascii() and given.get("page", "").isdecimal() else 1
    at = max(1, min(number, 10_000_000))
    order: Order = next((each for each in ORDERS if each == given.get("sort")), "title")
    look = partial(_listed, filters.conditions(), given.get("q", "")[:_MOST_WORDS], order)
    found: Listing = await runtime_of(request).read(partial(look, (at - 1) * _A_PAGE))
    pages = max(1, -(-found.total // _A_PAGE))
    if at > pages:
        at = pages
        found = await runtime_of(request).read(partial(look, (at - 1) * _A_PAGE))
    rows, unbuilt = await asyncio.to_thread(_with_changes, request, found.entries)
    return {"found": found, "rows": rows, "at": at, "pages": pages, "order": order, "unbuilt": unbuilt}


def _listed(filters: Filters, words: str, order: Order, skip: int, service: Service) -> Listing:
    return service.listing(filters, words, order, skip, _A_PAGE)


def _with_changes(request: Request, entries: Sequence[Entry]) -> tuple[list[Row], list[str]]:
    collection = runtime_of(request).collection
    if collection is None:
        return [Row(entry, None, False, False) for entry in entries], []
    ids = [entry.id for entry in entries]
    changed, deleted, now = collection.changed(ids), collection.deleted_ids(ids), collection.written_ids(ids)
    rows = []
    for entry in entries:
        written = collection.written_as(entry.id) if entry.id in now else None
        waits = entry.id in deleted or (written is not None and written[0] != entry.file)
        fetched = written is not None and bool(entry.url) and entry.path is None
        rows.append(Row(entry, changed.get(entry.id), waits, fetched))
    return rows, collection.unbuilt(partial(in_the_index, request), _MOST_UNBUILT)


def _job(request: Request, given: str) -> JobModel | None:
    collection = runtime_of(request).collection
    if collection is None or not (given.isascii() and given.isdecimal() and len(given) < 19):
        return None
    job = Jobs(collection).get(int(given))
    return job_model(job, root_path_of(request)) if job else None
