"""Quantised weights on a coarser grid, so that they compress: what makes a large reader fit into a wheel.

An int8 weight seldom needs its eight bits. On a grid whose step is a share d of the column's standard deviation, a
weight has about log2(1 / d) + 2.05 bits of information (the entropy of a normal variable quantised uniformly: Gish and
Pierce 1968), and any archive gets close to that: 4.2 bits at d = 0.22. The graph stays an ordinary int8 graph, as large
and as fast as before.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.external_data_helper import set_external_data

#: The step of the grid in standard deviations of a column.
STEP = 0.22

#: How much wider the embeddings' step is: they are not multiplied, so their rounding adds up less.
EMBEDDINGS = 1.6


def coarsen(graph: onnx.GraphProto, step: float = STEP) -> None:
    """Round every quantised weight of the graph to a grid of ``step`` standard deviations of its column, in place.

    A weight that has one scale for all its columns has one grid. A grid that is coarser already stays.
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
        rounded = np.clip(np.rint(weights / coarse) + zero, limits.min, limits.max).astype(levels.dtype)
        tensor.CopyFrom(numpy_helper.from_array(rounded, name))
        scales.CopyFrom(numpy_helper.from_array(coarse.reshape(scale.shape), scales.name))


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
