"""The vector side of a snapshot: a FAISS index over unit vectors, searched by inner product (the cosine)."""

from pathlib import Path
from typing import Any

import faiss  # its stubs know few of its classes, hence Any
import numpy as np

from index.onnx_model import FloatArray
from index.store import Rows

EXACT_UP_TO = 100_000
"""Vectors up to which every one is compared (see ``benchmarks/vectors.py``); above, an HNSW graph is searched."""

_HNSW_LINKS = 32
_HNSW_EF_BUILD = 200
_HNSW_EF_SEARCH = 128


class VectorsError(RuntimeError):
    """The FAISS file can't be read."""


def write_vectors(path: Path, vectors: FloatArray) -> None:
    """Write the FAISS index of ``vectors`` ``float32[n, d]``; the row of a vector is its position."""
    kind = "Flat" if len(vectors) <= EXACT_UP_TO else f"HNSW{_HNSW_LINKS},Flat"
    index: Any = faiss.index_factory(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    if len(vectors) > EXACT_UP_TO:
        index.hnsw.efConstruction = _HNSW_EF_BUILD
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    with path.open("wb") as file:  # FAISS itself does not tell when its last bytes find the disk full
        library: Any = faiss
        library.write_index(index, library.PyCallbackIOWriter(file.write))


class Vectors:
    """A FAISS index opened read-only and memory-mapped. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        :raises VectorsError: when it is missing or no FAISS index.
        """
        try:
            self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
        except RuntimeError as error:
            raise VectorsError(f"{path} can't be read as a FAISS index") from error
        self._graph = isinstance(self._index, faiss.IndexHNSW)

    def close(self) -> None:
        """Let go of the memory that the file is mapped into."""
        self._index = None

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    def rows(self, first: int, count: int) -> FloatArray:
        """The stored vectors ``first`` to ``first + count``, ``float32[count, dimension]``."""
        vectors: FloatArray = self._index.reconstruct_n(first, count)
        return vectors

    def take(self, rows: Rows) -> FloatArray:
        """The stored vectors of ``rows``, ``float32[len(rows), dimension]``."""
        vectors: FloatArray = self._index.reconstruct_batch(rows)
        return vectors

    def row(self, row: int) -> FloatArray:
        """The stored vector of one row, ``float32[dimension]``."""
        vector: FloatArray = self._index.reconstruct(row)
        return vector

    def search(self, vector: FloatArray, limit: int, allowed: Rows | None = None) -> list[tuple[int, float]]:
        """The nearest ``(row, cosine)``, best first; only rows in ``allowed``, when given, are looked at.

        :param vector: ``float32[dimension]`` of length 1.
        """
        limit = min(limit, len(self) if allowed is None else len(allowed))
        if limit == 0:
            return []
        library: Any = faiss
        selector = None if allowed is None else library.IDSelectorBitmap(_bitmap(allowed, len(self)))
        if self._graph:
            parameters = library.SearchParametersHNSW(sel=selector, efSearch=max(_HNSW_EF_SEARCH, 2 * limit))
        else:
            parameters = library.SearchParameters(sel=selector)
        scores, rows = self._index.search(vector[np.newaxis], limit, params=parameters)
        return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]


def _bitmap(rows: Rows, size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    mask = np.zeros(size, dtype=bool)
    mask[rows] = True
    return np.packbits(mask, bitorder="little")
