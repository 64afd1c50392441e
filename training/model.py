"""The reader: a BERT encoder with one linear layer that scores every word piece as a start and as an end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import load_file
from transformers import BertConfig, BertForQuestionAnswering

from training.kinship import Vectors
from training.mpnet import MPNetReader, keep_layers, mpnet_reader
from training.smooth import factors_of

#: Where readers are trained and asked: on the graphics card when torch finds one.
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")

_LAYER = re.compile(r"encoder\.layer\.(\d+)\.")


def config_from(folder: Path, dropout: float, attention_dropout: float) -> BertConfig:
    """The configuration of a checkpoint folder with other dropout rates; attention is plain matrix products."""
    config = BertConfig.from_pretrained(folder, attn_implementation="eager")
    config.hidden_dropout_prob = dropout
    config.attention_probs_dropout_prob = attention_dropout
    return config


def encoder_weights(folder: Path) -> dict[str, torch.Tensor]:
    """The tensors of ``model.safetensors`` in a checkpoint folder, named as inside a question answering model."""
    tensors = load_file(folder / "model.safetensors")
    named = {name if name.startswith(("bert.", "qa_outputs.")) else f"bert.{name}": t for name, t in tensors.items()}
    return {
        name: tensor for name, tensor in named.items() if not name.endswith("position_ids") and ".pooler." not in name
    }


def word_embeddings(folder: Path) -> Vectors:
    """float32[vocabulary, width]: the word-piece embeddings of a checkpoint folder."""
    table: Vectors = encoder_weights(folder)["bert.embeddings.word_embeddings.weight"].numpy().astype(np.float32)
    return table


def dequantised(path: Path) -> dict[str, torch.Tensor]:
    """The weights of a dynamically quantised ONNX reader, as float32, named as in PyTorch.

    A quantised tensor q with scale s and zero point z stands for (q - z) * s; s and z are one number or one a column
    (ONNX DequantizeLinear). Matrices are stored for ``x @ W`` and are transposed back, smoothing
    (:mod:`training.smooth`) is undone.

    :raises ValueError: When the file holds no quantised weights.
    """
    graph = onnx.load(str(path)).graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def restore(name: str) -> torch.Tensor:
        base = name.removesuffix("_quantized")
        zero, scale = stored[f"{base}_zero_point"].astype(np.float32), stored[f"{base}_scale"].astype(np.float32)
        return torch.from_numpy((stored[name].astype(np.float32) - zero) * scale)

    weights: dict[str, torch.Tensor] = {}
    for name, value in stored.items():
        if name.endswith("weight_quantized"):
            weights[_plain(name.removesuffix("_quantized"))] = restore(name)
        elif name.endswith((".weight", ".bias")):
            weights[_plain(name)] = torch.from_numpy(value.astype(np.float32))
    for node in graph.node:
        if node.op_type not in ("MatMulInteger", "MatMul") or node.input[1] not in stored:
            continue
        module = node.name.removesuffix("_quant").removesuffix("/MatMul").strip("/").replace("/", ".")
        plain = torch.from_numpy(stored[node.input[1]].astype(np.float32))
        matrix = restore(node.input[1]) if node.op_type == "MatMulInteger" else plain
        factors = torch.from_numpy(factors_of(node.input[0].removesuffix("_quantized"), stored))
        weights[_plain(f"{module}.weight")] = (matrix * factors[:, None]).T.contiguous()
    if not any(name.endswith("_quantized") for name in stored):
        raise ValueError(f"{path} holds no quantised weights")
    return weights


def _plain(name: str) -> str:
    """A parameter's name in its model, without what the exporting wrapper put before it.

    An MPNet reader has its model in an attribute of its own, so that it stands behind ``model.`` twice.
    """
    if name.startswith("model.model."):
        return name.removeprefix("model.")
    for root in ("bert.", "qa_outputs."):
        at = name.find(root)
        if at >= 0:
            return name[at:]
    return name


def build(
    base: Path,
    start: Path | None = None,
    dropout: float = 0.0,
    attention_dropout: float = 0.0,
    encoder: Path | None = None,
    layers: Sequence[int] | None = None,
) -> torch.nn.Module:
    """A reader with the weights of a checkpoint folder and, when given, those of ``start`` over them.

    :param base: A BERT folder with ``config.json``, ``model.safetensors`` and ``tokenizer.json``.
    :param start: A quantised ONNX reader or a PyTorch checkpoint of :mod:`training.checkpoint` to go on from.
    :param encoder: An MPNet folder to take instead, asked in the word pieces of ``base``: a teacher.
    :param layers: Which layers of that encoder, after ``start``, are kept; all by default.
    :raises ValueError: When ``start`` does not fill every parameter.
    """
    model: torch.nn.Module
    if encoder is not None:
        model = mpnet_reader(encoder, base / "tokenizer.json", dropout, attention_dropout)
    else:
        model = BertForQuestionAnswering(config_from(base, dropout, attention_dropout))
        model.load_state_dict(encoder_weights(base), strict=False)
    if start is not None:
        weights = dequantised(start) if start.suffix == ".onnx" else torch.load(start, weights_only=False)["model"]
        weights = {name: weight for name, weight in weights.items() if not name.startswith("judges.")}
        if isinstance(model, MPNetReader):
            keep_layers(model, range(1 + max(int(at[1]) for name in weights if (at := _LAYER.search(name)))))
        answer = model.load_state_dict(weights, strict=False)
        missing = [name for name in answer.missing_keys if not name.endswith("position_ids")]
        if missing or answer.unexpected_keys:
            raise ValueError(f"{start}: missing {missing}, unexpected {answer.unexpected_keys}")
    if layers and isinstance(model, MPNetReader):
        keep_layers(model, layers)
    torch.nn.Module.to(model, DEVICE)
    return model
