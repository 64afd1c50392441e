"""Answers of one version of the index that were given before, kept in memory for as long as that version answers."""

import hashlib
import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from rag.answerer import Result
from rag.question import Question


class AnswerCache:
    """The answers given last, within a number of entries and of bytes. Safe to share between threads.

    An entry is the pickled result: its size is known, and what a caller does to a result changes no later one.
    """

    def __init__(self, entries: int, most_bytes: int) -> None:
        """:param entries: answers kept at the most; 0 keeps none."""
        self._entries = entries
        self._most_bytes = most_bytes
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """The bytes of what is kept."""
        return self._bytes

    def get_or(self, question: Question, answer: Callable[[], Result]) -> Result:
        """The result kept for ``question``, else that of ``answer``, which is kept from now on if it is complete.

        A kept one tells the time that finding it took: nothing was embedded, retrieved or read for it.
        """
        if not self._entries:
            return answer()
        begin = time.perf_counter()
        digest = hashlib.sha256(repr(question).encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            kept = self._kept.get(digest)
            if kept is not None:
                self._kept.move_to_end(digest)
        if kept is None:
            result = answer()
            if result.complete:
                self._keep(digest, result)
            return result
        found: Result = pickle.loads(kept)
        passed = round((time.perf_counter() - begin) * 1000, 2)
        return replace(found, timings_ms={**dict.fromkeys(found.timings_ms, 0.0), "total": passed})

    def _keep(self, digest: bytes, result: Result) -> None:
        if sum(len(found.article.text) for found in result.passages) > self._most_bytes:
            return
        entry = pickle.dumps(result)
        if len(entry) > self._most_bytes:
            return
        with self._lock:
            self._bytes += len(entry) - len(self._kept.pop(digest, b""))
            self._kept[digest] = entry
            while len(self._kept) > self._entries or self._bytes > self._most_bytes:
                self._bytes -= len(self._kept.popitem(last=False)[1])
