"""The web application: routes, errors and middleware put together around one open index."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from api import errors
from api.chat import ai_sdk, completions, models, responses
from api.chat.mcp_endpoint import McpEndpoint
from api.middleware import BodyLimit, HeadAsGet, RequestId, SafeHeaders
from api.routes import articles, ask, citations, health, index, search
from api.service import Door
from api.settings import Settings
from api.web import pages
from api.workers import ClientGoneError, Workers

_CLIENT_CLOSED_REQUEST = 499

_log = logging.getLogger("uvicorn.error")

_DESCRIPTION = (
    "Answers questions about a collection of articles with their exact words, says where they stand, and says nothing "
    "when no article answers. Offsets count Unicode code points into an article's text, the end exclusive. Errors are "
    "problem details (RFC 9457), and every response carries `x-request-id`."
)


def create_app(settings: Settings) -> FastAPI:
    """The application for ``settings``. It opens the index when it starts, and lives on without when that fails."""
    app = FastAPI(
        title="Pullquote",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        middleware=_middleware(settings),
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.door = Door()
    errors.install(app)
    app.add_exception_handler(ClientGoneError, _on_client_gone)
    for module in (ask, search, articles, citations, index, health, models, completions, responses, ai_sdk):
        app.include_router(module.router)
    app.state.mcp = McpEndpoint(settings)
    app.add_route("/mcp", app.state.mcp, methods=["POST"], include_in_schema=False)
    pages.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    app.state.workers = Workers(settings.workers, settings.queue_size)
    trouble = await asyncio.to_thread(app.state.door.open, settings)
    if trouble:
        _log.error("not ready: %s", trouble)
    yield
    await app.state.mcp.close()
    await asyncio.to_thread(app.state.workers.close)


def _middleware(settings: Settings) -> list[Middleware]:
    stack = [Middleware(RequestId), Middleware(SafeHeaders), Middleware(HeadAsGet)]
    if settings.cors_origins:
        stack.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["*"],
                expose_headers=[errors.REQUEST_ID, "retry-after"],
            )
        )
    return [*stack, Middleware(BodyLimit, most=settings.max_body_bytes)]


async def _on_client_gone(_: Request, __: Exception) -> Response:
    return Response(status_code=_CLIENT_CLOSED_REQUEST)
