"""Whether this processor multiplies int8 exactly: with AVX2 alone, sums of two products of 16 bits overflow."""

from functools import cache

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

_LONG = 64


@cache
def are_exact() -> bool:
    """Whether a product of the largest values comes out as it is."""
    weights = numpy_helper.from_array(np.full((_LONG, 16), 127, np.int8), "weights")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["values", "weights"], ["product"])],
        "largest",
        [helper.make_tensor_value_info("values", TensorProto.UINT8, [1, _LONG])],
        [helper.make_tensor_value_info("product", TensorProto.INT32, [1, 16])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    [product] = session.run(None, {"values": np.full((1, _LONG), 255, np.uint8)})
    return bool((product == _LONG * 255 * 127).all())
