"""Sessions: a browser whose user gave a key once may use the pages with it for a while, without the key itself.

What the browser keeps is a cookie with the id of the key, a time, and a seal (HMAC-SHA-256) over both. The seal is made
with what the service keeps of the key, so that it ends when the key is revoked, and needs no list of sessions. A page
of another site can make a browser send it: :class:`api.access.guard.Guard` takes it for more than asking only from the
pages of this very site.
"""

import hashlib
import hmac
import re
import time

COOKIE = "pullquote_session"
SECONDS = 43_200
"""A session is 12 hours long."""

_FORM = re.compile(r"([0-9a-z_]{1,20})\.([0-9]{1,12})\.([0-9a-f]{64})")


def sealed(name: str, secret: bytes, now: float | None = None) -> str:
    """The cookie of a new session of the key ``name``, of which the service keeps ``secret``."""
    until = int((time.time() if now is None else now) + SECONDS)
    return f"{name}.{until}.{_seal(name, until, secret)}"


def name_in(cookie: str) -> str | None:
    """The name that a cookie claims; None for what is no cookie of this service, or one whose time is over."""
    form = _FORM.fullmatch(cookie)
    return form[1] if form and time.time() < int(form[2]) <= time.time() + SECONDS + 60 else None


def holds(cookie: str, secret: bytes) -> bool:
    """Whether the seal of a cookie was made with ``secret``."""
    form = _FORM.fullmatch(cookie)
    return form is not None and hmac.compare_digest(form[3], _seal(form[1], int(form[2]), secret))


def _seal(name: str, until: int, secret: bytes) -> str:
    return hmac.new(secret, f"pullquote session {name} {until}".encode(), hashlib.sha256).hexdigest()
