"""The words of a conversation as the small reader sees them when it is asked a question about it.

What a question means by "there" or "the second one" is in no list of words. The reader has learnt to bring a question
and a text together, and the states of its tokens, in its last layer but one, tell what is asked for from what is
mentioned beside it (QuReTeC, Voskarides et al. 2020, chooses words of a conversation by an encoder in the same way).
"""

from collections.abc import Sequence
from functools import cache
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
