"""How many requests somebody may make in a time: by key, and by address for those without one.

A key that stands in web pages is used by many people, so they count by their addresses, too. Each process counts for
itself, in memory, and a moving window never lets more through than the limit says.
"""

import math
import time
from collections.abc import Iterator
from operator import itemgetter

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.caller import Caller, caller_of
from api.access.guard import is_for_everybody
from api.access.guesses import network
from api.http.errors import Problem, response
from api.settings import Settings

HEADERS = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy"]
"""What every response tells of the limit that is nearest to its end."""


class Limits:
    """Refuses requests that are too many with 429, and tells the others how many are left.

    The headers are those of the IETF draft (draft-ietf-httpapi-ratelimit-headers-07).
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._by_key = parse(settings.limit_by_key) if settings.limit_by_key else None
        self._by_address = parse(settings.limit_by_address) if settings.limit_by_address else None
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http" or is_for_everybody(scope):
            return await self.app(scope, receive, send)
        counted = list(self._counted(caller_of(scope)))
        if not counted:
            return await self.app(scope, receive, send)
        is_within = all(self._limiter.test(limit, subject) for limit, subject in counted)
        if is_within:
            for limit, subject in counted:
                self._limiter.hit(limit, subject)
        left, wait, limit = min((self._left(limit, subject) for limit, subject in counted), key=itemgetter(0))
        headers = _headers(limit, left, wait)

        async def send_telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        if is_within:
            return await self.app(scope, receive, send_telling)
        detail = f"too many requests: {limit.amount} are taken in {limit.get_expiry()} s; try again in {wait} s"
        refusal = response(
            Problem(429, detail, "too_many_requests", {"Retry-After": str(wait)}),
            scope.get("state", {}).get("request_id", ""),
        )
        return await refusal(scope, receive, send_telling)

    def _counted(self, caller: Caller) -> Iterator[tuple[RateLimitItem, str]]:
        """The limits of somebody, each with the name it counts by."""
        if self._by_key and caller.name:
            yield self._by_key, caller.name
        if self._by_address and (not caller.name or caller.is_in_pages):
            yield self._by_address, network(caller.address)

    def _left(self, limit: RateLimitItem, subject: str) -> tuple[int, int, RateLimitItem]:
        """Requests that are left, seconds until there is one more, and the limit."""
        stats = self._limiter.get_window_stats(limit, subject)
        return stats.remaining, max(1, math.ceil(stats.reset_time - time.time())), limit


def _headers(limit: RateLimitItem, left: int, wait: int) -> dict[str, str]:
    policy = f"{limit.amount};w={limit.get_expiry()}"
    return dict(zip(HEADERS, (str(limit.amount), str(left), str(wait), policy), strict=True))
