"""Whether one thing answers a question or several may: “Who won the race?”, “Who took part in it?”. English only.

The first words tell it. A logistic model weighs their vector, fitted to questions of both kinds
(``python -m training.agreement``).
"""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np

from index.models.embedder import Embedder
from index.models.onnx_model import FloatArray, ModelError
from rag.english.mentions import mentions

_WORDS = 3
"""Words of a question that are looked at, names left out: what follows is what it is about."""

SHIPPED = Path(__file__).parent.parent / "models" / "one-answer.json"


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """The log-odds that a question has one answer: ``bias`` plus its vector times ``weights``.

    Vectors have to come from the embedder with the fingerprint ``embedder``.
    """

    embedder: str
    weights: tuple[float, ...]
    bias: float

    def odds(self, vector: FloatArray) -> float:
        """For the vector of a question."""
        return self.bias + float(np.dot(np.array(self.weights, dtype=np.float32), vector))

    def write(self, path: Path) -> None:
        """Write the model as JSON."""
        path.write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a model that :meth:`write` wrote.

        :raises ModelError: when the file is missing or damaged.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            weights = tuple(float(weight) for weight in content["weights"])
            return cls(str(content["embedder"]), weights, float(content["bias"]))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(f"{path} is missing or damaged ({error})", "installation_incomplete") from error


def beginning(question: str) -> str:
    """The first words of a question, each name being “it”."""
    plain = question
    for mention in reversed(mentions(question)):
        if mention.is_name and mention.start:
            plain = f"{plain[: mention.start]}it{plain[mention.end :]}"
    return " ".join(plain.rstrip("?").split()[:_WORDS])


def odds_of_one(question: str, embedder: Embedder) -> float:
    """The log-odds that a question has one answer; 0 by an embedder that the model was not fitted to."""
    model = _shipped()
    if embedder.fingerprint != model.embedder:
        return 0.0
    return model.odds(embedder.embed_passages([beginning(question)])[0])


@cache
def _shipped() -> OneAnswer:
    return OneAnswer.read(SHIPPED)
