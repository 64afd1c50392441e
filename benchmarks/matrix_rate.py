"""What matrix products reach on this machine: the limit that an embedding model can be compared with.

The matrices are those of the model's widest layer over the tokens of a batch: large enough that starting costs
nothing, and small enough to stay in the cache.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper

ROWS, INNER, COLUMNS = 1024, 384, 1536
_REPEATS = 40

OPERATIONS = 2.0 * ROWS * INNER * COLUMNS
"""Multiplications and additions of one product."""


def operations_per_token(layers: int, width: int, inner: int, tokens: float) -> float:
    """Multiplications and additions that a transformer encoder needs for a token of a text of ``tokens`` tokens.

    Four products of width x width and two of width x inner a layer, and attention's two over all tokens (Kaplan et al.
    2020, table 1, without the output layer).
    """
    return layers * 2.0 * (4 * width * width + 2 * width * inner + 2 * tokens * width)


def int8(threads: int) -> float:
    """Operations a second of onnxruntime's product of uint8 with int8, one product a thread."""
    node = helper.make_node("MatMulInteger", ["a", "b"], ["c"])
    weights = helper.make_tensor(
        "b", TensorProto.INT8, [INNER, COLUMNS], np.ones((INNER, COLUMNS), np.int8).tobytes(), raw=True
    )
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [ROWS, INNER])],
        [helper.make_tensor_value_info("c", TensorProto.INT32, [ROWS, COLUMNS])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return _side_by_side(threads, lambda: _session_run(model))


def _session_run(model: onnx.ModelProto) -> Callable[[], Any]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    rows = np.random.default_rng(1).integers(0, 255, (ROWS, INNER), dtype=np.uint8)
    return lambda: session.run(None, {"a": rows})


def floating(kind: torch.dtype, threads: int) -> float:
    """Operations a second of torch's product of ``kind``, all threads in one product."""
    torch.set_num_threads(threads)
    one, other = torch.randn(ROWS * threads, INNER).to(kind), torch.randn(INNER, COLUMNS).to(kind)
    with torch.inference_mode():
        return threads * _rate(lambda: one @ other)


def _side_by_side(threads: int, make: Callable[[], Callable[[], Any]]) -> float:
    products = [make() for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(_rate, products))


def _rate(product: Callable[[], Any]) -> float:
    for _ in range(3):
        product()
    begin = time.perf_counter()
    for _ in range(_REPEATS):
        product()
    return OPERATIONS * _REPEATS / (time.perf_counter() - begin)
