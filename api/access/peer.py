"""Whose process is at the other end of a connection inside this machine, as the system knows it."""

import ipaddress
import sys
from collections.abc import Iterator
from pathlib import Path

Address = tuple[str, int]

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LOCAL, _REMOTE, _USER, _INODE = 1, 2, 7, 9
"""Columns of a table of connections; an inode of 0 belongs to no process any more."""


def owner(client: Address, server: Address) -> int | None:
    """The user id of the process that connected from ``client`` to ``server``, two addresses of this machine.

    -1 when no process has that connection any more.

    :raises OSError: when the system has no such tables: only Linux does.
    """
    wanted = _known(client), _known(server)
    for row in _rows():
        if (_read(row[_LOCAL]), _read(row[_REMOTE])) == wanted and row[_INODE] != "0":
            return int(row[_USER])
    return -1


def _rows() -> Iterator[list[str]]:
    for table in _TABLES:
        if table == _TABLES[0] or table.exists():
            with table.open(encoding="ascii") as lines:
                next(lines)
                yield from (line.split() for line in lines)


def _known(address: Address) -> tuple[object, int]:
    return _plain(ipaddress.ip_address(address[0])), address[1]


def _read(column: str) -> tuple[object, int]:
    """An address as the tables have it: words of four bytes in the order of this machine, and the port."""
    words, _, port = column.partition(":")
    packed = bytes.fromhex(words)
    if sys.byteorder == "little":
        packed = b"".join(packed[at : at + 4][::-1] for at in range(0, len(packed), 4))
    return _plain(ipaddress.ip_address(packed)), int(port, 16)


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> object:
    return getattr(address, "ipv4_mapped", None) or address
