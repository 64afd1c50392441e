"""The web application: routes, errors and middleware put together around one open index."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI, Request
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.access.description import describe_access
from api.access.guard import Guard
from api.access.hosts import HostCheck
from api.access.limits import HEADERS, Limits
from api.chat import ai_sdk, completions, messages, models, responses
from api.chat.mcp_endpoint import McpEndpoint
from api.http import errors
from api.http.addressed import Addressed
from api.http.middleware import BodyLimit, HeadAsGet, RequestId, SafeHeaders, UnderPath
from api.retrieval import dify, embeddings, vector_stores
from api.routes import (
    articles,
    ask,
    changes,
    check,
    citations,
    collections,
    feedback,
    health,
    index,
    jobs,
    metrics,
    search,
    sources,
    versions,
)
from api.runtime.lifespan import running
from api.runtime.workers import ClientGoneError
from api.settings import Settings, load_settings
from api.telemetry.request_log import RequestLog
from api.web import pages
from api.web.errors import problem_page
from index.collection.folders import DEFAULT

_CLIENT_CLOSED_REQUEST = 499

_DESCRIPTION = (
    "Answers questions about a collection of articles with their exact words, says where they stand, and says nothing "
    "when no article answers. Offsets count Unicode code points into an article's text, the end exclusive. Errors are "
    "problem details (RFC 9457), and every response carries `x-request-id`."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for ``settings``, or for those of the environment, so that ``uvicorn --factory`` can call it.

    It opens the index when it starts, and lives on without when that fails.

    :raises ConfigurationError: when the environment or ``pullquote.toml`` has a setting that can't be used.
    """
    settings = settings or load_settings(collection=DEFAULT)
    endpoint = McpEndpoint(settings)
    app = FastAPI(
        title="Pullquote",
        version=version("pullquote"),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=partial(_lifespan, settings, endpoint),
        middleware=_middleware(settings),
        telemetry={
            "tracing": settings.traces_endpoint is not None,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    errors.install(app)
    app.add_exception_handler(ClientGoneError, _on_client_gone)
    native = (
        ask,
        search,
        check,
        feedback,
        articles,
        changes,
        citations,
        index,
        versions,
        jobs,
        sources,
        collections,
        health,
        metrics,
    )
    for module in (*native, models, completions, responses, messages, ai_sdk, embeddings, vector_stores, dify):
        app.include_router(module.router)
    app.router.routes.append(Route("/mcp", endpoint, methods=["POST"], include_in_schema=False))
    pages.install(app)
    app.state.problem_page = problem_page
    describe_access(app, settings)
    return app


@asynccontextmanager
async def _lifespan(settings: Settings, endpoint: McpEndpoint, app: FastAPI) -> AsyncIterator[None]:
    async with running(settings) as runtime:
        app.state.runtime = runtime
        try:
            yield
        finally:
            await endpoint.close()


def _middleware(settings: Settings) -> list[Middleware]:
    under = [Middleware(UnderPath, root_path=settings.root_path)] if settings.root_path else []
    stack = [
        *under,
        Middleware(Addressed),
        Middleware(RequestId),
        Middleware(RequestLog),
        Middleware(SafeHeaders),
        Middleware(HeadAsGet),
    ]
    if settings.trusted_proxies:
        stack.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies))
    stack.append(Middleware(HostCheck, settings=settings))
    if settings.cors_origins:
        stack.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["*"],
                expose_headers=[errors.REQUEST_ID, "retry-after", *HEADERS],
            )
        )
    stack += [Middleware(Guard, settings=settings), Middleware(Limits, settings=settings)]
    return [*stack, Middleware(BodyLimit, most=settings.max_body_bytes, most_of_upload=settings.max_upload_bytes)]


async def _on_client_gone(_: Request, __: Exception) -> Response:
    return Response(status_code=_CLIENT_CLOSED_REQUEST)
