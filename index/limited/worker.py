"""The process that does limited work: ``python -m index.limited.worker SECONDS MEMORY``.

Frames on stdin are functions with their arguments, frames on stdout what they gave, item by item; :func:`framed` has
their form. It ends when stdin does, when nothing was asked of it for a while, or when its parent is gone.
"""

import os
import pickle
import resource
import select
import signal
import struct
import sys
import threading
import time
from typing import BinaryIO

from index.limited.allowance import lift_memory_limit, limit_memory_to, limit_seconds_to, was_short_of_memory

ITEM, END, ERROR, MEMORY = b"i", b"e", b"x", b"m"
"""What a frame that comes back is: one of the results, their end, what was raised, or that there was no memory."""

HEAD = struct.Struct("<cQ")
"""The first bytes of a frame: its kind and the length of what follows."""

IDLE_SECONDS = 30


def framed(kind: bytes, content: bytes = b"") -> bytes:
    """A frame."""
    return HEAD.pack(kind, len(content)) + content


def main() -> None:
    """Do what comes on stdin, until it ends."""
    seconds, memory = float(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the parent ends this process
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no frame
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    while select.select([sys.stdin.buffer], [], [], IDLE_SECONDS)[0]:
        head = sys.stdin.buffer.read(HEAD.size)
        if not head:
            return
        request = sys.stdin.buffer.read(HEAD.unpack(head)[1])
        if not _answer(request, answers, seconds, memory):
            return


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _answer(request: bytes, answers: BinaryIO, seconds: float, memory: int) -> bool:
    """Write what a request gives; whether this process is good for more."""
    try:
        function, arguments = pickle.loads(request)
        limit_seconds_to(seconds)
        limit_memory_to(memory)
        for item in function(*arguments):
            answers.write(framed(ITEM, pickle.dumps(item, pickle.HIGHEST_PROTOCOL)))
        end, is_good = framed(END), not was_short_of_memory()
    except MemoryError:
        end, is_good = framed(MEMORY), False
    except Exception as error:
        end, is_good = framed(ERROR, pickle.dumps(f"{type(error).__name__}: {error}")), not was_short_of_memory()
    lift_memory_limit()
    answers.write(end)
    answers.flush()
    return is_good


if __name__ == "__main__":
    main()
