"""``/v1/collections``: the collections of the service. What is in one is under ``/v1/collections/{name}/…``."""

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from api.http import examples
from api.http.advice import with_advice
from api.http.errors import Problem
from api.http.requests import CollectionToChange, CollectionToMake
from api.http.responses import CollectionModel, CollectionsResponse, DeletedCollection
from api.routes.common import audited, described, may_manage_collections, root_path_of
from api.runtime.state import Runtime, collections_of, keys_of, no_collection, runtimes_of
from index.collection.folders import DEFAULT, CollectionExistsError, CollectionNameError, CollectionNotFoundError

router = APIRouter(tags=["collections"])


@router.get("/v1/collections", response_model=CollectionsResponse, responses=described(examples.COLLECTIONS))
def list_collections(request: Request) -> CollectionsResponse:
    """The collections that there are for whoever asks, the default one first."""
    return CollectionsResponse(collections=[_described(request, each) for each in runtimes_of(request)])


@router.get(
    "/v1/collections/{name}", response_model=CollectionModel, responses=described(examples.COLLECTION, 404, 422)
)
def get_collection(request: Request, name: str) -> CollectionModel:
    """A collection: what is in it, and the settings it has of its own."""
    for each in runtimes_of(request):
        if each.settings.collection == name:
            return _described(request, each)
    raise no_collection(name)


@router.post(
    "/v1/collections",
    status_code=201,
    response_model=CollectionModel,
    dependencies=[Depends(may_manage_collections)],
    responses=described(examples.COLLECTION, 401, 403, 409, 413, 415, 422, 503, 507, success=201),
)
async def create_collection(request: Request, response: Response, body: CollectionToMake) -> CollectionModel:
    """Make an empty collection, with an index, versions and a calibration of its own.

    Every route is there for it: `/v1/collections/{name}/ask` is its `/v1/ask`. It answers once something was written
    to it, or `pullquote build --collection` has built it.
    """
    own = body.settings.model_dump(exclude_none=True)

    def create() -> None:
        audited(request, "collection.create", collection=body.name)
        collections_of(request).create(body.name, own)

    try:
        await asyncio.to_thread(create)
    except CollectionNameError as error:
        raise Problem(422, f"name: {error}", errors=[{"field": "name", "message": str(error)}]) from None
    except CollectionExistsError as error:
        raise Problem(409, with_advice(error), error.code) from None
    response.headers["location"] = f"{root_path_of(request)}/v1/collections/{body.name}"
    return await asyncio.to_thread(get_collection, request, body.name)


@router.patch(
    "/v1/collections/{name}",
    response_model=CollectionModel,
    dependencies=[Depends(may_manage_collections)],
    responses=described(examples.COLLECTION, 401, 403, 404, 409, 413, 415, 422, 503, 507),
)
async def change_collection(request: Request, name: str, body: CollectionToChange) -> CollectionModel:
    """Change settings that a collection has of its own, from now on.

    What is about builds holds for the next one: with other `passage_tokens`, that cuts and embeds everything anew. It
    begins with the next change, or with `/v1/collections/{name}/index/rebuild`.
    """
    changes = body.settings.model_dump(exclude_unset=True)

    def change() -> None:
        if name not in collections_of(request).names():
            raise no_collection(name)
        audited(request, "collection.change", collection=name, settings=changes)
        collections_of(request).change(name, changes)

    try:
        await asyncio.to_thread(change)
    except CollectionNameError as error:
        raise Problem(409, with_advice(error), error.code) from None
    except CollectionNotFoundError:
        raise no_collection(name) from None
    return await asyncio.to_thread(get_collection, request, name)


@router.delete(
    "/v1/collections/{name}",
    response_model=DeletedCollection,
    dependencies=[Depends(may_manage_collections)],
    responses=described(examples.DELETED_COLLECTION, 401, 403, 404, 409, 422, 503, 507),
)
def delete_collection(request: Request, name: str) -> DeletedCollection:
    """Delete a collection and erase all that is in it, at once: index, old versions, and what was written.

    Keys that are bound to it alone are revoked.
    """
    collections = collections_of(request)
    if name not in collections.names():
        raise no_collection(name)
    audited(request, "collection.delete", collection=name)
    revoked = keys_of(request).forget_collection(name) if name != DEFAULT else []  # first: none opens a new one
    try:
        collections.delete(name)
    except CollectionNameError as error:
        raise Problem(409, str(error), error.code) from None
    except CollectionNotFoundError:
        raise no_collection(name) from None
    return DeletedCollection(name=name, revoked_keys=[key.id for key in revoked])


def _described(request: Request, runtime: Runtime) -> CollectionModel:
    name = runtime.settings.collection
    try:
        created, own = collections_of(request).described(name)
    except CollectionNotFoundError:
        created, own = None, {}
    manifest = None
    if runtime.index.reason is None:
        with runtime.index.lease() as service:
            manifest = service.manifest
    return CollectionModel(
        name=name,
        created=datetime.fromtimestamp(created, UTC) if created else None,
        settings=dict(own),
        index_version=manifest.version if manifest else None,
        articles=manifest.articles if manifest else 0,
        passages=manifest.passages if manifest else 0,
        link=f"{root_path_of(request)}/v1/collections/{name}",
    )
