"""Raw scores of an answer to the probability that it is right."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from index.onnx_model import ModelError

SHIPPED = Path(__file__).parent / "models" / "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A logistic model (Platt 1999) over the features of a candidate answer.

    ``threshold`` is the confidence below which an answer is held back, chosen for ``precision`` on the questions it was
    fitted on; ``fitted_on`` says which these were.
    """

    features: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float
    precision: float
    fitted_on: str

    def probability(self, features: Sequence[float]) -> float:
        """P(right) for the features of :attr:`rag.candidates.Candidate.features`."""
        logit = self.bias + sum(weight * value for weight, value in zip(self.weights, features, strict=True))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))

    def write(self, path: Path) -> None:
        """Write the model as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path = SHIPPED) -> Self:
        """Read a model that :meth:`write` wrote.

        :raises ModelError: when the file is missing or damaged.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            for name in ("features", "weights"):
                content[name] = tuple(content[name])
            return cls(**content)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(f"the calibration {path} is missing or damaged ({error}): restore it") from error


def fit(
    features: Sequence[Sequence[float]], right: Sequence[bool], names: Sequence[str], precision: float, fitted_on: str
) -> Calibrator:
    """Fit a calibrator to candidate answers and whether each was right.

    The threshold is the lowest confidence from which the answers at or above it are right in the share ``precision``.
    :raises ValueError: when the answers are all right or all wrong.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    if len(set(right)) < 2:
        raise ValueError("a calibration needs both right and wrong answers")
    scaler = StandardScaler().fit(features)
    model = LogisticRegression().fit(scaler.transform(features), right)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    fitted = Calibrator(tuple(names), tuple(float(weight) for weight in weights), bias, 0.0, precision, fitted_on)
    confidences = [fitted.probability(values) for values in features]
    threshold = threshold_for(confidences, right, precision)
    return Calibrator(fitted.features, fitted.weights, fitted.bias, threshold, precision, fitted_on)


def threshold_for(confidences: Sequence[float], right: Sequence[bool], precision: float) -> float:
    """The lowest confidence from which the answers at or above it are right in the share ``precision``, or 1."""
    ranked = sorted(zip(confidences, right, strict=True), reverse=True)
    threshold, hits = 1.0, 0
    for count, (confidence, hit) in enumerate(ranked, 1):
        hits += hit
        if hits / count >= precision:
            threshold = confidence
    return threshold


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """The mean gap between confidence and share right over equally wide bins, weighted by size (Guo et al. 2017)."""
    members: list[list[int]] = [[] for _ in range(bins)]
    for i, confidence in enumerate(confidences):
        members[min(int(confidence * bins), bins - 1)].append(i)
    gaps = (abs(sum(confidences[i] for i in own) - sum(right[i] for i in own)) for own in members)
    return sum(gaps) / max(1, len(confidences))
