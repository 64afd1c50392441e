"""Coarser grids: what is rounded, by how much, and that the graph in parts says what the graph said."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from training.coarse import coarsen, save_in_parts

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
