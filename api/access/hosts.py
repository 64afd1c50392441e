"""The names that the service answers to: the one list, checked before anything else of a request is looked at.

A page of another site can lead a browser here under a name of its own that points to this machine (DNS rebinding), and
then reads what it likes, since for the browser it is that name's own site. What comes under a foreign name is refused,
so a name in ``Host`` that got here can be trusted, and links may begin with it.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.errors import Problem, response
from api.settings import Settings

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::[0-9]{0,5})?")
_EVERY_ADDRESS = {"0.0.0.0", "::", ""}


def is_loopback(host: str) -> bool:
    """Whether an address to listen on, or the name in a ``Host`` header, is this machine only."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def allowed_hosts(settings: Settings) -> tuple[str, ...]:
    """The names that the service answers to beside those of loopback, in lower case; ``*.`` stands for all below.

    They are those of the setting, the one in ``public_url``, and the address that is listened on, if it is one.
    """
    public = urlsplit(settings.public_url).hostname if settings.public_url else None
    listened = None if settings.host in _EVERY_ADDRESS or is_loopback(settings.host) else settings.host
    names = (name.lower().strip("[]").rstrip(".") for name in (*settings.allowed_hosts, public, listened) if name)
    return tuple(dict.fromkeys(names))


def is_behind_proxy(settings: Settings) -> bool:
    """Whether the settings tell that requests come through a proxy: it is named, or the service has a public name or a
    path of its own.
    """
    return bool(settings.trusted_proxies or settings.root_path) or any(
        not is_loopback(name) for name in allowed_hosts(settings)
    )


def host_name(header: str) -> str | None:
    """The name in a ``Host`` header, in lower case and without the port; None when it is none."""
    found = _HOST.fullmatch(header)
    return (found[1] or found[2]).rstrip(".").lower() if found else None


class HostCheck:
    """Refuses requests for a name that is not on the list with 421, whatever they ask for."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._allowed = allowed_hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(given) == 1 and self._is_allowed(given[0]):
            return await self.app(scope, receive, send)
        refusal = response(_foreign(given), scope.get("state", {}).get("request_id", ""))
        return await refusal(scope, receive, send)

    def _is_allowed(self, header: str) -> bool:
        name = host_name(header)
        if name is None:
            return False
        return is_loopback(name) or any(
            name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern for pattern in self._allowed
        )


def _foreign(given: list[str]) -> Problem:
    name = given[0] if len(given) == 1 else None
    asked = "the request names no host" if name is None else f"the request is for the host {name!r:.200}"
    return Problem(
        421,
        f"{asked}, and this service does not answer to that: add the name to PULLQUOTE_ALLOWED_HOSTS, or ask 127.0.0.1",
        "host_not_allowed",
    )
