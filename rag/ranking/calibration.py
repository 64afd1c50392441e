"""Which candidate answer is best, and the probability that it is right."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from index.models.onnx_model import ModelError
from rag.ranking.evidence import Evidence

SHIPPED = Path(__file__).parent.parent / "models" / "calibration.json"
SMALL = SHIPPED.with_name("calibration-small.json")
"""That of the small reader alone."""
MULTILINGUAL = SHIPPED.with_name("calibration-multilingual.json")

SAID = 2.0
"""What an answer to a follow-up loses in strength when the conversation has said all of its words before: it is seldom
asked for what is known. Chosen on training conversations."""

_FARTHEST = 60.0


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A choice among the candidates and "none of them is right" (a conditional logit, McFadden 1974).

    The strength of a candidate is ``base`` plus its evidence times ``weights``; that of "none" is 0. Each has the share
    ``exp(strength)`` of the sum. So the order of two candidates does not depend on the others, a close rival lowers the
    confidence, and an unlikely one does not. ``slope`` and ``bias`` then scale and shift the logit of the share so that
    it is a calibrated probability (Platt 1999).

    ``threshold`` is the confidence below which an answer is held back, chosen for ``precision`` on the questions that
    the model was fitted on; ``fitted_on`` says which these were, ``reader`` is the SHA-256 of the reader's weights.
    """

    weights: Evidence
    base: float
    slope: float
    bias: float
    threshold: float
    precision: float
    fitted_on: str
    reader: str

    def strengths(self, candidates: Sequence[Evidence]) -> list[float]:
        """The strength of each candidate."""
        return [
            self.base + sum(weight * value for weight, value in zip(self.weights, evidence, strict=True))
            for evidence in candidates
        ]

    def rank(self, candidates: Sequence[Evidence], said: Sequence[float] = ()) -> list[tuple[int, float]]:
        """The positions of the candidates, best first, each with the probability that it is right.

        :param said: for each the share of its words that the conversation has said before; 0 where there is none.
        """
        strengths = self.strengths(candidates)
        if said:
            strengths = [strength - SAID * share for strength, share in zip(strengths, said, strict=True)]
        order = sorted(range(len(strengths)), key=lambda at: -strengths[at])
        return [(at, self._probability(margin)) for at, margin in zip(order, _odds(strengths, order), strict=True)]

    def _probability(self, odds: float) -> float:
        return 1 / (1 + math.exp(-max(-_FARTHEST, min(_FARTHEST, self.slope * odds + self.bias))))

    def stretched(self, slope: float, bias: float, **changes: Any) -> Self:
        """The same ranking with every logit multiplied by ``slope`` and moved by ``bias``, and other ``changes``."""
        return replace(self, slope=slope * self.slope, bias=slope * self.bias + bias, **changes)

    def write(self, path: Path) -> None:
        """Write the model as JSON; the file appears whole or not at all."""
        part = path.with_name(path.name + ".part")
        part.write_text(
            json.dumps(asdict(self) | {"weights": self.weights._asdict()}, indent=1) + "\n", encoding="utf-8"
        )
        part.replace(path)

    @classmethod
    def read(cls, path: Path = SHIPPED) -> Self:
        """Read a model that :meth:`write` wrote.

        :raises ModelError: when the file is missing or damaged.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            weights = Evidence(**{name: float(value) for name, value in content.pop("weights").items()})
            words: dict[str, Any] = {name: str(content.pop(name)) for name in ("fitted_on", "reader")}
            numbers: dict[str, Any] = {name: float(value) for name, value in content.items()}
            return cls(weights, **numbers, **words)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            code = "installation_incomplete" if path in {SHIPPED, SMALL, MULTILINGUAL} else "calibration_damaged"
            raise ModelError(f"the calibration {path} is missing or damaged ({error})", code) from error


def _odds(strengths: Sequence[float], order: Sequence[int]) -> list[float]:
    """The logit of the share of each candidate, in ``order``: its strength less the log of the sum of all others."""
    most = max([0.0, *strengths])
    sizes = [math.exp(strength - most) for strength in strengths]
    nothing = math.exp(-most)
    return [
        strengths[at] - most - math.log(nothing + math.fsum(size for i, size in enumerate(sizes) if i != at) or 1e-300)
        for at in order
    ]


def own_path(index_dir: Path) -> Path:
    """Where the calibration of one index is kept: beside its versions, so that a rebuild leaves it alone."""
    return index_dir / "calibration.json"


def shipped_for(reader: str) -> Calibrator:
    """The shipped calibration of ``reader`` (a SHA-256): that of the default one, unless another has its own.

    :raises ModelError: when it is missing or damaged.
    """
    others = map(Calibrator.read, (SMALL, MULTILINGUAL))
    return next((other for other in others if other.reader == reader), None) or Calibrator.read()


def calibrator_for(index_dir: Path, reader: str) -> Calibrator:
    """The calibration that was fitted for this index and ``reader`` (a SHA-256), else the shipped one.

    :raises ModelError: when it is damaged.
    """
    path = own_path(index_dir)
    if path.exists():
        own = Calibrator.read(path)
        if own.reader == reader:
            return own
    return shipped_for(reader)


def threshold_for(confidences: Sequence[float], right: Sequence[bool], precision: float) -> float:
    """The lowest confidence from which the answers at or above it are right in the share ``precision``, or 1."""
    ranked = sorted(zip(confidences, right, strict=True), reverse=True)
    threshold, hits = 1.0, 0
    for count, (confidence, hit) in enumerate(ranked, 1):
        hits += hit
        if hits / count >= precision:
            threshold = confidence
    return threshold
