"""What OpenAPI says about keys: which operation needs one, and what any operation answers to whoever may not."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from api.access.hosts import is_behind_proxy, is_loopback
from api.http.addressed import IN_COLLECTION
from api.http.errors import MEDIA_TYPE
from api.settings import Settings

_SCHEME = "key"
_CHANGES = frozenset({"/v1/index/rollback", "/v1/index/prune", "/v1/index/export"})
"""Paths for whoever may change the index, which answer at once."""

_EXCEPT = "/v1/collections"
_NO_COLLECTION = "There is no such thing, or no such collection."
_FOR_EVERYBODY = {"/healthz", "/readyz"}
_METHODS = {"get", "put", "post", "delete", "patch"}
_REFUSALS = {
    "401": "A key is missing, wrong, revoked or expired.",
    "403": "The key is not enough for this, or it is for other pages; `detail` says why.",
    "421": "The service does not answer to this host.",
    "429": "Too many requests or wrong keys; `Retry-After` says when to come again.",
}


def describe_access(app: FastAPI, settings: Settings) -> None:
    """Let the OpenAPI document of ``app`` say who may do what under these settings."""
    bare = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = bare()
            _describe(document, settings)
            document["paths"] |= dict(_in_collections(document["paths"]))
        return bare()

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(document: dict[str, Any], settings: Settings) -> None:
    scheme = {
        "type": "http",
        "scheme": "bearer",
        "description": "A key that `pullquote keys create` made, or the token of the service.",
    }
    document.setdefault("components", {})["securitySchemes"] = {_SCHEME: scheme}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in _METHODS:
                changes = "202" in operation["responses"] or path in _CHANGES
                changes |= path.startswith(_EXCEPT) and method != "get"
                operation["security"] = _security(path, changes, settings)
                _add_refusals(operation["responses"], path)


def _in_collections(paths: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The native and chat routes once more, each for a collection that its path names."""
    parameter = {"name": "collection", "in": "path", "required": True, "schema": {"type": "string"}}
    for path, item in paths.items():
        if not path.startswith("/v1/") or path.startswith(_EXCEPT):
            continue
        found = {}
        for method, operation in item.items():
            responses = {**operation["responses"], "404": _not_there(operation["responses"])}
            parameters = [parameter, *operation.get("parameters", [])]
            name = f"{operation['operationId']}_in_collection"
            found[method] = {**operation, "operationId": name, "parameters": parameters, "responses": responses}
        yield IN_COLLECTION + path.removeprefix("/v1"), found


def _not_there(responses: dict[str, Any]) -> dict[str, Any]:
    return {**responses["403"], "description": _NO_COLLECTION}


def _security(path: str, changes: bool, settings: Settings) -> list[dict[str, list[str]]]:
    """A key, or nothing beside it where that may be enough, too."""
    if path in _FOR_EVERYBODY:
        return []
    is_local = not settings.write_token and is_loopback(settings.host) and not is_behind_proxy(settings)
    can_do_without = is_local if changes else settings.public_ask
    return [*([{}] if can_do_without else []), {_SCHEME: []}]


def _add_refusals(responses: dict[str, Any], path: str) -> None:
    problems = [each["content"] for each in responses.values() if MEDIA_TYPE in each.get("content", {})]
    content = problems[0] if problems else {MEDIA_TYPE: {"schema": {"type": "object"}}}
    for status, meaning in _REFUSALS.items():
        if status == "421" or path not in _FOR_EVERYBODY:
            responses.setdefault(status, {"description": meaning, "content": content})
