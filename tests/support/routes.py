"""Every route of an application, whatever it was made with."""

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts


def every_route(app: FastAPI) -> list[tuple[str, str]]:
    """The method and the path of each route; a mounted application has the method GET."""
    return [
        (method, str(getattr(context, "path", "")))
        for context in iter_route_contexts(app.routes)
        for method in sorted(getattr(context, "methods", None) or {"GET"})
    ]
