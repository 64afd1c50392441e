"""The way into the service: every request passes here, and whoever makes it is known from here on.

Everything that is not on the short list of what is for everybody needs the right to ask; what changes something asks
for more where its route is (:mod:`api.access.writing`).
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access import sessions
from api.access.caller import CALLER, Caller
from api.access.guesses import Guesses, refusal
from api.access.keys import Key, KeyStore, KeyStoreError, looks_like_a_key
from api.http.errors import Problem, response
from api.settings import Settings

_FOR_EVERYBODY = re.compile(
    r"/(?:healthz|readyz|openapi\.json|widget\.js|static/.*|theme\.css|logo|favicon\.ico|opensearch\.xml|admin|admin/(?:enter|leave|questions|choose))"
)
_PAGES = re.compile(r"/(?:|chat|check|docs|c/.*|articles(?:/.*)?)")
_WHERE_SESSIONS_COUNT = re.compile(r"/(?:articles(?:/.*)?|admin(?:/.*)?)")
_WRITE_TOKEN = "token"
"""Its name in a session; the id of a key is eight hexadecimal digits."""

_BROWSER_ASKS = {"WWW-Authenticate": 'Basic realm="pullquote: the key is the password", charset="UTF-8"'}
GUARD = "guard"
"""Its place in the state of a request."""


def is_for_everybody(scope: Scope) -> bool:
    """Whether what is asked for needs no key, whatever the settings say."""
    return _FOR_EVERYBODY.fullmatch(_path(scope)) is not None


def asking_browsers(scope: MutableMapping[str, Any]) -> dict[str, str] | None:
    """The header that lets a browser ask its user for a key, where it opens a page."""
    return _BROWSER_ASKS if scope["method"] == "GET" and _PAGES.fullmatch(_path(scope)) else None


def _path(scope: MutableMapping[str, Any]) -> str:
    """The path without the prefix that the service is served under."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


class Guard:
    """Finds out who makes a request, and refuses those who may not ask where asking needs a key."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.keys = KeyStore(settings.data_dir)
        self.guesses = Guesses()
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        state = scope.setdefault("state", {})
        try:
            state[CALLER] = await self._admitted(Request(scope))
        except Problem as problem:
            if problem.status_code == 401:
                problem.headers = asking_browsers(scope) or problem.headers
            return await response(problem, state.get("request_id", ""))(scope, receive, send)
        state[GUARD] = self
        return await self.app(scope, receive, send)

    async def _admitted(self, request: Request) -> Caller:
        try:
            caller = await self._caller(request)
        except KeyStoreError:
            raise Problem(503, "keys can't be read: the log of this service tells why", "keys_unusable") from None
        if caller.role is None and not is_for_everybody(request.scope):
            raise refusal("asking needs a key here")
        return caller

    async def _caller(self, request: Request) -> Caller:
        """Who sent the request.

        :raises Problem: 401 for a wrong key, 403 for one that this page may not use, 429 after too many wrong ones.
        """
        given, is_bearer = _given(request)
        if not given:
            return await self._in_session(request) or self._anybody(request)
        return await self._with(request, given, is_bearer)

    def _anybody(self, request: Request) -> Caller:
        return Caller("ask" if self._settings.public_ask else None, request.client.host if request.client else "")

    async def enter(self, request: Request, given: str) -> str:
        """Begin a session with a key or the write token; the cookie for it.

        :raises Problem: 401 for a wrong key, 403 for one that stands in web pages, 429 after too many wrong ones.
        """
        caller = await self._with(request, given, True)
        if caller.name is None:
            raise await self.guesses.wrong(caller.address, "this key is not known here")
        if caller.is_in_pages:
            raise Problem(403, "this key is for the widget in other pages: take one that is yours", "role_too_small")
        name = _WRITE_TOKEN if caller.name == "write token" else caller.name.removeprefix("key ")
        kept = await asyncio.to_thread(self._kept, name)
        return sessions.sealed(name, kept[1] if kept else b"")

    def _kept(self, name: str) -> tuple[Key | None, bytes] | None:
        """What a session is sealed with: the hash of its key or of the write token."""
        if name != _WRITE_TOKEN:
            return self.keys.kept(name)
        token = self._settings.write_token
        return (None, hashlib.sha256(token.get_secret_value().encode()).digest()) if token else None

    async def _in_session(self, request: Request) -> Caller | None:
        cookie = request.cookies.get(sessions.COOKIE, "")
        name = sessions.name_in(cookie)
        kept = await asyncio.to_thread(self._kept, name) if name else None
        if kept is None or not sessions.holds(cookie, kept[1]):
            return None
        key, is_ours = kept[0], _WHERE_SESSIONS_COUNT.fullmatch(_path(request.scope)) and _is_from_here(request)
        address = request.client.host if request.client else ""
        if key is None:
            return Caller("admin" if is_ours else "ask", address, "write token")
        if key.trouble:
            return None
        role = key.role if is_ours else "ask"
        return Caller(role, address, f"key {key.id}", key.scope, collections=key.collections)

    async def _with(self, request: Request, given: str, is_bearer: bool) -> Caller:
        anybody = self._anybody(request)
        address = anybody.address
        matters = looks_like_a_key(given) or anybody.role is None
        if self.guesses.must_wait(address, given):
            if matters:
                raise self.guesses.too_many(address)
            return Caller(anybody.role, address, has_wrong_key=True)
        token = self._settings.write_token
        if token and hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
            self.guesses.right(given)
            return Caller("admin" if is_bearer else "ask", address, "write token")
        key = await asyncio.to_thread(self.keys.find, given) if looks_like_a_key(given) else None
        if key and not key.trouble:
            return await self._holder(request, key, given, is_bearer)
        if matters:
            raise await self.guesses.wrong(address, f"this key {key.trouble}" if key else "this key is not known here")
        return Caller(anybody.role, address, has_wrong_key=True)

    async def _holder(self, request: Request, key: Key, given: str, is_bearer: bool) -> Caller:
        if key.origins and request.headers.get("origin") not in key.origins:
            raise Problem(403, "this key is for the pages of other origins", "key_of_another_origin")
        self.guesses.right(given)
        await asyncio.to_thread(self.keys.note_use, key)
        address = request.client.host if request.client else ""
        return Caller(
            key.role if is_bearer else "ask",
            address,
            f"key {key.id}",
            key.scope,
            is_in_pages=bool(key.origins),
            collections=key.collections,
        )


def _is_from_here(request: Request) -> bool:
    """Whether a browser was led here by a page of this very site, or by its user: no other sends these headers so."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
    here = request.headers.get("host", "").lower()
    is_same = urlsplit(origin.lower()).netloc == here if origin else request.method in {"GET", "HEAD"}
    return is_same and site in {"none", "same-origin"}


def _given(request: Request) -> tuple[str, bool]:
    """The key in a request, and whether it is one that no browser sends by itself.

    Anthropic's clients send it as ``x-api-key``. A browser that asked its user for it sends it as the password of Basic
    authentication, also when a page of another site makes it; so that way gives nobody more than the right to ask.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip(), True
    if not scheme and (given := request.headers.get("x-api-key", "")):
        return given.strip(), True
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2], False
        except (binascii.Error, ValueError):
            pass
    return "", True
