"""What every request and response passes: an id, a limit to the body, and headers that keep browsers careful."""

import re
import secrets
from collections.abc import Iterable

from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import REQUEST_ID, Problem, response

_UPLOAD = re.compile(r"(?:/v1/articles(?:/|$)|/articles$)")
_SANE_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
"""The content security policy of HTML pages: everything from here, nothing inline, no frame around it, and no text
made markup by a script but the templates of Lit, which the widget is made with."""


class RequestId:
    """Gives each request an id, the client's own if that is sane, and each response the header ``x-request-id``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _SANE_ID.fullmatch(given) else secrets.token_hex(12)
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        return await self.app(scope, receive, send_with_id)


class UnderPath:
    """Serves under the path ``root_path``, whether the proxy in front leaves that path in a request or strips it."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self.app = app
        self.root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path, raw_path, root = scope["path"], scope.get("raw_path") or b"", self.root_path
        if path != root and not path.startswith(f"{root}/"):
            path, raw_path = f"{root}{path}", root.encode("ascii") + raw_path
        scope.update(root_path=root, path=path, raw_path=raw_path)
        return await self.app(scope, receive, send)


class HeadAsGet:
    """Answers HEAD as GET without the body, for every route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        as_get = {**scope, "method": "GET"}
        try:
            return await self.app(as_get, receive, send_head)
        finally:
            scope["route"] = as_get.get("route")


class BodyLimit:
    """Refuses bodies that are too large with 413, whether their length is announced or not.

    ``most`` is in bytes, ``most_of_upload`` that of an article that is written.
    """

    def __init__(self, app: ASGIApp, most: int, most_of_upload: int) -> None:
        self.app = app
        self.most = most
        self.most_of_upload = most_of_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        most = self.most_of_upload if _UPLOAD.match(get_route_path(scope)) else self.most
        problem = Problem(413, f"the body is larger than {most} bytes, the most that is taken: shorten or split it")
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > most:
            refusal = response(problem, scope.get("state", {}).get("request_id", ""))
            return await refusal(scope, receive, send)
        taken = 0

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise problem
            return message

        return await self.app(scope, receive_some, send)


class SafeHeaders:
    """Adds the security headers: to HTML all of them, to anything else those that always make sense."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _headers_for(headers.get("content-type", "")):
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_safely)


def _headers_for(content_type: str) -> Iterable[tuple[str, str]]:
    yield "x-content-type-options", "nosniff"
    yield "referrer-policy", "no-referrer"
    if content_type.startswith("text/html"):
        yield "content-security-policy", PAGE_POLICY
        yield "cross-origin-opener-policy", "same-origin"
        yield "permissions-policy", "camera=(), geolocation=(), microphone=()"
