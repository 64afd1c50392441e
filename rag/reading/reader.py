"""Questions and passages to scored spans, with an extractive question-answering model."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer
from tokenizers.models import Unigram

from index.article import Span
from index.models.compiled import Compiler, describe, ensure, sha256_file
from index.models.embedder import SHIPPED as EMBEDDER
from index.models.onnx_model import FloatArray, ModelError, OnnxModel, open_tokenizer
from rag.reading.spans import ScoredSpan, ScoredWindow, Window, bare, best_spans, without_space, words_of

SHIPPED = Path(__file__).parent.parent / "models" / "reader"
LARGE = SHIPPED.with_name("reader-large")
WORD_PIECES = EMBEDDER / "tokenizer.json"
"""The tokenizer of both readers that ship: the shipped embedder's, so that it ships once."""
COMPILER = Compiler("rag.reading.compile_reader", label="rag.compile_reader")
INNER_LAYER = 9
"""The layer of the large reader, counted from 0, that :meth:`Reader.states` gives the values of."""

_INNER = {LARGE: f"/model/model/mpnet/encoder/layer.{INNER_LAYER}/output/LayerNorm/LayerNormalization_output_0"}
MAX_TOKENS = 384
MAX_QUESTION_TOKENS = 96
MAX_TITLE_TOKENS = 48
STRIDE = 128
"""Tokens that two windows over one long passage share."""


class States(NamedTuple):
    """What a layer makes of the tokens of a question and a passage: ``values`` is float32[tokens, size].

    ``parts`` is int64[tokens]: 0 for a token of the question, 1 of the title or the passage, 2 for a mark around them.
    """

    values: FloatArray
    parts: npt.NDArray[np.int64]


class Reader:
    """An extractive reader. Safe to share between threads."""

    def __init__(
        self, folder: Path, precision: str = "int8", threads: int | None = None, side_by_side: int | None = None
    ) -> None:
        """Open a folder that holds ``model.int8.onnx`` (or ``model.float32.onnx``) and ``tokenizer.json``.

        Weights may stand beside the graph, in files named ``model.int8.….bin``.

        The graph takes ``input_ids``, ``attention_mask`` and, if it likes, ``token_type_ids`` and gives
        ``start_logits`` and ``end_logits``. ``threads`` and ``side_by_side`` are those of :class:`OnnxModel`.
        :raises ModelError: when a file is missing or damaged.
        """
        graph = folder / f"model.{precision}.onnx"
        if not graph.is_file():
            raise ModelError(f"the reader's model file is missing: {graph}. Restore it, or set another reader.")
        self.name = folder.name
        self.precision = precision
        self.sha256 = _identity([graph, *sorted(folder.glob(f"model.{precision}.*.bin"))])
        self._inner = _INNER.get(folder)
        self._model = OnnxModel(graph, threads, side_by_side, self._inner)
        pieces = WORD_PIECES if folder in (SHIPPED, LARGE) else folder / "tokenizer.json"
        self._texts = open_tokenizer(pieces)
        self._separator = "[SEP]" if self._texts.token_to_id("[SEP]") is not None else "</s>"
        self._has_words = not isinstance(self._texts.model, Unigram)
        """Whether the tokenizer parts words from what stands beside them; SentencePiece parts them at spaces only."""
        self._pairs = open_tokenizer(pieces)
        config = _config(folder)
        self.reads_titles = config.get("reads_titles") is True
        """Whether it was trained to read a passage's title before the passage."""
        room = min(MAX_TOKENS, _positions(config))
        self._pairs.enable_truncation(room, stride=min(STRIDE, room // 4), strategy="only_second")

    @classmethod
    def shipped(cls, threads: int | None = None, folder: Path = SHIPPED, side_by_side: int | None = None) -> Self:
        """Open one of the readers that ship, :data:`SHIPPED` or :data:`LARGE`, which are named by their weights.

        :raises ModelError: when it is missing or damaged.
        """
        reader = cls(folder, "int8", threads, side_by_side)
        reader.name = f"pullquote-reader-{reader.sha256[:8]}"
        return reader

    @classmethod
    def load(
        cls,
        name: str,
        cache: Path,
        precision: str = "int8",
        threads: int | None = None,
        side_by_side: int | None = None,
    ) -> Self:
        """Open a compiled reader's folder, or compile a transformers question-answering model: a folder or a hub name.

        :raises ModelError: when it can't be loaded or compiled.
        """
        if (Path(name) / "model.int8.onnx").is_file() and (Path(name) / "tokenizer.json").is_file():
            return cls(Path(name), precision, threads, side_by_side)
        folder = ensure(COMPILER, name, cache)
        describe(folder, (f"model.{precision}.onnx", "tokenizer.json", "config.json"))
        reader = cls(folder, precision, threads, side_by_side)
        reader.name = name
        return reader

    def read(
        self,
        question: str,
        passages: Sequence[str],
        limit: int = 3,
        *,
        titles: Sequence[str] | None = None,
        answerable: Sequence[Sequence[Span]] | None = None,
        scores: Sequence[float] | None = None,
    ) -> list[list[ScoredSpan]]:
        """For each passage its best spans, best first, none when there is not a word in it.

        A passage longer than the model's window is read in windows that overlap; spans of all of them compete.

        :param titles: The title of each passage's article. A reader that was trained to do so reads it before the
            passage (as Karpukhin et al. 2020 do), and may find the answer in it: :attr:`ScoredSpan.in_title`.
        :param answerable: For each passage the stretches in one of which an answer lies; anywhere if None.
        :param scores: The fused score of each passage, for a reader that chooses among them; this one reads all.
        """
        del scores
        return [
            best_spans(windows, limit)
            for windows in self.score(question, passages, titles=titles, answerable=answerable)
        ]

    def score(
        self,
        question: str,
        passages: Sequence[str],
        *,
        titles: Sequence[str] | None = None,
        answerable: Sequence[Sequence[Span]] | None = None,
    ) -> list[list[ScoredWindow]]:
        """For each passage the windows in which it is read, with the logits of their tokens; as :meth:`read`."""
        question = _shorten(question, self._texts, MAX_QUESTION_TOKENS)
        heads = [self._head(title) for title in titles] if titles and self.reads_titles else [""] * len(passages)
        texts = [head + passage for head, passage in zip(heads, passages, strict=True)]
        allowed = answerable or [[(0, len(passage))] for passage in passages]
        encodings: list[Encoding] = []
        owners: list[int] = []
        for owner, encoding in enumerate(self._pairs.encode_batch([(question, text) for text in texts])):
            windows = [encoding, *encoding.overflowing]
            encodings += windows
            owners += [owner] * len(windows)
        scored: list[list[ScoredWindow]] = [[] for _ in passages]
        for owner, encoding, (starts, ends) in zip(owners, encodings, self._model.run(encodings), strict=True):
            tokens = _Tokens.with_words(encoding) if self._has_words else _Tokens.without_words(encoding, texts[owner])
            window = _window(texts[owner], len(heads[owner]), len(self._separator), tokens, allowed[owner])
            scored[owner].append(ScoredWindow(window, encoding.ids, starts, ends))
        return scored

    def states(self, question: str, passage: str, title: str) -> States | None:
        """What the reader makes of the tokens of a question and of what one window holds of the passage.

        None by a reader of which no layer is known for it: all but the large one that ships.
        """
        if not self._inner:
            return None
        encoding = self._pairs.encode(_shorten(question, self._texts, MAX_QUESTION_TOKENS), self._head(title) + passage)
        values = self._model.run_inner(encoding)
        parts = [2 if sequence is None else sequence for sequence in encoding.sequence_ids]
        behind = 1 + parts.count(0)
        parts[behind:behind] = [2] * (len(values) - len(parts))  # MPNet has two marks there: the graph adds one
        return States(values, np.array(parts))

    def _head(self, title: str) -> str:
        """What stands before a passage: the title's first :data:`MAX_TITLE_TOKENS` tokens, and the separator."""
        title = _shorten(title, self._texts, MAX_TITLE_TOKENS)
        return f"{title}\n{self._separator}\n" if title.strip() else ""


def _identity(files: Sequence[Path]) -> str:
    """The SHA-256 of the graph; of the hashes of all files when weights stand beside it."""
    hashes = [sha256_file(file) for file in files]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256(" ".join(hashes).encode()).hexdigest()


def _shorten(text: str, tokenizer: Tokenizer, most: int) -> str:
    """At most so many tokens of the text: a longer question or title would leave no room for the passage."""
    offsets = tokenizer.encode(text, add_special_tokens=False).offsets
    return text[: offsets[most - 1][1]] if len(offsets) > most else text


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        _positions(config)
        return dict(config)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"the reader's config.json is missing or damaged in {folder}: restore it") from error


def _positions(config: dict[str, Any]) -> int:
    """How many tokens the model has positions for; RoBERTa-like ones begin counting behind the padding id."""
    reserved = int(config.get("pad_token_id") or 0) + 1 if "roberta" in config.get("model_type", "") else 0
    return int(config.get("max_position_embeddings", 512)) - reserved


class _Tokens(NamedTuple):
    """Of each token whether it is of the passage, its offsets in the text, and the number of its word."""

    are_passage: Sequence[bool]
    offsets: Sequence[tuple[int, int]]
    words: Sequence[int | None]

    @classmethod
    def with_words(cls, encoding: Encoding) -> Self:
        """The tokens of a tokenizer that parts words from what stands beside them."""
        return cls([sequence == 1 for sequence in encoding.sequence_ids], encoding.offsets, encoding.word_ids)

    @classmethod
    def without_words(cls, encoding: Encoding, text: str) -> Self:
        """Those of SentencePiece, which parts words at spaces only and has a token begin with the space before it."""
        are_passage = [sequence == 1 for sequence in encoding.sequence_ids]
        places = zip(are_passage, encoding.offsets, strict=True)
        offsets = [bare(text, *without_space(text, *pair)) if is_passage else pair for is_passage, pair in places]
        return cls(are_passage, offsets, words_of(text, offsets))


def _window(text: str, head: int, separator: int, tokens: _Tokens, answerable: Sequence[Span]) -> Window:
    """``head`` code points stand before the passage; the last of them but one are the ``separator``, no part of it."""
    stretches = [(0, head - 1 - separator), *((head + start, head + end) for start, end in answerable)]
    inside, stretch = [], 0
    for is_passage, (start, end) in zip(tokens.are_passage, tokens.offsets, strict=True):
        if not is_passage:
            inside.append(False)
            continue
        while stretch < len(stretches) and stretches[stretch][1] <= start:
            stretch += 1
        inside.append(stretch < len(stretches) and stretches[stretch][0] <= start <= end <= stretches[stretch][1])
    return Window(text, tokens.offsets, tokens.words, inside, head)
