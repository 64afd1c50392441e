"""A server on a socket that is known to be free."""

import asyncio
import errno
import getpass
import logging
import math
import os
import socket
import sys
from functools import partial
from typing import cast

import uvicorn
from uvicorn.supervisors import Multiprocess

from api.access.hosts import allowed_hosts
from api.access.writing import writing_is_local
from api.app import create_app
from api.cli.connections import BoundedProtocol, most_connections
from api.settings import ConfigurationError, Settings
from api.telemetry.logs import server_log, show_log
from api.telemetry.metrics import shared_by_processes

_log = logging.getLogger("pullquote")

_START_SECONDS = 60
"""Seconds after which a process that gives no sign of life is replaced: on a busy machine it takes long to start."""

_BACKLOG = 64
"""Connections that wait to be accepted, and that are accepted before the next of them is looked at."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Taking it before the models are loaded tells at once when the port is in use.

    :raises ConfigurationError: when the address can't be taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigurationError(
            f"there is no address {host!r} to listen on ({error.strerror}): set another --host"
        ) from None
    taken = socket.socket(family, kind, protocol)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(_BACKLOG)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"port {port} on {host} is in use by another program: stop that one, or choose another with --port"
            ) from None
        reason = error.strerror or str(error)
        raise ConfigurationError(
            f"can't listen on {host} port {port} ({reason}): choose another --host or --port"
        ) from None
    return taken


def who_may(settings: Settings) -> list[str]:
    """Who may do what, in lines for whoever starts the service."""
    hosts = ", ".join(("localhost", *allowed_hosts(settings)))
    asks = "whoever reaches it may ask" if settings.public_ask else "asking needs a key ('pullquote keys create')"
    lines = [f"It answers to {hosts}, and {asks}."]
    if settings.follow:
        lines.append(f"It is a replica and takes no changes: it follows {settings.follow}.")
    elif writing_is_local(settings):
        lines.append(
            f"Programs of the user {_user()} on this machine may change the index without a token. Before you put a "
            "proxy in front, name it in PULLQUOTE_TRUSTED_PROXIES."
        )
    elif settings.write_token:
        lines.append("Changes need the token PULLQUOTE_WRITE_TOKEN, or a key of the role write or admin.")
    else:
        lines.append(
            "Changes need a key of the role write or admin ('pullquote keys create'), or the token that you set in "
            "PULLQUOTE_WRITE_TOKEN."
        )
    return lines


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def serve_on(settings: Settings, taken: socket.socket) -> None:
    """Serve until a signal ends it; answers under way are finished first."""
    host, port = taken.getsockname()[:2]
    scheme = "https" if settings.tls_certificate else "http"
    shown = f"[{host}]" if ":" in host else host
    address = f"Pullquote listens on {scheme}://{shown}:{port}"
    lines = [address, *who_may(settings)]
    if settings.log_format == "text":
        print(*lines, sep="\n", file=sys.stderr, flush=True)
    else:
        show_log(settings.log_format)
        for line in lines:
            _log.info(line)
    protocol = partial(
        BoundedProtocol,
        most=most_connections(settings.max_connections),
        header_seconds=settings.header_seconds,
        body_seconds=settings.body_seconds,
        response_seconds=settings.response_seconds,
    )
    config = uvicorn.Config(
        partial(create_app, settings),
        factory=True,
        workers=settings.processes,
        timeout_worker_healthcheck=_START_SECONDS,
        backlog=_BACKLOG,
        loop="asyncio",  # the same, whatever else is installed
        http=cast("type[asyncio.Protocol]", protocol),
        timeout_graceful_shutdown=math.ceil(settings.drain_seconds),
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        server_header=False,
        access_log=False,
        log_config=server_log(settings.log_format),
        proxy_headers=False,
        ws="none",
    )
    try:
        if settings.processes > 1:
            with shared_by_processes():
                Multiprocess(config, sockets=[taken]).run()
        else:
            uvicorn.Server(config).run(sockets=[taken])
    except KeyboardInterrupt:
        pass
    finally:
        taken.close()
