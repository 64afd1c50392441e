"""Which collection a request is about: what its address says.

Every route is there for each collection. ``/v1/collections/news/ask`` is ``/v1/ask`` of the collection ``news``, and
``/collections/news/…`` has its pages: links in what it answers lead there, as if the service stood under that path.
"""

import re
from collections.abc import MutableMapping
from typing import Any

from starlette._utils import get_route_path
from starlette.types import ASGIApp, Receive, Scope, Send

from index.collection.folders import DEFAULT

IN_COLLECTION = "/v1/collections/{collection}"
"""The native routes of a collection, in place of ``/v1``."""

_COLLECTION = "collection"
_ADDRESS = re.compile(r"(/v1)?/collections/([^/]+)(/.*)")
_THERE = re.compile(
    r"/(?:|chat|check|docs|follow-ups|feedback|suggest|c/.*|articles(?:/.*)?|admin(?:/.*)?|feed\.xml|opensearch\.xml|theme\.css"
    r"|logo|favicon\.ico|static/.*|widget\.js|openapi\.json|readyz|mcp|retrieval|v1/.*)"
)
_OF_ALL = re.compile(r"/v1/collections(?:/.*)?")


def collection_in(scope: MutableMapping[str, Any]) -> str:
    """The name of the collection that the request of an ASGI scope is about; there need not be such a one."""
    name: str = scope.get("state", {}).get(_COLLECTION, DEFAULT)
    return name


def enter(scope: MutableMapping[str, Any], collection: str, path: str) -> None:
    """Let a request be about a collection, and be for ``path`` there."""
    scope.setdefault("state", {})[_COLLECTION] = collection
    root = scope.get("root_path", "") + ("" if collection == DEFAULT else f"/collections/{collection}")
    scope.update(root_path=root, path=root + path, raw_path=(root + path).encode("utf-8", "surrogateescape"))


class Addressed:
    """Leads requests for a collection to the routes that there are for all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] == "http" and (found := _ADDRESS.fullmatch(get_route_path(scope))):
            version, collection, rest = found.groups()
            path = f"{version}{rest}" if version and rest != "/mcp" else rest
            if _THERE.fullmatch(path) and not _OF_ALL.fullmatch(path):
                enter(scope, collection, path)
        return await self.app(scope, receive, send)
