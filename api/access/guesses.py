"""Wrong keys: counted by address, answered later and later, and then not looked at for a while.

A key that was right within the last minutes is taken at once wherever it comes from, so that guessing behind a proxy
that nobody named locks nobody out who is at work.
"""

import asyncio
import hashlib
import ipaddress
import time
from collections import OrderedDict

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.http.errors import Problem

MOST_A_MINUTE = 10
"""Wrong keys of one address that are looked at."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
"""Seconds before the first wrong key is answered, doubled for each further one, and what they never exceed."""

_REMEMBERED = 10_000


def network(address: str) -> str:
    """What counts as one address: an IPv6 network of 64 bits, which is what one client has at least."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


class Guesses:
    """The wrong keys that came to this process."""

    def __init__(self) -> None:
        self._limit = RateLimitItemPerMinute(MOST_A_MINUTE)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._right: OrderedDict[bytes, None] = OrderedDict()

    def must_wait(self, address: str, text: str) -> bool:
        """Whether a key from this address is not looked at for now."""
        return _digest(text) not in self._right and not self._limiter.test(self._limit, network(address))

    def right(self, text: str) -> None:
        """A key was right."""
        self._right[_digest(text)] = None
        self._right.move_to_end(_digest(text))
        if len(self._right) > _REMEMBERED:
            self._right.popitem(last=False)

    async def wrong(self, address: str, detail: str) -> Problem:
        """A key was wrong: what its sender gets, after a while."""
        subject = network(address)
        if not self._limiter.hit(self._limit, subject):
            return self.too_many(address)
        left = self._limiter.get_window_stats(self._limit, subject).remaining
        await asyncio.sleep(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (MOST_A_MINUTE - left - 1)))
        return refusal(detail)

    def too_many(self, address: str) -> Problem:
        """What an address gets whose keys are not looked at."""
        wait = max(1, round(self._limiter.get_window_stats(self._limit, network(address)).reset_time - time.time()))
        detail = f"too many wrong keys came from this address: try again in {wait} s"
        return Problem(429, detail, "too_many_wrong_keys", {"Retry-After": str(wait)})


def refusal(detail: str) -> Problem:
    """What somebody gets who has no right key."""
    headers = {"WWW-Authenticate": 'Bearer realm="pullquote"'}
    return Problem(401, f"{detail}: send a key in the header Authorization: Bearer …", "unauthorized", headers)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
