"""Vectors one behind the other in a file, written and read a few at a time: nobody needs memory for all of them."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

import numpy as np

from index.models.onnx_model import FloatArray
from index.storage.store import Rows

PIECE = 8192
"""Vectors that are read at a time."""


class VectorRows(Protocol):
    """Vectors in rows: an array, or a file."""

    @property
    def shape(self) -> tuple[int, ...]:
        """How many, and their dimension."""
        ...

    def __getitem__(self, rows: slice, /) -> FloatArray: ...

    def take(self, rows: Rows, /, axis: Literal[0]) -> FloatArray:
        """Those in ``rows``."""
        ...


def pieces(vectors: VectorRows) -> Iterator[FloatArray]:
    """All vectors in their order, :data:`PIECE` at a time."""
    for start in range(0, vectors.shape[0], PIECE):
        yield vectors[start : start + PIECE]


class VectorFile:
    """``float32[count, dimension]`` in a file, from a byte on. Use it in a ``with`` block.

    What was not written is zero.
    """

    def __init__(self, path: Path, count: int, dimension: int, begin: int = 0, writing: bool = False) -> None:
        """:param begin: the byte of the first vector.
        :param writing: make the file anew.
        """
        self.shape = count, dimension
        self._begin = begin
        self._size = 4 * dimension
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC if writing else os.O_RDONLY, 0o600)
        if writing:
            os.ftruncate(self._file, begin + count * self._size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def __getitem__(self, rows: slice) -> FloatArray:
        start, stop, _ = rows.indices(self.shape[0])
        return self._read(start, max(stop, start))

    def take(self, rows: Rows, axis: Literal[0] = 0) -> FloatArray:  # noqa: ARG002 (as arrays have it)
        """Those in ``rows``, in whatever order."""
        found = np.empty((len(rows), self.shape[1]), np.float32)
        for first, last in _runs(rows):
            found[first:last] = self._read(int(rows[first]), int(rows[last - 1]) + 1)
        return found

    def put(self, rows: Rows, vectors: FloatArray) -> None:
        """Write vectors into rows."""
        for first, last in _runs(rows):
            data = np.ascontiguousarray(vectors[first:last], np.float32).tobytes()
            _write_whole(self._file, data, self._begin + int(rows[first]) * self._size)

    def _read(self, start: int, stop: int) -> FloatArray:
        data = os.pread(self._file, (stop - start) * self._size, self._begin + start * self._size)
        return np.frombuffer(data, np.float32).reshape(stop - start, self.shape[1])


def _runs(rows: Rows) -> Iterator[tuple[int, int]]:
    """The places in ``rows`` between which each row is the next of the one before, :data:`PIECE` at the most."""
    ends = [*np.flatnonzero(np.diff(rows) != 1) + 1, len(rows)] if len(rows) else []
    first = 0
    for end in map(int, ends):
        for start in range(first, end, PIECE):
            yield start, min(start + PIECE, end)
        first = end


def _write_whole(file: int, data: bytes, at: int) -> None:
    """Write all of it: a call may write a part, as when the disk becomes full, and the next one says why."""
    left = memoryview(data)
    while left:
        written = os.pwrite(file, left, at)
        left, at = left[written:], at + written
