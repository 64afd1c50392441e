from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.storage.vector_file
from index.storage.vector_file import VectorFile, pieces

ROWS = st.lists(st.integers(0, 39), unique=True)


@given(rows=ROWS, wanted=st.lists(st.integers(0, 39)), begin=st.integers(0, 9))
def test_what_was_put_into_rows_is_read_from_them_and_the_rest_is_zero(
    rows: list[int], wanted: list[int], begin: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path, expected = tmp_path_factory.mktemp("vectors") / "file", np.zeros((40, 3), np.float32)
    vectors = np.random.default_rng(len(rows)).normal(size=(len(rows), 3)).astype(np.float32)
    expected[rows] = vectors
    with VectorFile(path, 40, 3, begin, writing=True) as file:
        file.put(np.array(rows, np.int64), vectors)
    with VectorFile(path, 40, 3, begin) as file:
        assert np.array_equal(file.take(np.array(wanted, np.int64)), expected[wanted])
        assert np.array_equal(file[:], expected)
        assert np.array_equal(file[5:9], expected[5:9])


def test_pieces_are_all_vectors_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.storage.vector_file, "PIECE", 4)
    vectors = np.arange(30, dtype=np.float32).reshape(10, 3)
    with VectorFile(tmp_path / "file", 10, 3, writing=True) as file:
        file.put(np.arange(10), vectors)
        assert [len(piece) for piece in pieces(file)] == [4, 4, 2]
        assert np.array_equal(np.concatenate(list(pieces(file))), vectors)
