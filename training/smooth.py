"""Moving what stands out of the activations into the weights before int8 (SmoothQuant, Xiao et al. 2023).

int8 has one scale for all channels of an activation, so a channel ten times as large as the others takes their digits.
Such a channel is divided by a factor, and its row of the weights multiplied by it: the product is the same, and what is
rounded is more even. It is done before the two products of a feed-forward layer, whose inputs have such channels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from training.features import Batch

SMOOTHED = "_smoothed"
FACTORS = "_smoothing"

#: How much of the unevenness goes into the weights: alpha of equation 4 there, between 0 and 1.
ALPHA = 0.75

_PRODUCT = re.compile(r"/layer\.\d+/(intermediate|output)/dense/MatMul$")

Channels = NDArray[np.float32]


def smooth(path: Path, batches: Sequence[Batch]) -> None:
    """Rewrite a float32 ONNX reader so that it scores the same and its int8 form is nearer to it.

    The input t of a product becomes ``t_smoothed``, which is t times the constant ``t_smoothing`` = 1 / s, and its
    matrix W becomes s * W, where s is max|t|^alpha / max|W|^(1 - alpha) a channel, of geometric mean 1.

    :param batches: Windows in which the activations are observed.
    """
    model = onnx.load(str(path))
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    products = [node for node in model.graph.node if node.op_type == "MatMul" and _PRODUCT.search(node.name)]
    largest = _largest(model, [node.input[0] for node in products], batches)
    for product in products:
        name, weights = product.input
        matrix = numpy_helper.to_array(stored[weights])
        factors = np.exp(logs_of(largest[name], np.abs(matrix).max(axis=1)))
        stored[weights].CopyFrom(numpy_helper.from_array(matrix * factors[:, None], weights))
        model.graph.initializer.append(numpy_helper.from_array(1 / factors, name + FACTORS))
        made = next(place for place, node in enumerate(model.graph.node) if name in node.output)
        division = helper.make_node("Mul", [name, name + FACTORS], [name + SMOOTHED], name=name + SMOOTHED)
        model.graph.node.insert(made + 1, division)
        product.input[0] = name + SMOOTHED
    onnx.save(model, str(path))


def logs_of(largest: Channels, rows: Channels) -> Channels:
    """The logarithms of s, float32[channels], from the largest absolute values of the channels and of their rows."""
    logs = ALPHA * np.log(np.maximum(largest, 1e-5)) - (1 - ALPHA) * np.log(np.maximum(rows, 1e-5))
    centred: Channels = (logs - logs.mean()).astype(np.float32)
    return centred


def _largest(model: ModelProto, names: Sequence[str], batches: Sequence[Batch]) -> dict[str, Channels]:
    """The largest absolute value of every channel of the named tensors, float32[channels] each."""
    largest: dict[str, Channels] = {}
    for found in observed(model, names, batches):
        for name, values in found.items():
            here = np.abs(values).max(axis=(0, 1))
            largest[name] = np.maximum(largest.get(name, here), here)
    return largest


def observed(model: ModelProto, names: Sequence[str], batches: Sequence[Batch]) -> Iterator[dict[str, Channels]]:
    """The values of the named tensors inside a graph, float32[batch, length, channels] each, a batch at a time."""
    shown = ModelProto()
    shown.CopyFrom(model)
    shown.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(shown.SerializeToString(), providers=["CPUExecutionProvider"])
    for batch in batches:
        inputs = {name: tensor.numpy() for name, tensor in batch.inputs.items()}
        yield dict(zip(names, session.run(list(names), inputs), strict=True))


def factors_of(name: str, stored: dict[str, Channels]) -> Channels:
    """What :func:`smooth` multiplied a product's input by: 1 / s, float32[channels], or float32[1] of 1.

    :param name: The tensor that the product takes in.
    :param stored: The graph's constants.
    """
    if not name.endswith(SMOOTHED):
        return np.ones(1, np.float32)
    return stored[name.removesuffix(SMOOTHED) + FACTORS].copy()
