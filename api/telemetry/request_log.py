"""A line in the log and a count for every request: what was asked for, what came of it, and how long it took.

The query is not in it: it may hold a question.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import PROBLEM_CODE
from api.telemetry.logs import REQUEST_ID
from api.telemetry.metrics import REFUSALS, REQUEST_SECONDS, REQUESTS

_WATCHERS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that are asked every few seconds: they are logged only at the level DEBUG."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NOWHERE = "(none)"

_log = logging.getLogger("pullquote.access")


class RequestLog:
    """Logs and counts each request when its response has ended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request_id = scope.get("state", {}).get("request_id", "")
        token = REQUEST_ID.set(request_id)
        begin, status = time.perf_counter(), 500

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        finally:
            _note(scope, status, time.perf_counter() - begin, request_id)
            REQUEST_ID.reset(token)


def _note(scope: Scope, status: int, seconds: float, request_id: str) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = _route(scope)
    REQUESTS.labels(method, route, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)
    if code := scope.get("state", {}).get(PROBLEM_CODE):
        REFUSALS.labels(code).inc()
    path, milliseconds = quote(scope["path"]), round(seconds * 1000, 1)
    fields: dict[str, Any] = {"method": method, "path": path, "status": status, "duration_ms": milliseconds}
    fields["client"] = scope["client"][0] if scope.get("client") else None
    level = logging.DEBUG if route in _WATCHERS else logging.INFO
    line = "%s %s %s %s ms, request %s"
    _log.log(level, line, method, path, status, milliseconds, request_id, extra=fields)


def _route(scope: Mapping[str, Any]) -> str:
    """The route as it was declared; labels made of what clients send would have no end."""
    route = scope.get("route")
    return str(getattr(route, "path_format", None) or getattr(route, "path", None) or _NOWHERE)
