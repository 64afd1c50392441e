"""``/mcp``: the way from HTTP to the Model Context Protocol, whose SDK is loaded when it is first asked for."""

import asyncio
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from api.http.errors import Problem
from api.routes.common import links_of
from api.runtime.state import runtime_of
from api.settings import Settings


class McpEndpoint:
    """Answers POST requests. It starts when it is first used: loading the SDK takes longer than starting a service."""

    def __init__(self, settings: Settings) -> None:
        self._origins = settings.cors_origins
        self._public = "/".join((settings.public_url or "").split("/")[:3])
        self._starting = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._manager: Any = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request.

        :raises Problem: 403 for a page of another origin that may not call the service.
        """
        self._check_origin(Request(scope))
        async with self._starting:
            if self._running is None:
                await self._start()
        await self._manager.handle_request(scope, receive, send)

    async def close(self) -> None:
        """End what was started."""
        self._stopping.set()
        if self._running:
            await self._running

    def _check_origin(self, request: Request) -> None:
        """The protocol asks for it. The host was checked before, so that a name led here does not pass for its own."""
        origin = request.headers.get("origin")
        own = {f"{request.url.scheme}://{request.headers.get('host')}", self._public}
        if origin and origin not in own and not {origin, "*"} & set(self._origins):
            raise Problem(
                403, f"pages of {origin[:200]} may not call this: add it to PULLQUOTE_CORS_ORIGINS", "forbidden"
            )

    async def _start(self) -> None:
        self._manager = await asyncio.to_thread(_load)
        has_started = asyncio.Event()
        self._running = asyncio.create_task(self._run(has_started))
        await has_started.wait()

    async def _run(self, has_started: asyncio.Event) -> None:
        async with self._manager.run():
            has_started.set()
            await self._stopping.wait()


def _load() -> Any:
    from api.chat.mcp import make_manager
    from api.chat.mcp_tools import Access

    def reach(request: Request) -> Access:
        runtime = runtime_of(request)
        return Access(links_of(request), partial(runtime.run, request), runtime.read)

    return make_manager(reach)
