"""Who may change the index over HTTP.

With a token in the settings, whoever brings it. Without one, whoever reaches a service that listens on a loopback
address directly: not through a proxy, and not through a browser that shows another site's page. Such a page can send
requests to 127.0.0.1, also under a name of its own that leads there (DNS rebinding): so ``Host`` must be a loopback
name, and ``Origin`` and ``Sec-Fetch-Site``, where a browser sends them, this very site.
"""

import hmac
import ipaddress
from urllib.parse import urlsplit

from fastapi import Request

from api.http.errors import Problem
from api.settings import Settings

_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_TOKEN = "set PULLQUOTE_WRITE_TOKEN and send it in the header Authorization: Bearer …"


def is_loopback(host: str) -> bool:
    """Whether an address to listen on, or the name in a ``Host`` header, is this machine only."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def check_writer(request: Request, settings: Settings) -> None:
    """Let a change pass.

    :raises Problem: 401 without the right token; 403 when there can't be one, or a browser was led here.
    """
    if settings.write_token:
        return _check_token(request, settings.write_token.get_secret_value())
    if not is_loopback(settings.host):
        raise _forbidden(f"the service listens on {settings.host}, beyond this machine: {_TOKEN}")
    if any(name in request.headers for name in _FORWARDED):
        raise _forbidden(f"the request came through a proxy, so it may be anybody's: {_TOKEN}")
    host = request.headers.get("host", "")
    if not is_loopback(urlsplit(f"//{host}").hostname or ""):
        raise _forbidden(f"the request is for the host {host!r:.200}, not for this machine: use 127.0.0.1, or {_TOKEN}")
    origin = request.headers.get("origin")
    is_elsewhere = origin is not None and origin.lower() != f"{request.url.scheme}://{host}".lower()
    if is_elsewhere or request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise _forbidden(f"the request comes from a page of another site ({origin or 'unknown'}): {_TOKEN}")
    return None


def _check_token(request: Request, token: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
        return
    reason = "the token is not the right one" if given else "a change needs the token of this service"
    headers = {"WWW-Authenticate": 'Bearer realm="pullquote"'}
    raise Problem(401, f"{reason}: send it in the header Authorization: Bearer …", "unauthorized", headers)


def _forbidden(detail: str) -> Problem:
    return Problem(403, detail, "writing_not_allowed")
