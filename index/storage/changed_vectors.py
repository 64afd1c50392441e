"""The few vectors by which a version differs from a file of vectors that it shares with the versions before."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np

from index.models.onnx_model import FloatArray
from index.storage.store import Rows
from index.storage.vector_file import VectorFile


@dataclass(frozen=True, slots=True)
class ChangedVectors:
    """Other ``vectors`` ``float32[k, dimension]`` in ``rows`` (rising), where there are ``count`` in all: those that
    the file has from that row on are gone.
    """

    rows: Rows
    vectors: FloatArray
    count: int

    @classmethod
    def none(cls, count: int, dimension: int) -> Self:
        """No difference from a file of ``count`` vectors."""
        return cls(np.zeros(0, np.int64), np.zeros((0, dimension), np.float32), count)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what :meth:`write` wrote.

        :raises OSError, ValueError, KeyError, zipfile.BadZipFile: when it is no such file.
        """
        with np.load(path) as kept:
            return cls(kept["rows"], kept["vectors"], int(kept["count"]))

    def write(self, path: Path) -> None:
        """Write it."""
        with path.open("wb") as file:
            np.savez(file, rows=self.rows, vectors=self.vectors, count=np.int64(self.count))

    def then(self, rows: Rows, vectors: FloatArray, count: int) -> "ChangedVectors":
        """With further vectors, in ``rows`` in any order, of ``count`` in all."""
        staying = ~np.isin(self.rows, rows) & (self.rows < count)
        all_rows = np.concatenate([self.rows[staying], rows])
        all_vectors = np.concatenate([self.vectors[staying], vectors])
        order = np.argsort(all_rows)
        return ChangedVectors(all_rows[order], all_vectors[order], count)

    def put_into(self, found: FloatArray, rows: Rows) -> FloatArray:
        """``found``, the vectors of ``rows`` in the file, with those that are others now."""
        if len(self.rows):
            at = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
            is_changed = self.rows[at] == rows
            found[is_changed] = self.vectors[at[is_changed]]
        return found


class ChangedFile:
    """A file of vectors as it is with those that changed. Use it in a ``with`` block."""

    def __init__(self, file: VectorFile, changed: ChangedVectors) -> None:
        self.shape = changed.count, file.shape[1]
        self._file = file
        self._changed = changed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    def __getitem__(self, rows: slice) -> FloatArray:
        start, stop, _ = rows.indices(self.shape[0])
        found = np.zeros((max(stop - start, 0), self.shape[1]), np.float32)
        kept = self._file[start:stop]
        found[: len(kept)] = kept
        return self._changed.put_into(found, np.arange(start, max(start, stop)))

    def take(self, rows: Rows, axis: Literal[0] = 0) -> FloatArray:  # noqa: ARG002 (as arrays have it)
        """Those in ``rows``, in whatever order."""
        found = np.zeros((len(rows), self.shape[1]), np.float32)
        is_held = rows < self._file.shape[0]
        found[is_held] = self._file.take(rows[is_held])
        return self._changed.put_into(found, rows)
