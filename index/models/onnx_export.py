"""torch modules to ONNX files. Imports torch, so it only ever runs in a child process.

See :mod:`index.models.compiled`.
"""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic


def export(module: torch.nn.Module, inputs: dict[str, torch.Tensor], outputs: Sequence[str], path: Path) -> None:
    """Write ``module`` as float32 ONNX, batch and sequence length left open; the same module gives the same bytes.

    :param inputs: an example of the dictionary that ``module`` takes as ``features``, each value ``int64[batch,
    tokens]``.
    :param outputs: names for what it returns.
    """
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    dynamic = torch.export.Dim.DYNAMIC
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            f=str(path),
            kwargs={"features": inputs},
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes={"features": {name: {0: dynamic, 1: dynamic} for name in inputs}},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    _forget_where_it_was_made(path)


def quantise(float_path: Path, int8_path: Path) -> None:
    """Weights of the matrix products to int8 a channel, activations quantised as they come (dynamic quantisation)."""
    logging.disable(logging.WARNING)
    quantize_dynamic(str(float_path), str(int8_path), weight_type=QuantType.QInt8, per_channel=True)
    logging.disable(logging.NOTSET)


def _forget_where_it_was_made(path: Path) -> None:
    """Take the exporter's notes out of a graph: with paths of this machine, the same weights would give other bytes."""
    model = onnx.load(path)
    graph = model.graph
    parts = [model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer]
    for part in parts:
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    path.write_bytes(model.SerializeToString(deterministic=True))
