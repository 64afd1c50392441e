"""Questions and passages to scored spans, with an extractive question-answering model."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from tokenizers import Encoding

from index.models.compiled import describe, ensure, sha256_file
from index.models.onnx_model import ModelError, OnnxModel, open_tokenizer
from rag.reading.spans import Span, Window, decode, whole_characters

SHIPPED = Path(__file__).parent.parent / "models" / "reader"
MAX_TOKENS = 384
MAX_QUESTION_TOKENS = 96
STRIDE = 128
"""Tokens that two windows over one long passage share."""


class Reader:
    """An extractive reader. Safe to share between threads."""

    def __init__(self, folder: Path, precision: str = "int8", threads: int | None = None) -> None:
        """Open a folder that holds ``model.int8.onnx`` (or ``model.float32.onnx``) and ``tokenizer.json``.

        The graph takes ``input_ids``, ``attention_mask`` and, if it likes, ``token_type_ids`` and gives
        ``start_logits`` and ``end_logits``.
        :raises ModelError: when a file is missing or damaged.
        """
        graph = folder / f"model.{precision}.onnx"
        if not graph.is_file():
            raise ModelError(f"the reader's model file is missing: {graph}. Restore it, or set another reader.")
        self.name = folder.name
        self.precision = precision
        self.sha256 = sha256_file(graph)
        self._model = OnnxModel(graph, threads)
        self._questions = open_tokenizer(folder / "tokenizer.json")
        self._questions.enable_truncation(MAX_QUESTION_TOKENS)
        self._pairs = open_tokenizer(folder / "tokenizer.json")
        room = min(MAX_TOKENS, _positions(folder))
        self._pairs.enable_truncation(room, stride=min(STRIDE, room // 4), strategy="only_second")

    @classmethod
    def load(cls, name: str | None, cache: Path, precision: str = "int8", threads: int | None = None) -> Self:
        """Open the shipped reader (None), or compile a transformers question-answering model: a folder or a hub name.

        :raises ModelError: when it can't be loaded or compiled.
        """
        if name is None:
            reader = cls(SHIPPED, "int8", threads)
            reader.name = f"pullquote-reader-{reader.sha256[:8]}"
            return reader
        if (Path(name) / "model.int8.onnx").is_file() and (Path(name) / "tokenizer.json").is_file():
            return cls(Path(name), precision, threads)
        folder = ensure("rag.reading.compile_reader", name, cache)
        describe(folder, (f"model.{precision}.onnx", "tokenizer.json", "config.json"))
        reader = cls(folder, precision, threads)
        reader.name = name
        return reader

    def read(self, question: str, passages: Sequence[str], limit: int = 3) -> list[list[Span]]:
        """For each passage its best spans, best first, none when there is not a word in it.

        A passage longer than the model's window is read in windows that overlap; spans of all of them compete.
        """
        question = self._shorten(question)
        encodings: list[Encoding] = []
        owners: list[int] = []
        for owner, encoding in enumerate(self._pairs.encode_batch([(question, passage) for passage in passages])):
            windows = [encoding, *encoding.overflowing]
            encodings += windows
            owners += [owner] * len(windows)
        found: list[list[Span]] = [[] for _ in passages]
        for owner, encoding, (start_logits, end_logits) in zip(
            owners, encodings, self._model.run(encodings), strict=True
        ):
            found[owner] += decode(_window(passages[owner], encoding), start_logits, end_logits, limit)
        return [_best(spans, passage, limit) for spans, passage in zip(found, passages, strict=True)]

    def _shorten(self, question: str) -> str:
        """The question's first :data:`MAX_QUESTION_TOKENS` tokens: a longer one would leave no room for the passage."""
        encoding = self._questions.encode(question, add_special_tokens=False)
        return question[: encoding.offsets[-1][1]] if encoding.overflowing else question


def _positions(folder: Path) -> int:
    """How many tokens the model has positions for; RoBERTa-like ones begin counting behind the padding id."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        reserved = int(config.get("pad_token_id") or 0) + 1 if "roberta" in config.get("model_type", "") else 0
        return int(config.get("max_position_embeddings", 512)) - reserved
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"the reader's config.json is missing or damaged in {folder}: restore it") from error


def _window(passage: str, encoding: Encoding) -> Window:
    inside = [
        sequence == 1 and start < end
        for sequence, (start, end) in zip(encoding.sequence_ids, encoding.offsets, strict=True)
    ]
    return Window(passage, encoding.offsets, encoding.word_ids, inside)


def _best(spans: list[Span], passage: str, limit: int) -> list[Span]:
    """The best spans of all windows, each widened to whole characters, without repetitions and overlaps."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (-span.margin, span.start)):
        start, end = whole_characters(passage, span.start, span.end)
        if all(end <= other.start or other.end <= start for other in kept):
            kept.append(replace(span, start=start, end=end))
    return kept[:limit]
