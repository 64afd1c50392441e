from pathlib import Path

import faiss
import numpy as np
import pytest

import index.storage.vectors
from index.models.onnx_model import FloatArray
from index.storage.vectors import Vectors, VectorsError, revise_vectors, write_vectors


def unit_vectors(count: int, dimension: int = 16) -> FloatArray:
    vectors = np.random.default_rng(7).normal(size=(count, dimension)).astype(np.float32)
    unit: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


@pytest.fixture(params=["exact", "lists"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vectors:
    if request.param == "lists":
        monkeypatch.setattr(index.storage.vectors, "EXACT_UP_TO", 10)
    write_vectors(tmp_path / "v.faiss", unit_vectors(300))
    return Vectors(tmp_path / "v.faiss")


def test_the_nearest_come_first_with_their_cosine(opened: Vectors) -> None:
    vectors = unit_vectors(300)
    cosines = vectors @ vectors[42]
    expected = np.argsort(-cosines)[:5]
    found = opened.search(vectors[42], 5)
    assert [row for row, _ in found] == expected.tolist()
    assert [score for _, score in found] == pytest.approx(cosines[expected].tolist(), abs=1e-5)


def test_only_allowed_rows_are_found_and_all_of_them(opened: Vectors) -> None:
    allowed = np.isin(np.arange(300), [3, 99, 200, 299])
    found = opened.search(unit_vectors(300)[0], 50, allowed)
    assert {row for row, _ in found} == {3, 99, 200, 299}
    assert opened.search(unit_vectors(300)[0], 5, np.zeros(300, np.bool_)) == []


def test_stored_vectors_can_be_read_back(opened: Vectors) -> None:
    vectors = unit_vectors(300)
    assert len(opened) == 300
    assert np.array_equal(opened.row(17), vectors[17])
    assert np.array_equal(opened.take(np.arange(10, 15)), vectors[10:15])


def test_the_file_is_the_one_that_faiss_writes_when_it_holds_all_vectors(opened: Vectors, tmp_path: Path) -> None:
    whole = faiss.read_index(str(opened.path))
    faiss.write_index(whole, str(tmp_path / "whole"))
    assert opened.path.read_bytes() == (tmp_path / "whole").read_bytes()
    with opened.stored() as stored:
        assert np.array_equal(stored[:], unit_vectors(300))


def test_vectors_in_a_file_give_the_bytes_that_they_give_in_memory(tmp_path: Path, opened: Vectors) -> None:
    with opened.stored() as stored:
        write_vectors(tmp_path / "again", stored)
    assert (tmp_path / "again").read_bytes() == opened.path.read_bytes()


def test_a_filter_that_keeps_many_is_searched_in_the_lists(opened: Vectors) -> None:
    vectors, allowed = unit_vectors(300), np.arange(1, 300, 2)
    found = opened.search(vectors[42], 5, np.arange(300) % 2 == 1)
    cosines = vectors[allowed] @ vectors[42]
    assert [row for row, _ in found] == allowed[np.argsort(-cosines)[:5]].tolist()


def test_the_same_vectors_give_the_same_bytes_with_any_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.storage.vectors, "EXACT_UP_TO", 10)
    before = faiss.omp_get_max_threads()
    try:
        for threads in (1, 2, 2):
            faiss.omp_set_num_threads(threads)
            write_vectors(tmp_path / f"{threads}.faiss", unit_vectors(3000))
            assert (tmp_path / f"{threads}.faiss").read_bytes() == (tmp_path / "1.faiss").read_bytes()
    finally:
        faiss.omp_set_num_threads(before)


@pytest.mark.parametrize("dimension", [15, 18, 384])
def test_vectors_of_any_length_can_be_searched_in_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dimension: int
) -> None:
    monkeypatch.setattr(index.storage.vectors, "EXACT_UP_TO", 10)
    vectors = unit_vectors(200, dimension)
    write_vectors(tmp_path / "v.faiss", vectors)
    assert Vectors(tmp_path / "v.faiss").search(vectors[7], 1)[0] == (7, pytest.approx(1.0, abs=1e-5))


def test_an_index_without_vectors_finds_nothing(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v.faiss", np.zeros((0, 16), np.float32))
    assert Vectors(tmp_path / "v.faiss").search(unit_vectors(1)[0], 5) == []


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_file_that_is_no_index_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.faiss").write_bytes(content)
    with pytest.raises(VectorsError, match=r"v\.faiss can't be read as a FAISS index"):
        Vectors(tmp_path / "v.faiss")


CHANGES = pytest.mark.parametrize(
    ("count", "rows"), [(300, [5, 7]), (304, [303, 9, 302, 300, 301]), (290, [4]), (290, []), (301, [300])]
)


def came_into(rows: list[int], count: int) -> tuple[FloatArray, FloatArray]:
    """Vectors that come, and all that there are then."""
    came = unit_vectors(310)[300 : 300 + len(rows)]
    wanted = np.concatenate([unit_vectors(300), np.zeros((10, 16), np.float32)])[:count]
    wanted[np.array(rows, np.int64)] = came
    return came, wanted


def assert_holds(vectors: Vectors, wanted: FloatArray, rows: list[int]) -> None:
    count = len(wanted)
    assert len(vectors) == count
    assert np.array_equal(vectors.take(np.arange(count)), wanted)
    with vectors.stored() as stored:
        assert stored.shape == wanted.shape
        assert np.array_equal(stored[:], wanted)
        assert np.array_equal(stored[2:9], wanted[2:9])
        assert np.array_equal(stored.take(np.arange(count)[::-1]), wanted[::-1])
    for row in (*rows, 0, count - 1):
        assert np.array_equal(vectors.row(row), wanted[row])
        assert vectors.search(wanted[row], 30)[0][0] == row
    assert {row for row, _ in vectors.search(wanted[0], count)} == set(range(count))
    allowed = np.arange(count) % 2 == 1
    assert {row for row, _ in vectors.search(wanted[0], count, allowed)} == set(np.flatnonzero(allowed))
    cosines = wanted @ wanted[42]
    expected = [row for row in np.argsort(-cosines) if allowed[row]][:5]
    assert [row for row, _ in vectors.search(wanted[42], 5, allowed)] == expected


@CHANGES
def test_a_revised_file_has_the_vectors_that_came_in_their_rows_and_the_others_as_they_were(
    opened: Vectors, tmp_path: Path, count: int, rows: list[int]
) -> None:
    came, wanted = came_into(rows, count)
    revise_vectors(opened, tmp_path / "revised", opened.changed(np.array(rows, np.int64), came, count))
    assert_holds(Vectors(tmp_path / "revised"), wanted, rows)


@CHANGES
def test_a_file_with_the_vectors_that_changed_beside_it_is_like_one_that_was_written_with_them(
    opened: Vectors, tmp_path: Path, count: int, rows: list[int]
) -> None:
    came, wanted = came_into(rows, count)
    opened.changed(np.array(rows, np.int64), came, count).write(tmp_path / "changed")
    changed = Vectors(opened.path, tmp_path / "changed")
    assert_holds(changed, wanted, rows)
    again = unit_vectors(313)[310:]
    wanted = np.concatenate([wanted, np.zeros((1, 16), np.float32)])
    wanted[[count, 7, 3]] = again
    differing = changed.changed(np.array([count, 7, 3]), again, count + 1)
    differing.write(tmp_path / "again")
    assert_holds(Vectors(opened.path, tmp_path / "again"), wanted, [3, 7, count])
    revise_vectors(changed, tmp_path / "whole", differing)
    assert_holds(Vectors(tmp_path / "whole"), wanted, [3, 7, count])


def test_so_many_vectors_that_they_are_better_kept_in_another_way_are_written_in_that_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_vectors(tmp_path / "v.faiss", unit_vectors(300))
    monkeypatch.setattr(index.storage.vectors, "EXACT_UP_TO", 300)
    before, came = Vectors(tmp_path / "v.faiss"), unit_vectors(301)[300:]
    assert before.suits(300)
    assert not before.suits(301)
    revise_vectors(before, tmp_path / "revised", before.changed(np.array([300]), came, 301))
    write_vectors(tmp_path / "anew", unit_vectors(301))
    assert (tmp_path / "revised").read_bytes() == (tmp_path / "anew").read_bytes()


def test_what_is_no_file_of_changed_vectors_is_named(opened: Vectors, tmp_path: Path) -> None:
    (tmp_path / "changed").write_bytes(b"nonsense")
    with pytest.raises(VectorsError, match="changed can't be read as vectors"):
        Vectors(opened.path, tmp_path / "changed")
