"""Coarser grids: what is rounded, by how much, and that the graph in parts says what the graph said."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from training.coarse import coarsen, compensated, input_moments, save_in_parts

WIDTH = 96


@pytest.fixture
def quantised(tmp_path: Path) -> onnx.ModelProto:
    """A graph of one product, quantised as readers are."""
    matrix = np.random.default_rng(1).normal(size=(WIDTH, 3 * WIDTH)).astype(np.float32)
    matrix[:, 5] *= 40
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], name="product")],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, WIDTH])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3 * WIDTH])],
        [numpy_helper.from_array(matrix, "w")],
    )
    source, target = tmp_path / "float.onnx", tmp_path / "int8.onnx"
    onnx.save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(source))
    quantize_dynamic(str(source), str(target), weight_type=QuantType.QInt8, per_channel=True)
    return onnx.load(str(target))


def _weights(model: onnx.ModelProto) -> np.ndarray:
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    return np.asarray((stored["w_quantized"].astype(np.float32) - stored["w_zero_point"]) * stored["w_scale"])


def test_no_weight_moves_by_more_than_half_a_step_of_its_column(quantised: onnx.ModelProto) -> None:
    before = _weights(quantised)
    coarsen(quantised.graph, 0.5)
    after = _weights(quantised)
    assert np.abs(after - before).max(axis=0) == pytest.approx(0.25 * before.std(axis=0), rel=0.1)
    levels = next(numpy_helper.to_array(t) for t in quantised.graph.initializer if t.name == "w_quantized")
    assert len(np.unique(levels)) < 30


def test_a_grid_that_is_coarser_already_stays(quantised: onnx.ModelProto) -> None:
    before = _weights(quantised)
    coarsen(quantised.graph, 1e-6)
    assert np.array_equal(_weights(quantised), before)


def test_a_graph_in_parts_computes_the_same(quantised: onnx.ModelProto, tmp_path: Path) -> None:
    x = np.random.default_rng(2).normal(size=(1, WIDTH)).astype(np.float32)
    whole = ort.InferenceSession(quantised.SerializeToString()).run(None, {"x": x})[0]
    graph, *parts = save_in_parts(quantised, tmp_path / "parts.onnx")
    assert graph.stat().st_size < 8000
    assert sum(part.stat().st_size for part in parts) >= 3 * WIDTH * WIDTH
    assert np.array_equal(ort.InferenceSession(str(graph)).run(None, {"x": x})[0], whole)


def test_rows_that_come_after_make_good_what_rounding_loses() -> None:
    random = np.random.default_rng(3)
    causes, mixing = random.normal(size=(600, 24)), random.normal(size=(24, WIDTH))
    inputs = (causes @ mixing + 0.3 * random.normal(size=(600, WIDTH))).astype(np.float32)
    seen, unseen = inputs[:400], inputs[400:]
    weights = random.normal(size=(WIDTH, 32)).astype(np.float32)
    steps = (0.5 * weights.std(axis=0)).astype(np.float32)
    rounded = np.rint(weights / steps) * steps
    found = compensated(weights, steps, seen.T @ seen)
    assert np.rint(found / steps) * steps == pytest.approx(found, abs=1e-5)
    lost = [float(np.square(unseen @ (matrix - weights)).mean()) for matrix in (found, rounded)]
    assert lost[0] < 0.4 * lost[1]


def test_a_products_input_moments_are_summed_over_windows(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["input_ids"], ["x"], to=TensorProto.FLOAT),
            helper.make_node("MatMul", ["x", "w"], ["start_logits"]),
        ],
        "one",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", 3])],
        [helper.make_tensor_value_info("start_logits", TensorProto.FLOAT, ["batch", 2])],
        [numpy_helper.from_array(np.ones((3, 2), np.float32), "w")],
    )
    path = tmp_path / "float.onnx"
    onnx.save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(path))
    windows = [{"input_ids": torch.tensor(row)} for row in ([[1, 2, 0]], [[0, 1, 1]])]
    batches: list[Any] = [SimpleNamespace(inputs=window) for window in windows]
    assert input_moments(path, batches)["w"].tolist() == [[1, 2, 0], [2, 5, 1], [0, 1, 1]]
