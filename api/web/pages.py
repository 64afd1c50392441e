"""The pages, put together: the front page, the chat, the articles, the widget, and what they are made of."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from api.http.errors import Problem
from api.web import admin, catalogue, check, home, questions, reading, reference, site, widget
from api.web.folder import FOLDER


def install(app: FastAPI) -> None:
    """Add the pages to ``app``."""
    for module in (home, check, catalogue, reading, admin, questions, reference, site, widget):
        app.include_router(module.router)
    app.mount("/static", _Static(directory=FOLDER / "static"), name="static")


class _Static(StaticFiles):
    """Static files that browsers may keep for an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in {"GET", "HEAD"}:
            detail = f"{scope['path']} does not take {scope['method']}: use GET, HEAD"
            raise Problem(405, detail, headers={"Allow": "GET, HEAD"})
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=3600"
        return response
