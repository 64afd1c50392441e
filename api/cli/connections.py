"""Connections that nobody may hold for nothing: deadlines for headers, bodies and those who do not read, and as many as
there are descriptors.

A client that sends half a request and waits costs a descriptor and no work; a thousand of them are all there are. One
that asks and never reads keeps the answer in memory, too.
"""

import asyncio
import logging
import resource
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_LEAST_BYTES_A_SECOND = 10_000
"""A body that comes at this pace may take as long as it is large."""

_LEAST_TAKEN_A_SECOND = 1_000
"""A response may take as long as it is large for a client that takes it at this pace."""

_RESERVED = 320
"""Descriptors for the files of an index, for databases, for builds, and for what is accepted before one is closed."""

_MOST = 10_000
_SECONDS_BETWEEN_LINES = 60.0

_log = logging.getLogger("pullquote.connections")


def most_connections(wanted: int | None) -> int:
    """How many connections a process may hold: as many as are wanted, and fewer than it may have descriptors.

    The limit that this process may raise itself is raised first.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = (wanted or _MOST) + _RESERVED
    raised = enough if hard == resource.RLIM_INFINITY else min(enough, hard)
    if soft != resource.RLIM_INFINITY and soft < raised:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
        soft = raised
    if soft == resource.RLIM_INFINITY:
        return wanted or _MOST
    return min(wanted or _MOST, soft - min(_RESERVED, soft // 2))


class SeldomLog:
    """Logs a warning once a minute, and how often it was meant meanwhile."""

    def __init__(self) -> None:
        self._next = 0.0
        self._untold = 0

    def warning(self, message: str) -> None:
        """Log it, unless that was done a moment ago."""
        self._untold += 1
        if time.monotonic() < self._next:
            return
        _log.warning("%s (%s)", message, "once" if self._untold == 1 else f"{self._untold} times")
        self._untold, self._next = 0, time.monotonic() + _SECONDS_BETWEEN_LINES


_seldom = SeldomLog()


def tell_seldom(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What an event loop does with errors nobody handles: one that repeats without end is logged once a minute."""
    if "out of system resource" in context.get("message", ""):
        _seldom.warning(f"no connection can be accepted: {context.get('exception')}")
    else:
        loop.default_exception_handler(context)


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 for one connection, which is closed when its request does not come in time, or its response is not read.

    When there are too many connections, the one that has waited longest for a request is closed for the new one.
    """

    def __init__(
        self,
        *args: Any,
        most: int,
        header_seconds: float,
        body_seconds: float,
        response_seconds: float,
        **named: Any,
    ) -> None:
        """:param most: connections of this process.
        :param header_seconds: after which a request must have its headers, from the first moment that it may come.
        :param body_seconds: after which a body must be there; a large one that comes at a pace has longer.
        :param response_seconds: after which a client must have taken what waits for it; likewise.
        """
        super().__init__(*args, **named)
        self._most = most
        self._header_seconds = header_seconds
        self._body_seconds = body_seconds
        self._response_seconds = response_seconds
        self._awaits = ""
        self._since = 0.0
        self._received = 0
        self._unread = 0
        """Bytes that waited for the client when this began to wait for it."""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, in place of another if there are too many."""
        self.loop.set_exception_handler(tell_seldom)
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > self._most:
            waiting = [one for one in self.connections if isinstance(one, BoundedProtocol) and one._awaits == "header"]
            longest = min(waiting, key=lambda one: one._since, default=self)
            longest.transport.abort()
            _seldom.warning(f"{self._most} connections are open, as many as there may be: one that waited was closed")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._await("")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and see what has to come next."""
        self._received += len(data)
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._watch()

    def _watch(self) -> None:
        """See what this connection waits for now."""
        if self.flow.write_paused or (self.transport.is_closing() and self.transport.get_write_buffer_size()):
            awaits = "reader"
        elif self.transport.is_closing():
            awaits = ""
        elif self.cycle is None or self.cycle.response_complete:
            awaits = "header"
        else:
            awaits = "body" if self.cycle.more_body else ""
        if awaits != self._awaits:
            self._await(awaits)

    def _await(self, what: str) -> None:
        if self._timer:
            self._timer.cancel()
        self._awaits, self._since, self._received, self._timer = what, self.loop.time(), 0, None
        self._unread = self.transport.get_write_buffer_size()
        if what:
            self._timer = self.loop.call_later(self._left(), self._look)

    def _left(self) -> float:
        """Seconds until what is waited for must be there."""
        if self._awaits == "header":
            return self._since + self._header_seconds - self.loop.time()
        if self._awaits == "reader":
            taken = self._unread - self.transport.get_write_buffer_size()
            return self._since + self._response_seconds + taken / _LEAST_TAKEN_A_SECOND - self.loop.time()
        return self._since + self._body_seconds + self._received / _LEAST_BYTES_A_SECOND - self.loop.time()

    def _look(self) -> None:
        left = self._left()
        is_behind = self.flow.read_paused and self._awaits != "reader"  # the service is, not the client
        if left > 0 or is_behind:
            self._timer = self.loop.call_later(max(left, 1.0), self._look)
            return
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # closing would wait for the client to read
            _seldom.warning("a client did not read what it had asked for, and was cut off")
            return
        if self._received if self._awaits == "header" else not self.cycle.response_started:
            self.transport.write(_TIMED_OUT)
        self.transport.close()
