"""The vectors of passages: those that are known are copied, each new text is embedded once."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from index.models.embedder import Embedder
from index.passage_text import embedded_text
from index.storage.snapshot import Snapshot
from index.storage.store import Rows, Store
from index.storage.vector_file import PIECE, VectorFile

KEY_BYTES = 16
_FEW = 1_000
_STRIDE = 256
"""Passages embedded between two reports of progress."""

Keys = npt.NDArray[np.bytes_]
"""Embedding keys, ``S16[n]``."""


def as_keys(joined: bytes | bytearray) -> Keys:
    """Embedding keys that stand one behind the other."""
    return np.frombuffer(joined, f"S{KEY_BYTES}")


class PassageVectors:
    """Finds the vectors of passages, and writes each into its place of a file."""

    def __init__(
        self, embedder: Embedder, known: Sequence[Snapshot], progress: Callable[[str, int, int], None]
    ) -> None:
        """:param known: whose vectors are taken over."""
        self._embedder = embedder
        self._known = known
        self._progress = progress

    def copy(self, vectors: VectorFile, keys: Keys) -> Rows:
        """Write what is known of passages with these keys; the places of those that have to be embedded, of several
        with one key the first.
        """
        _, first = np.unique(keys, return_index=True)
        wanted = np.sort(first)
        for snapshot in self._known:
            if not len(wanted):
                break
            rows = _rows_of(snapshot.store, keys[wanted])
            is_known = rows >= 0
            places, rows = wanted[is_known], rows[is_known]
            with snapshot.vectors.stored() as stored:
                for start in range(0, len(places), PIECE):
                    vectors.put(places[start : start + PIECE], stored.take(rows[start : start + PIECE]))
            wanted = wanted[~is_known]
        return wanted

    def embed(self, vectors: VectorFile, places: Rows, store: Store, rows: Rows) -> None:
        """Write the vectors of the passages in these places, whose rows in ``store`` are ``rows[places]``."""
        for done in range(0, len(places), _STRIDE):
            batch = places[done : done + _STRIDE]
            found = store.passages(rows[batch].tolist())
            texts = [embedded_text(article, passage) for passage, article in found]
            vectors.put(batch, self._embedder.embed_passages(texts))
            self._progress("embed", done + len(batch), len(places))


def _rows_of(store: Store, keys: Keys) -> Rows:
    """For each key the first row with it, -1 where there is none. A few are searched for, for more all are listed."""
    if len(keys) <= _FEW:
        whole = [key.ljust(KEY_BYTES, b"\0") for key in keys.tolist()]
        found = store.rows_of_keys(whole)
        return np.array([found.get(key, -1) for key in whole], np.int64)
    held = as_keys(b"".join(store.embedding_keys()))
    if not len(held):
        return np.full(len(keys), -1)
    order = np.argsort(held, kind="stable")
    rows = order[np.minimum(np.searchsorted(held, keys, sorter=order), len(held) - 1)]
    return np.where(held[rows] == keys, rows, -1)


def repeat(vectors: VectorFile, keys: Keys) -> None:
    """Write the vectors of passages whose key a passage before them has."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    sources = first[inverse]
    places = np.flatnonzero(sources != np.arange(len(keys)))
    for start in range(0, len(places), PIECE):
        batch = places[start : start + PIECE]
        vectors.put(batch, vectors.take(sources[batch]))
