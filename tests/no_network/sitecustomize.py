"""Keeps this process and its children from the network: only loopback and Unix sockets connect.

``conftest.py`` runs it and puts its folder on ``PYTHONPATH``, where each Python process imports it as it starts.
"""

import ipaddress
import os
import socket
from typing import Any

_METHODS = ("connect", "connect_ex", "sendto")
_NAMES = {"localhost", "testserver", ""}

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"


class NetworkBlockedError(RuntimeError):
    """Something tried to reach the network."""


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0]).partition("%")[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host in _NAMES
    return found.is_loopback or found.is_unspecified


def _guarded(name: str) -> Any:
    original = getattr(socket.socket, name)

    def method(self: socket.socket, *arguments: Any) -> Any:
        if not _is_local(arguments[-1]):
            raise NetworkBlockedError(f"tests stay off the network, and something called {name}{arguments[-1]}")
        return original(self, *arguments)

    return method


for _name in _METHODS:
    setattr(socket.socket, _name, _guarded(_name))
