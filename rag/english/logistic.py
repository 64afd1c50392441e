"""A fitted logistic model, kept as JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from index.models.onnx_model import ModelError

_FARTHEST = 60.0


@dataclass(frozen=True, slots=True)
class Logistic:
    """The probability of something, by named features: the logistic function of ``bias`` plus features times weights.

    ``fitted_on`` says which data the weights come from.
    """

    weights: Mapping[str, float]
    bias: float
    fitted_on: str

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability for features, 0 to 1; ``features`` has a value for each weight."""
        logit = self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-_FARTHEST, min(_FARTHEST, logit))))

    def write(self, path: Path) -> None:
        """Write the model as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a model that :meth:`write` wrote.

        :raises ModelError: when the file is missing or damaged.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            weights = {str(name): float(value) for name, value in content["weights"].items()}
            return cls(weights, float(content["bias"]), str(content["fitted_on"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelError(f"{path} is missing or damaged ({error})", "installation_incomplete") from error
