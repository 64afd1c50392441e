"""Whether a passage bears a statement out: a small attention over what the large reader makes of both.

The reader has learnt which words answer a question, and beside that, in a layer below its last, to tell whether a
passage speaks of the same as a statement, and says the same. The tokens of the statement look at all tokens through a
few narrow layers of attention (Vaswani et al. 2017) that were trained together with the reader on sentences with
passages that bear them out, contradict them or do neither (``python -m training train``), and then fitted to what it
makes of them as int8 (``python -m training.entailment``). They were learnt for English.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from index.models.onnx_model import FloatArray, ModelError
from rag.reading.reader import States

ENTAILMENT = Path(__file__).parent.parent / "models" / "entailment.npz"

HEADS = 4
"""Heads of each layer of attention."""

SCALE = ".scale"
"""What is behind a matrix's name where the file has, for each of its rows, the number that its integers count."""

_EPSILON = 1e-5
_STATEMENT = 0


class Entailed(NamedTuple):
    """Log odds that a passage bears a statement out or contradicts it, and that, if either, it bears it out."""

    covered: float
    borne_out: float


class Entailment:
    """The attention, by the names that its parts have in training. Safe to share between threads."""

    def __init__(self, parts: Mapping[str, npt.NDArray[np.floating | np.integer]]) -> None:
        """``parts`` has float arrays, and integer matrices with the scales of their rows (:data:`SCALE`)."""
        self._parts = {
            name: part * parts[name + SCALE][:, None].astype(np.float32)
            if name + SCALE in parts
            else part.astype(np.float32)
            for name, part in parts.items()
            if not name.endswith(SCALE)
        }
        self._layers = len({name.split(".")[1] for name in parts if name.startswith("layers.")})

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``training.entailment`` wrote.

        :raises ModelError: when the file is missing or damaged.
        """
        try:
            with path.open("rb") as file, np.load(file) as parts:
                return cls(dict(parts))
        except (OSError, EOFError, BadZipFile, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} is missing or damaged ({error})", "installation_incomplete") from error

    def judge(self, states: States) -> Entailed:
        """What a passage says to a statement, by what the large reader makes of both."""
        there = self._norm("norm_in", self._linear("enter", states.values) + self._parts["part.weight"][states.parts])
        own = np.concatenate(([0], np.flatnonzero(states.parts == _STATEMENT)))
        said = there[own]
        for number in range(self._layers):
            layer = f"layers.{number}"
            said = said + self._attended(layer, self._norm(f"{layer}.norm_said", said), there)
            inner = np.maximum(0, self._linear(f"{layer}.widen", self._norm(f"{layer}.norm_seen", said)))
            said = said + self._linear(f"{layer}.narrow", inner)
        said = self._norm("norm_out", said)
        pooled = np.concatenate((said[0], said.mean(axis=0), said.max(axis=0)))
        supported, contradicted, neither = map(float, self._linear("leave", pooled))
        return Entailed(float(np.logaddexp(supported, contradicted)) - neither, supported - contradicted)

    def _attended(self, layer: str, said: FloatArray, there: FloatArray) -> FloatArray:
        """What the tokens of the statement see in all tokens."""
        asks = _by_head(self._linear(f"{layer}.ask", said))
        keys = _by_head(self._linear(f"{layer}.key", there))
        values = _by_head(self._linear(f"{layer}.value", there))
        scores = asks @ keys.transpose(0, 2, 1) / np.sqrt(np.float32(asks.shape[-1]))
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        seen = shares / shares.sum(axis=-1, keepdims=True) @ values
        return self._linear(f"{layer}.seen", seen.transpose(1, 0, 2).reshape(said.shape))

    def _linear(self, name: str, values: FloatArray) -> FloatArray:
        product: FloatArray = values @ self._parts[f"{name}.weight"].T + self._parts[f"{name}.bias"]
        return product

    def _norm(self, name: str, values: FloatArray) -> FloatArray:
        centred = values - values.mean(axis=-1, keepdims=True)
        scaled: FloatArray = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
        return scaled * self._parts[f"{name}.weight"] + self._parts[f"{name}.bias"]


def _by_head(values: FloatArray) -> FloatArray:
    """float32[tokens, size] as float32[heads, tokens, size / heads]."""
    return values.reshape(len(values), HEADS, -1).transpose(1, 0, 2)


@cache
def shipped() -> Entailment:
    """The attention that ships."""
    return Entailment.read(ENTAILMENT)
