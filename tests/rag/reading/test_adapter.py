from pathlib import Path

import numpy as np
import pytest

from index.models.onnx_model import ModelError
from rag.reading.adapter import MOST, adapted, read_adapter, write_adapter
from rag.reading.multilingual import ADAPTER

RANDOM = np.random.default_rng(5)


def test_what_is_written_is_read_to_within_half_a_step(tmp_path: Path) -> None:
    changes = {"a.down": RANDOM.normal(size=(4, 7)).astype(np.float32), "b": RANDOM.normal(size=9).astype(np.float32)}
    write_adapter(tmp_path / "adapter.npz", changes)
    found = read_adapter(tmp_path / "adapter.npz")
    assert list(found) == list(changes)
    for name, change in changes.items():
        assert found[name].shape == change.shape
        step = np.abs(np.atleast_2d(change)).max(axis=1, keepdims=True) / MOST
        assert (np.abs(np.atleast_2d(found[name] - change)) <= 0.6 * step).all()


def test_a_change_is_added_and_a_pair_of_matrices_multiplied() -> None:
    weights = {"w": np.eye(3, 2, dtype=np.float32), "b": np.ones(3, np.float32), "kept": np.ones(1, np.float32)}
    down, up = np.array([[1, 2]], np.float32), np.array([[3, 4, 5]], np.float32)
    changes = {"w.down": down, "w.up": up, "b": np.array([1, 0, -1], np.float32), "new": np.zeros(2, np.float32)}
    changed = adapted(weights, changes)
    assert changed["w"].tolist() == [[4, 6], [4, 9], [5, 10]]
    assert changed["b"].tolist() == [2, 1, 0]
    assert set(changed) == {"w", "b", "kept", "new"}


def test_a_damaged_adapter_is_an_error_that_says_how_to_mend_it(tmp_path: Path) -> None:
    (tmp_path / "adapter.npz").write_bytes(ADAPTER.read_bytes()[:1000])
    for name in ("adapter.npz", "missing.npz"):
        with pytest.raises(ModelError, match="install pullquote again"):
            read_adapter(tmp_path / name)


def test_the_shipped_adapter_is_small_enough_to_ship() -> None:
    assert ADAPTER.stat().st_size < 450_000
