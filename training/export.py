"""From a checkpoint to what is shipped: ONNX float32, ONNX int8, tokenizer and configuration."""

from __future__ import annotations

import json
import shutil
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from transformers import PreTrainedModel

from training.coarse import coarsen, input_moments, save_in_parts
from training.data import Example
from training.evaluate import Scorer, onnx_scorer, predictions, report, torch_scorer
from training.features import Batch, Featurizer, collate
from training.model import build
from training.mpnet import MPNetReader
from training.smooth import smooth

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("start_logits", "end_logits")

#: The largest difference of a float32 logit between PyTorch and ONNX that is put down to rounding.
TOLERANCE = 2e-3


class _Reader(torch.nn.Module):
    """The model as a function of three tensors that returns two."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        out = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types)
        return out.start_logits, out.end_logits


def to_float(model: torch.nn.Module, path: Path) -> None:
    """Write ONNX float32 with free batch and sequence axes; inputs int64, outputs float32, each [batch, sequence]."""
    if isinstance(model, PreTrainedModel):
        model.set_attn_implementation("eager")
    ids, mask, types = (torch.ones((2, 16), dtype=torch.long) for _ in INPUTS)
    types[:, :4] = 0
    sample = (ids, mask, types)
    axes = {name: {0: "batch", 1: "sequence"} for name in (*INPUTS, *OUTPUTS)}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Reader(model).train(False), sample, str(path), input_names=list(INPUTS), output_names=list(OUTPUTS),
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip


def to_int8(source: Path, target: Path, observed: Sequence[Batch], grid: float | None = None) -> None:
    """Quantise weights to int8, one scale a column, and activations while running; the output layer stays float32.

    :param observed: Windows to smooth the activations by (:mod:`training.smooth`).
    :param grid: The step of a coarser grid for the weights (:mod:`training.coarse`), which then stand in files beside
        the graph; None keeps every level and one file.
    """
    ready = target.with_suffix(".ready")
    quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
    smooth(ready, observed)
    kept = [node.name for node in onnx.load(str(ready)).graph.node if "qa_outputs" in node.name]
    quantize_dynamic(
        str(ready), str(target), weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=kept,
        extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip
    if grid is not None:
        coarse = onnx.load(str(target))
        coarsen(coarse.graph, grid, input_moments(ready, observed))
        save_in_parts(coarse, target)
    ready.unlink()


def largest_difference(
    model: torch.nn.Module, path: Path, featurizer: Featurizer, examples: Sequence[Example]
) -> float:
    """The largest difference of a logit at a real word piece between a model and its ONNX file."""
    batch = collate(featurizer(examples, only_best=True))
    real = batch.attention_mask.numpy() == 1
    ours, theirs = torch_scorer(model)(batch), onnx_scorer(path)(batch)
    return max(float(np.abs(one - other)[real].max()) for one, other in zip(ours, theirs, strict=True))


def milliseconds(scorer: Scorer, featurizer: Featurizer, examples: Sequence[Example]) -> float:
    """The median time of scoring one window alone."""
    times = []
    for feature in featurizer(examples, only_best=True):
        batch = collate([feature])
        began = time.perf_counter()
        scorer(batch)
        times.append(1000 * (time.perf_counter() - began))
    return float(np.median(times)) if times else 0.0


def configuration(model: torch.nn.Module) -> dict[str, Any]:
    """What stands in ``config.json``: the encoder's configuration, and that titles are read before passages.

    An MPNet reader takes BERT's word pieces, so it says how many places BERT's form leaves it.
    """
    inner: Any = model.model if isinstance(model, MPNetReader) else model
    config: dict[str, Any] = inner.config.to_dict()
    config.pop("_name_or_path", None)  # a folder of whoever trained it
    if isinstance(model, MPNetReader):
        config |= {"max_position_embeddings": 511, "pad_token_id": 0}
    return config | {"architectures": [type(inner).__name__], "reads_titles": True}


def export(
    checkpoint: Path,
    base: Path,
    out: Path,
    dev: Sequence[Example],
    observed: Sequence[Example],
    encoder: Path | None = None,
    grid: float | None = None,
) -> dict[str, Any]:
    """Write ``model.float32.onnx``, ``model.int8.onnx``, what a reader needs beside them, and ``export.json``.

    :param observed: What the activations are smoothed by before they are quantised.
    :param dev: What the loss by quantising is measured on.
    :param grid: As for :func:`to_int8`.
    :raises ValueError: When ONNX float32 differs from PyTorch by more than :data:`TOLERANCE`.
    """
    out.mkdir(parents=True, exist_ok=True)
    model = build(base, checkpoint, encoder=encoder).train(False)
    torch.nn.Module.to(model, "cpu")
    featurizer = Featurizer(base / "tokenizer.json", 384, 128)
    full, small = out / "model.float32.onnx", out / "model.int8.onnx"
    to_float(model, full)
    difference = largest_difference(model, full, featurizer, dev[:8])
    if difference > TOLERANCE:
        raise ValueError(f"ONNX differs from PyTorch by {difference}")
    to_int8(full, small, [collate([feature]) for feature in featurizer(observed, only_best=True)], grid)
    shutil.copyfile(base / "tokenizer.json", out / "tokenizer.json")
    (out / "config.json").write_text(json.dumps(configuration(model), indent=2, sort_keys=True, default=str) + "\n")
    figures: dict[str, Any] = {"largest_difference": difference}
    for name, path in (("float32", full), ("int8", small)):
        scorer = onnx_scorer(path)
        measured = {key: round(value, 4) for key, value in report(dev, predictions(dev, featurizer, scorer)).items()}
        figures[name] = {
            "bytes": sum(file.stat().st_size for file in out.glob(f"{path.stem}.*")),
            "milliseconds": round(milliseconds(scorer, featurizer, dev[:60]), 2),
            "dev": measured,
        }
    (out / "export.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures
