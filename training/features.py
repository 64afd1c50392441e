"""Examples as token windows, and windows as batches of like length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Encoding, Tokenizer

from rag.reading.spans import without_space
from training.data import NO_STATEMENT, Example, TextSpan

#: Questions are cut to this many word pieces, so that a passage always has room.
MAX_QUESTION = 64

#: Headlines are cut to this many word pieces.
MAX_HEADLINE = 48


@dataclass(frozen=True)
class Feature:
    """One token window of one example.

    :param example: The place of the example in the list that was given.
    :param ids: Word pieces of ``[CLS] question [SEP] headline [SEP] passage [SEP]``; without a headline, and without
        the separator behind it, where the example has none.
    :param first: The place of the first word piece behind the question; the last is before the last ``[SEP]``.
    :param offsets: Start and end of each of these pieces in the example's text, in code points.
    :param gap: The place of the separator between headline and passage, which no span may hold; 0 without one.
    :param start: The place of the answer's first word piece, 0 (``[CLS]``) when the window holds no answer.
    :param end: The place of the answer's last word piece, 0 likewise.
    :param status: What the text says to a statement (:attr:`training.data.Example.status`).
    """

    example: int
    ids: list[int]
    first: int
    offsets: list[tuple[int, int]]
    start: int
    end: int
    gap: int = 0
    status: int = NO_STATEMENT

    def __len__(self) -> int:
        return len(self.ids)

    def span(self, text: str, start: int, end: int) -> TextSpan:
        """The slice of the example's text from word piece ``start`` to ``end``, both included."""
        left, right = self.offsets[start - self.first][0], self.offsets[end - self.first][1]
        return TextSpan(text[left:right], left)


@dataclass(frozen=True)
class Batch:
    """Tensors int64[batch, length], and int64[batch] for ``starts``, ``ends`` and ``statuses``."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    statuses: torch.Tensor
    places: tuple[int, ...]

    @property
    def inputs(self) -> dict[str, torch.Tensor]:
        """What a reader takes in, by the names that it has there, in PyTorch as in ONNX."""
        return {
            "input_ids": self.input_ids,
            "attention_mask": self.attention_mask,
            "token_type_ids": self.token_type_ids,
        }

    def on(self, device: torch.device) -> Batch:
        """The same batch in the memory of ``device``."""
        return Batch(
            self.input_ids.to(device),
            self.attention_mask.to(device),
            self.token_type_ids.to(device),
            self.starts.to(device),
            self.ends.to(device),
            self.statuses.to(device),
            self.places,
        )


class Featurizer:
    """Turns examples into windows of at most ``max_length`` word pieces that overlap by ``stride``.

    Every window of a long passage has the question and the headline before it.

    :param tokenizer_file: A ``tokenizer.json`` of the BERT family, or of one that marks texts as RoBERTa does; its own
        truncation and padding are ignored.
    """

    def __init__(self, tokenizer_file: Path, max_length: int = 320, stride: int = 96) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        vocabulary = self._tokenizer.get_vocab()
        marks = ("[CLS]", "[SEP]") if "[CLS]" in vocabulary else ("<s>", "</s>")
        self._cls, self._sep = (vocabulary[mark] for mark in marks)
        self._max_length = max_length
        self._stride = stride

    def plain_tokenizer(self) -> Tokenizer:
        """The tokenizer alone."""
        return self._tokenizer

    def __call__(self, examples: Sequence[Example], only_best: bool = False) -> list[Feature]:
        """All windows of all examples, in order.

        :param only_best: Keep one window an example: the one that holds the answer, or else the first.
        """
        questions, headlines, contexts = (
            (
                self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
                for texts in zip(*((e.question, e.headline, e.context) for e in examples), strict=True)
            )
            if examples
            else ((), (), ())
        )
        features: list[Feature] = []
        for place, parts in enumerate(zip(examples, questions, headlines, contexts, strict=True)):
            windows = list(self._windows(place, *parts))
            features.extend([max(windows, key=lambda window: window.start > 0)] if only_best else windows)
        return features

    def _windows(
        self, place: int, example: Example, question: Encoding, headline: Encoding, context: Encoding
    ) -> Iterator[Feature]:
        head = [self._cls, *question.ids[:MAX_QUESTION], self._sep]
        first, gap = len(head), 0
        offsets = [without_space(example.headline, *pair) for pair in headline.offsets[:MAX_HEADLINE]]
        if offsets:
            head += [*headline.ids[:MAX_HEADLINE], self._sep]
            gap = len(head) - 1
            offsets.append((len(example.headline), len(example.headline) + 1))
        shift = len(example.headline) + 1 if example.headline else 0
        places = [without_space(example.context, *pair) for pair in context.offsets]
        shifted = [(left + shift, right + shift) for left, right in places]
        room = self._max_length - len(head) - 1
        target, low = example.target(), 0
        while True:
            inside = [*offsets, *shifted[low : low + room]]
            ids = [*head, *context.ids[low : low + room], self._sep]
            yield Feature(place, ids, first, inside, *_places(target, inside, first), gap, example.status)
            if low + room >= len(shifted):
                return
            low += room - min(self._stride, room // 2)


def _places(target: TextSpan | None, offsets: Sequence[tuple[int, int]], first: int) -> tuple[int, int]:
    """The places of the target's first and last piece; 0 and 0 when the window does not hold it whole."""
    if target is None:
        return 0, 0
    inside = [at for at, (left, right) in enumerate(offsets) if left < target.end and target.start < right]
    if not inside or offsets[inside[0]][0] > target.start or offsets[inside[-1]][1] < target.end:
        return 0, 0
    return first + inside[0], first + inside[-1]


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
    statuses = torch.tensor([feature.status for feature in features])
    return Batch(ids, mask, types, starts, ends, statuses, tuple(feature.example for feature in features))


def by_length(features: Iterable[Feature], batch_size: int) -> list[list[Feature]]:
    """Batches for inference: sorted by length, the longest last."""
    ordered = sorted(features, key=len)
    return [ordered[low : low + batch_size] for low in range(0, len(ordered), batch_size)]
