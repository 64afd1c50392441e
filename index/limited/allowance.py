"""How much processor time and memory this process may take from now on, as the system holds it to that."""

import math
import resource
import time
from contextlib import suppress

_given = (0, 0)
"""The bytes that were mapped when the limit to memory was set, and how many more there may be."""

_NEAR = 0.4
"""The part of its memory from which on what goes wrong may be for want of it: libraries double what they hold, so that
the request that fails comes below the half."""


def limit_seconds_to(seconds: float) -> None:
    """Give this process so many seconds of processor time from now on. SIGXCPU ends it."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))


def limit_memory_to(memory: int) -> None:
    """Let this process map so many bytes more than it has, where the system tells how many these are."""
    global _given
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    taken = _mapped("VmSize")
    if taken:
        _given = taken, memory
        wanted = taken + memory
        resource.setrlimit(resource.RLIMIT_AS, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))


def lift_memory_limit() -> None:
    """Let this process map what it might before :func:`limit_memory_to`."""
    global _given
    _given = 0, 0
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def was_short_of_memory() -> bool:
    """Whether this process ever came so near to its limit that what went wrong may be for want of memory.

    Libraries tell that in words of their own, such as damage to the file.
    """
    taken, more = _given
    return bool(more) and _mapped("VmPeak") - taken > _NEAR * more


def _mapped(field: str) -> int:
    """The bytes that are mapped now (``VmSize``) or ever were (``VmPeak``); 0 where the system does not tell."""
    with suppress(OSError), open("/proc/self/status", encoding="ascii", errors="replace") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name == field:
                return int(value.split()[0]) * 1024
    return 0
