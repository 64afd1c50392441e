"""A question, and the words of a conversation before it, as the small reader sees them.

What a question means by "there" or "the second one" is in no list of words, nor is it that "how many ended up in
hospital" lacks something. The reader has learnt to bring a question and a text together, and the states of its tokens,
in its last layer but one, tell what is asked for from what is mentioned beside it (QuReTeC, Voskarides et al. 2020,
chooses words of a conversation by an encoder in the same way).
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from index.article import Span
from index.models.embedder import SHIPPED as EMBEDDER
from index.models.onnx_model import FloatArray, OnnxModel, open_tokenizer

SIZE = 384
"""Numbers of a state."""

_READER = Path(__file__).parent.parent / "models" / "reader" / "model.int8.onnx"
_STATES = "/model/bert/encoder/layer.4/output/LayerNorm/LayerNormalization_output_0"
_MOST_TOKENS = 384


@lru_cache(maxsize=512)
def state_of(question: str) -> FloatArray:
    """float32[384]: the mean state of the tokens of a question that is read by itself; zeros when it has none.

    Kept, because each turn of a conversation looks at the questions before it again.
    """
    encoding = _tokenizer().encode(question)
    states = _model().run_inner(encoding)
    inside = [at for at, sequence in enumerate(encoding.sequence_ids) if sequence is not None]
    return states[inside].mean(axis=0) if inside else np.zeros(SIZE, dtype=np.float32)


def states_at(question: str, said: str, places: Sequence[Span]) -> FloatArray:
    """float32[places, 384]: the mean state of the tokens at each place of ``said``, code points.

    Of a long conversation only the end is read; a place before it has zeros.
    """
    encoding = _tokenizer().encode(question, said)
    states = _model().run_inner(encoding)
    tokens = [at for at, sequence in enumerate(encoding.sequence_ids) if sequence == 1]
    found = np.zeros((len(places), SIZE), dtype=np.float32)
    for row, (start, end) in zip(found, places, strict=True):
        inside = [at for at in tokens if encoding.offsets[at][0] < end and start < encoding.offsets[at][1]]
        if inside:
            row[:] = states[inside].mean(axis=0)
    return found


@cache
def _tokenizer() -> Tokenizer:
    tokenizer = open_tokenizer(EMBEDDER / "tokenizer.json")
    tokenizer.enable_truncation(_MOST_TOKENS, strategy="longest_first", direction="left")
    return tokenizer


@cache
def _model() -> OnnxModel:
    return OnnxModel(_READER, threads=1, inner=_STATES)
