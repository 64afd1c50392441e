"""The vector side of a snapshot: a FAISS index over unit vectors, searched by inner product (the cosine)."""

import math
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import faiss  # its stubs know few of its classes, hence Any
import numpy as np

from index.errors import PullquoteError
from index.models.onnx_model import FloatArray
from index.storage.changed_vectors import ChangedFile, ChangedVectors
from index.storage.filter_columns import Mask
from index.storage.store import Rows
from index.storage.vector_file import VectorFile, VectorRows, pieces

EXACT_UP_TO = 100_000
"""Vectors, all or those that a filter keeps, up to which every one is compared (see ``benchmarks/vectors.py``)."""

MOST_CHANGED = 4096
"""Vectors that changed since a file was written, up to which it is shared by versions: every one is compared."""

_PROBED = 512
"""Inverted lists that are searched."""

_COMPARED = 10
"""Times as many candidates as are wanted are compared by their stored vectors."""

_TRAINED_ON = 64
"""Vectors a list that k-means looks at."""

_MOST_TRAINED_ON = 2**17
"""Vectors that it looks at in all: they are held in memory."""

_NUMBER = 8
"""Bytes of a number of floats in a FAISS file."""


class VectorsError(PullquoteError, RuntimeError):
    """The FAISS file can't be read."""

    code = "index_damaged"


def write_vectors(path: Path, vectors: VectorRows) -> None:
    """Write the FAISS index of ``vectors`` ``float32[n, d]``; the row of a vector is its position.

    The same vectors give the same bytes, whatever the number of threads. They are read in pieces.
    """
    count, dimension = vectors.shape
    if count <= EXACT_UP_TO:
        _write(faiss.IndexFlatIP(dimension), pieces(vectors), count, path)
        return
    index = _inverted_lists(count, dimension)
    lists: Any = faiss.downcast_index(index.base_index)
    index.train(_sample(vectors))
    for piece in pieces(vectors):
        lists.add(piece)
    _write(index, pieces(vectors), count, path)


def revise_vectors(before: "Vectors", path: Path, changed: ChangedVectors) -> None:
    """Write the file of ``before`` anew as it is with what changed.

    Lists stay those that were found when all vectors were last written, unless so many are better kept in another way.
    """
    library: Any = faiss
    with before.in_file(changed) as vectors:
        if not before.suits(changed.count):
            write_vectors(path, vectors)
            return
        lists: Any = before.lists()
        if lists is None:
            index: Any = faiss.IndexFlatIP(vectors.shape[1])
        else:
            gone = library.IDSelectorRange(min(changed.count, lists.ntotal), lists.ntotal)
            for selector in (gone, library.IDSelectorArray(changed.rows)):
                lists.remove_ids(selector)
            lists.add_with_ids(changed.vectors, changed.rows)
            lists.ntotal = 0  # it takes no others; then what is said is true again
            index = library.IndexRefineFlat(lists)
            lists.ntotal = changed.count
        _write(index, pieces(vectors), changed.count, path)


def _sample(vectors: VectorRows) -> FloatArray:
    """What lists are made from, the same whenever there are as many."""
    count = vectors.shape[0]
    size = min(count, _TRAINED_ON * _lists(count), _MOST_TRAINED_ON)
    return vectors.take(np.sort(np.random.default_rng(0).permutation(count)[:size]), axis=0)


def _write(index: Any, vectors: Iterable[FloatArray], count: int, path: Path) -> None:
    """Write the file that FAISS would write if ``index`` held the vectors themselves, too: ``count`` of them, which
    stand at its end as a number of floats and the floats.
    """
    library: Any = faiss
    exact: Any = library.downcast_index(getattr(index, "refine_index", index))
    index.ntotal = exact.ntotal = count
    with path.open("w+b") as file:  # FAISS itself is silent when its last bytes find the disk full
        library.write_index(index, library.PyCallbackIOWriter(file.write))
        file.seek(-_behind(index), os.SEEK_END)
        behind = file.read()
        file.seek(-_behind(index) - _NUMBER, os.SEEK_END)
        file.write((count * exact.d).to_bytes(_NUMBER, sys.byteorder))
        for piece in vectors:
            file.write(np.ascontiguousarray(piece, np.float32).data)
        file.write(behind)


def _behind(index: Any) -> int:
    """The bytes of a file behind the vectors: how many more candidates than wanted are compared."""
    return 4 if hasattr(index, "refine_index") else 0


def _lists(count: int) -> int:
    """The lists that ``count`` vectors are kept in: about ``4 √count``; 0 where all are compared."""
    return 2 ** round(math.log2(4 * count**0.5)) if count > EXACT_UP_TO else 0


def _inverted_lists(count: int, dimension: int) -> Any:
    """Lists of vectors cut to four bits for four dimensions, and the vectors themselves."""
    lists = _lists(count)
    cut = next(size for size in (4, 2, 1) if dimension % size == 0)
    index: Any = faiss.index_factory(
        dimension, f"IVF{lists},PQ{dimension // cut}x4fs,RFlat", faiss.METRIC_INNER_PRODUCT
    )
    inner: Any = faiss.downcast_index(index.base_index)
    inner.cp.min_points_per_centroid = inner.pq.cp.min_points_per_centroid = 1
    return index


class Vectors:
    """A FAISS index opened read-only and memory-mapped, with the vectors that changed since it was written. Safe to
    share between threads.
    """

    def __init__(self, path: Path, changed: Path | None = None) -> None:
        """Open the files.

        :raises VectorsError: when one is missing or no such file.
        """
        try:
            self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
        except RuntimeError as error:
            raise VectorsError(f"{path} can't be read as a FAISS index") from error
        self.path = path
        self._exact: Any = faiss.downcast_index(getattr(self._index, "refine_index", self._index))
        self._is_exact = not hasattr(self._index, "refine_index")
        try:
            self._changed = (
                ChangedVectors.read(changed) if changed else ChangedVectors.none(self._index.ntotal, self._exact.d)
            )
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise VectorsError(f"{changed} can't be read as vectors") from error
        self._stays: Mask = np.arange(self._index.ntotal) < self._changed.count
        """Whether a vector of the file is one of this version."""
        self._stays[self._changed.rows[self._changed.rows < len(self._stays)]] = False

    def close(self) -> None:
        """Let go of the memory that the file is mapped into."""
        self._index = self._exact = None

    def __len__(self) -> int:
        return self._changed.count

    def changed(self, rows: Rows, vectors: FloatArray, count: int) -> ChangedVectors:
        """How the file would differ with other ``vectors`` in ``rows``, where all in all there are ``count``."""
        return self._changed.then(rows, vectors, count)

    def suits(self, count: int) -> bool:
        """Whether so many vectors are kept as those of the file are."""
        lists: Any = None if self._is_exact else faiss.downcast_index(self._index.base_index)
        return _lists(count) == (lists.nlist if lists else 0)

    def lists(self) -> Any:
        """A copy of the lists, which can be changed; None where there are none."""
        if self._is_exact:
            return None
        return faiss.deserialize_index(faiss.serialize_index(self._index.base_index))

    def stored(self) -> ChangedFile:
        """The stored vectors, read from the files in pieces."""
        return self.in_file(self._changed)

    def in_file(self, changed: ChangedVectors) -> ChangedFile:
        """Those of the file as they would be with other changes."""
        count = int(self._index.ntotal)
        size = 4 * count * self._exact.d
        begin = self.path.stat().st_size - _behind(self._index) - size
        return ChangedFile(VectorFile(self.path, count, self._exact.d, begin), changed)

    def take(self, rows: Rows) -> FloatArray:
        """The stored vectors of ``rows``, ``float32[len(rows), dimension]``."""
        found = np.empty((len(rows), self._exact.d), np.float32)
        is_held = rows < self._index.ntotal
        found[is_held] = self._exact.reconstruct_batch(rows[is_held])
        return self._changed.put_into(found, rows)

    def row(self, row: int) -> FloatArray:
        """The stored vector of one row, ``float32[dimension]``."""
        vector: FloatArray = self.take(np.array([row]))[0]
        return vector

    def search(self, vector: FloatArray, limit: int, allowed: Mask | None = None) -> list[tuple[int, float]]:
        """The nearest ``(row, cosine)``, best first; only rows that are ``allowed``, when given, are looked at.

        :param vector: ``float32[dimension]`` of length 1.
        """
        rows = self._changed.rows
        if allowed is None:
            others = np.arange(len(rows))
            among = None if self._stays.all() else self._stays
        else:
            others = np.flatnonzero(allowed[rows])
            among = self._stays.copy()
            shared = min(len(allowed), len(among))
            among[:shared] &= allowed[:shared]
        cosines = self._changed.vectors[others] @ vector
        found = [*self._search_file(vector, limit, among), *zip(rows[others].tolist(), cosines.tolist(), strict=True)]
        return sorted(found, key=lambda each: -each[1])[:limit] if len(others) else found

    def _search_file(self, vector: FloatArray, limit: int, allowed: Mask | None) -> list[tuple[int, float]]:
        count = int(self._index.ntotal) if allowed is None else int(np.count_nonzero(allowed))
        limit = min(limit, count)
        if limit == 0:
            return []
        library: Any = faiss
        if self._is_exact or count <= EXACT_UP_TO:
            selector = None if allowed is None else library.IDSelectorArray(np.flatnonzero(allowed))
            index, parameters = self._exact, library.SearchParameters(sel=selector)
        else:
            selector = None if allowed is None else library.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
            probing = library.IVFSearchParameters(nprobe=_PROBED, sel=selector)
            parameters = library.IndexRefineSearchParameters(k_factor=_COMPARED, base_index_params=probing)
            index = self._index
        scores, rows = index.search(vector[np.newaxis], limit, params=parameters)
        return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]
