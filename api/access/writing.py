"""Who may change the index over HTTP.

Whoever brings the token of the settings, or a key of the role that is needed. Where there is neither token nor such a
key, only programs of the user who runs the service, on the
same machine and directly. Nothing in a request proves that it came directly: a proxy that adds no header looks like any
other program, and the words in a request are those of whoever sent it. So all of these have to hold:

- the service listens on a loopback address, and the settings name neither a proxy nor a public name;
- the connection is one inside this machine, and, where the system tells (Linux), its other end is the same user's;
- the request is for a loopback name, speaks HTTP/1.1, as proxies often don't unless they are set to, and has none of
  the headers that proxies add;
- no browser was led here: ``Origin`` and ``Sec-Fetch-Site``, where a browser sends them, are of this very site.
"""

import asyncio
import ipaddress
import os
import re

from fastapi import Request

from api.access.caller import caller_of
from api.access.guard import GUARD
from api.access.guesses import refusal
from api.access.hosts import host_name, is_behind_proxy, is_loopback
from api.access.keys import KeyStore, Role
from api.access.peer import owner
from api.http.errors import Problem
from api.settings import Settings

_FORWARDED = re.compile(
    r"(?:x-)?forwarded(?:-.*)?|via|cdn-loop|(?:x-original|x-envoy|x-amzn|x-amz-cf|x-azure|x-appengine|x-arr|cf|fly|"
    r"fastly|tailscale)-.*|(?:.*-)?(?:real|connecting|client)-?ip"
)
"""Headers that proxies, tunnels and networks of them add."""

_TOKEN = (
    "set PULLQUOTE_WRITE_TOKEN, or make a key with 'pullquote keys create', and send it in the header "
    "Authorization: Bearer …"
)


def writing_is_local(settings: Settings) -> bool:
    """Whether changes are taken without a token, from programs of the same user on this machine."""
    if settings.write_token or KeyStore(settings.data_dir).allows_changes():
        return False
    return is_loopback(settings.host) and not is_behind_proxy(settings)


async def check_writer(request: Request, settings: Settings, role: Role = "write") -> None:
    """Let a change pass that needs ``role``, and note in the state of the request who makes it.

    :raises Problem: 401 without a right key, 429 after too many wrong ones; 403 when the key is not enough, there can't
        be one, or it is not known who asks.
    """
    caller, guard = caller_of(request.scope), request.scope["state"][GUARD]
    request.state.writer = caller.name or "this machine"
    if caller.may(role):
        return
    if caller.name:
        detail = f"this needs a key of the role {role}, sent as Authorization: Bearer …, and this one may {caller.role}"
        raise Problem(403, detail, "role_too_small")
    if caller.has_wrong_key:
        if guard.guesses.must_wait(caller.address, ""):
            raise guard.guesses.too_many(caller.address)
        raise await guard.guesses.wrong(caller.address, "the token is not the right one")
    if settings.write_token or await asyncio.to_thread(guard.keys.allows_changes):
        raise refusal("a change needs the token or a key of this service")
    trouble = _trouble(request, settings) or await asyncio.to_thread(_trouble_with_peer, request)
    if trouble:
        raise Problem(403, f"{trouble}: {_TOKEN}", "writing_not_allowed")


def _trouble(request: Request, settings: Settings) -> str | None:
    """Why this may not be a program on this machine, None when nothing says so."""
    server = request.scope.get("server") or ("", None)
    if not is_loopback(settings.host) or not is_loopback(server[0]):
        listened = server[0] if is_loopback(settings.host) else settings.host
        return f"the service listens on {listened}, beyond this machine"
    if is_behind_proxy(settings):
        return "the service is set up for a proxy or a public name, so the request may be anybody's"
    if any(map(_FORWARDED.fullmatch, request.headers)) or request.scope.get("http_version") == "1.0":
        return "the request came through a proxy, so it may be anybody's"
    host = request.headers.get("host", "")
    if not is_loopback(host_name(host) or ""):
        return f"the request is for the host {host!r:.200}, not for this machine: use 127.0.0.1, or"
    origin = request.headers.get("origin")
    is_elsewhere = origin is not None and origin.lower() != f"{request.url.scheme}://{host}".lower()
    if is_elsewhere or request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return f"the request comes from a page of another site ({origin or 'unknown'})"
    return None


def _trouble_with_peer(request: Request) -> str | None:
    """Why the other end of the connection is not trusted, None when nothing speaks against it.

    A client whose address is none is inside this process; a system without tables of connections tells nothing.
    """
    client, server = request.scope.get("client"), request.scope["server"]
    if client is None:
        return "it is not known where the request comes from"
    try:
        if not ipaddress.ip_address(client[0]).is_loopback:
            return f"the request comes from {client[0]}, not from this machine"
        is_own = owner(client, server) == os.getuid()
    except (ValueError, OSError):
        return None
    return None if is_own else "the request comes from a program of another user, perhaps a proxy"
