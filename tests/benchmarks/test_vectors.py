"""What the benchmarks of vectors compute themselves."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.neighbourhoods import grow, likeness
from benchmarks.vectors import VARIANTS, best, build, cluster, kept_rows, measure, nearest
from index.models.onnx_model import FloatArray


@pytest.fixture(scope="module")
def vectors() -> FloatArray:
    points = np.random.default_rng(0).normal(size=(3000, 16)).astype(np.float32)
    unit: FloatArray = points / np.linalg.norm(points, axis=1, keepdims=True)
    return unit


def test_grown_vectors_are_new_unit_vectors_near_the_real_ones(vectors: FloatArray) -> None:
    grown = grow(vectors, 500)
    assert grown.shape == (500, 16)
    assert np.linalg.norm(grown, axis=1) == pytest.approx(1, abs=1e-5)
    nearest_cosines = (grown @ vectors.T).max(axis=1)
    assert nearest_cosines.max() < 1 - 1e-6
    assert np.median(nearest_cosines) > 0.7
    assert np.array_equal(grown, grow(vectors, 500))


def test_the_intrinsic_dimension_is_that_of_the_surface(vectors: FloatArray) -> None:
    flat = np.zeros((3000, 32), np.float32)
    flat[:, :5] = vectors[:, :5] / np.linalg.norm(vectors[:, :5], axis=1, keepdims=True)
    assert likeness(flat, flat[:50])["intrinsic dimension"] == pytest.approx(4, abs=0.7)


@pytest.mark.parametrize("variant", [v for v in VARIANTS if "PQ96" not in v.factory], ids=lambda v: v.name)
def test_every_kind_is_built_and_searched(variant: object, vectors: FloatArray, tmp_path: Path) -> None:
    assert isinstance(variant, type(VARIANTS[0]))
    questions, filters = vectors[:5], kept_rows(vectors)
    centres, _ = cluster(vectors, 1)
    built = build(variant, vectors, centres, tmp_path / "v.faiss", 1)
    assert 0 < built["search_bytes"] <= built["bytes"] == (tmp_path / "v.faiss").stat().st_size
    truth = {name: nearest(vectors, questions, rows) for name, rows in filters.items() if name in ("all", "50 %")}
    searched = measure(variant, tmp_path / "v.faiss", questions, {name: filters[name] for name in truth}, truth)
    point = best(searched, 10, 0.5)
    assert point
    assert best(searched, 100, 1.1) is None
