"""Examples as token windows, and windows as batches of like length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Encoding, Tokenizer

from training.data import Example, Span

#: Questions are cut to this many word pieces, so that a passage always has room.
MAX_QUESTION = 64


@dataclass(frozen=True)
class Feature:
    """One token window of one example.

    :param example: The place of the example in the list that was given.
    :param ids: Word pieces of ``[CLS] question [SEP] passage [SEP]``.
    :param first: The place of the passage's first word piece; the passage ends before the last ``[SEP]``.
    :param offsets: Start and end of each passage piece in the context, in code points.
    :param start: The place of the answer's first word piece, 0 (``[CLS]``) when the window holds no answer.
    :param end: The place of the answer's last word piece, 0 likewise.
    """

    example: int
    ids: list[int]
    first: int
    offsets: list[tuple[int, int]]
    start: int
    end: int

    def __len__(self) -> int:
        return len(self.ids)

    def span(self, context: str, start: int, end: int) -> Span:
        """The slice of the context from word piece ``start`` to ``end``, both included."""
        left, right = self.offsets[start - self.first][0], self.offsets[end - self.first][1]
        return Span(context[left:right], left)


@dataclass(frozen=True)
class Batch:
    """Tensors int64[batch, length], and int64[batch] for ``starts`` and ``ends``."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    places: tuple[int, ...]

    @property
    def inputs(self) -> dict[str, torch.Tensor]:
        """What a reader takes in, by the names that it has there, in PyTorch as in ONNX."""
        return {
            "input_ids": self.input_ids,
            "attention_mask": self.attention_mask,
            "token_type_ids": self.token_type_ids,
        }


class Featurizer:
    """Turns examples into windows of at most ``max_length`` word pieces that overlap by ``stride``.

    :param tokenizer_file: A ``tokenizer.json`` of the BERT family; its own truncation and padding are ignored.
    """

    def __init__(self, tokenizer_file: Path, max_length: int = 320, stride: int = 96) -> None:
        self._questions = Tokenizer.from_file(str(tokenizer_file))
        self._questions.no_padding()
        self._questions.enable_truncation(MAX_QUESTION)
        self._pairs = Tokenizer.from_file(str(tokenizer_file))
        self._pairs.no_padding()
        self._pairs.enable_truncation(max_length, stride=stride, strategy="only_second")

    def plain_tokenizer(self) -> Tokenizer:
        """The tokenizer alone, cutting texts only where a question would be cut."""
        return self._questions

    def __call__(self, examples: Sequence[Example], only_best: bool = False) -> list[Feature]:
        """All windows of all examples, in order.

        :param only_best: Keep one window an example: the one that holds the answer, or else the first.
        """
        questions = self._questions.encode_batch([example.question for example in examples], add_special_tokens=False)
        asked = [
            example.question[: encoding.offsets[-1][1]] if encoding.offsets else ""
            for example, encoding in zip(examples, questions, strict=True)
        ]
        pairs = self._pairs.encode_batch([(q, e.context) for q, e in zip(asked, examples, strict=True)])
        features: list[Feature] = []
        for place, (example, encoding) in enumerate(zip(examples, pairs, strict=True)):
            windows = [_feature(place, example.answer(), window) for window in (encoding, *encoding.overflowing)]
            features.extend([max(windows, key=lambda window: window.start > 0)] if only_best else windows)
        return features


def _feature(place: int, answer: Span | None, encoding: Encoding) -> Feature:
    first = encoding.sequence_ids.index(1) if 1 in encoding.sequence_ids else len(encoding.ids) - 1
    offsets = encoding.offsets[first:-1]
    start = end = 0
    if answer is not None and offsets and offsets[0][0] <= answer.start and answer.end <= offsets[-1][1]:
        inside = [at for at, (left, right) in enumerate(offsets) if left < answer.end and answer.start < right]
        if inside:
            start, end = first + inside[0], first + inside[-1]
    return Feature(place, encoding.ids, first, offsets, start, end)


def collate(features: Sequence[Feature]) -> Batch:
    """Features padded to the longest of them."""
    length = max(len(feature) for feature in features)
    ids = torch.zeros((len(features), length), dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, feature in enumerate(features):
        size = len(feature)
        ids[row, :size] = torch.tensor(feature.ids)
        mask[row, :size] = 1
        types[row, feature.first : size] = 1
    starts = torch.tensor([feature.start for feature in features])
    ends = torch.tensor([feature.end for feature in features])
    return Batch(ids, mask, types, starts, ends, tuple(feature.example for feature in features))


def by_length(features: Iterable[Feature], batch_size: int) -> list[list[Feature]]:
    """Batches for inference: sorted by length, the longest last."""
    ordered = sorted(features, key=len)
    return [ordered[low : low + batch_size] for low in range(0, len(ordered), batch_size)]
