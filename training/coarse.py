"""Quantised weights on a coarser grid, so that they compress: what makes a large reader fit into a wheel.

An int8 weight seldom needs its eight bits. On a grid whose step is a share d of the column's standard deviation, a
weight has about log2(1 / d) + 2.05 bits of information (the entropy of a normal variable quantised uniformly: Gish and
Pierce 1968), and any archive gets close to that: 4.2 bits at d = 0.22. The graph stays an ordinary int8 graph, as large
and as fast as before.

What a product of a window and a matrix loses by rounding one row of the matrix is made good, as far as it can be, by
the rows that are rounded after it (GPTQ: Frantar et al. 2023, algorithm 1), because windows' channels go together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper
from onnx.external_data_helper import set_external_data

from training.features import Batch
from training.smooth import observed

Floats = NDArray[np.float32]

#: The step of the grid in standard deviations of a column.
STEP = 0.22

#: How much wider the embeddings' step is: they are not multiplied, so their rounding adds up less.
EMBEDDINGS = 1.6


#: What is added to a moment matrix's diagonal, as a share of its mean, so that it can be inverted.
DAMPING = 0.01

_BLOCK = 128


def coarsen(graph: onnx.GraphProto, step: float = STEP, moments: Mapping[str, Floats] | None = None) -> None:
    """Round every quantised weight of the graph to a grid of ``step`` standard deviations of its column, in place.

    A weight that has one scale for all its columns has one grid. A grid that is coarser already stays.

    :param moments: Of the weights' inputs, as from :func:`input_moments`; weights without are rounded one by one.
    """
    stored = {tensor.name: tensor for tensor in graph.initializer}
    for name, tensor in stored.items():
        if not name.endswith("_quantized"):
            continue
        base = name.removesuffix("_quantized")
        scales, zeros = stored[f"{base}_scale"], stored[f"{base}_zero_point"]
        scale = numpy_helper.to_array(scales).astype(np.float32)
        zero = numpy_helper.to_array(zeros).astype(np.float32)
        levels = numpy_helper.to_array(tensor)
        weights = (levels.astype(np.float32) - zero) * scale
        spread = weights.std(axis=0) if scale.ndim else weights.std()
        share = step * EMBEDDINGS if "embeddings" in name else step
        coarse = np.maximum(scale, share * spread).astype(np.float32)
        limits = np.iinfo(levels.dtype)
        if moments is not None and base in moments:
            weights = compensated(weights, coarse, moments[base])
        rounded = np.clip(np.rint(weights / coarse) + zero, limits.min, limits.max).astype(levels.dtype)
        tensor.CopyFrom(numpy_helper.from_array(rounded, name))
        scales.CopyFrom(numpy_helper.from_array(coarse.reshape(scale.shape), scales.name))


def input_moments(path: Path, batches: Sequence[Batch]) -> dict[str, Floats]:
    """By name of a float graph's constant matrices, float32[inputs, inputs]: the sum of x x^T over their inputs x.

    :param batches: Windows in which the inputs are observed.
    """
    model = onnx.load(str(path))
    constant = {tensor.name for tensor in model.graph.initializer}
    inputs = {
        node.input[1]: node.input[0]
        for node in model.graph.node
        if node.op_type == "MatMul" and node.input[1] in constant
    }
    names = sorted(set(inputs.values()))
    sums: dict[str, Floats] = {}
    for found in observed(model, names, batches):
        for name, values in found.items():
            rows = values.reshape(-1, values.shape[-1])
            sums[name] = sums.get(name, np.float32(0)) + rows.T @ rows
    return {weight: sums[name] for weight, name in inputs.items()}


def compensated(weights: Floats, coarse: Floats, moments: Floats) -> Floats:
    """float32[inputs, outputs]: the matrix on its grid, each row's rounding made good by the rows after it.

    The rows of the strongest inputs come first.

    :param coarse: float32[outputs] or one number: the step of each column.
    :param moments: float32[inputs, inputs], as from :func:`input_moments`.
    """
    order = np.argsort(-np.diag(moments), kind="stable")
    left = weights[order].astype(np.float64)
    damped = moments[np.ix_(order, order)].astype(np.float64)
    damped += DAMPING * np.diag(damped).mean() * np.eye(len(damped))
    factor = np.linalg.cholesky(np.linalg.inv(damped)).T
    for begin in range(0, len(left), _BLOCK):
        end = min(begin + _BLOCK, len(left))
        errors = np.zeros((end - begin, left.shape[1]))
        for row in range(begin, end):
            rounded = np.rint(left[row] / coarse) * coarse
            errors[row - begin] = (left[row] - rounded) / factor[row, row]
            left[row] = rounded
            left[row + 1 : end] -= np.outer(factor[row, row + 1 : end], errors[row - begin])
        left[end:] -= factor[begin:end, end:].T @ errors
    found = np.empty_like(weights)
    found[order] = left
    return found


def save_in_parts(model: onnx.ModelProto, path: Path) -> list[Path]:
    """Write the graph to ``path`` and its weights beside it: the embeddings in one file, the large others in another.

    :returns: The three files.
    """
    parts = {name: path.with_suffix(f".{name}.bin") for name in ("embeddings", "encoder")}
    contents: dict[str, list[bytes]] = {name: [] for name in parts}
    for tensor in model.graph.initializer:
        raw = tensor.raw_data
        if len(raw) < 4096 or tensor.data_type == TensorProto.STRING:
            continue
        part = "embeddings" if "embeddings" in tensor.name else "encoder"
        offset = sum(map(len, contents[part]))
        padding = -offset % 64
        contents[part] += [bytes(padding), raw]
        set_external_data(tensor, parts[part].name, offset + padding, len(raw))
        tensor.ClearField("raw_data")
    for name, pieces in contents.items():
        parts[name].write_bytes(b"".join(pieces))
    onnx.save_model(model, str(path))
    return [path, *parts.values()]
