"""Which candidate answer is best, and the probability that it is right."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from index.onnx_model import ModelError

SHIPPED = Path(__file__).parent / "models" / "calibration.json"

Evidence = tuple[float, float]
"""What speaks for a candidate: the reader's margin over no answer, in logits, and the fused score of its passage."""

_MOST_LEAD = 10.0
_JUDGED = 3


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A logistic model (Platt 1999) of the strength of a candidate and of its lead.

    The strength is ``margin + retrieval_weight * fused score``. The lead is the strength less that of the best other
    candidate, at most ten either way. Both weights are positive, so the strongest is the most probable one.

    ``threshold`` is the confidence below which an answer is held back, chosen for ``precision`` on the questions that
    the model was fitted on; ``fitted_on`` says which these were.
    """

    retrieval_weight: float
    strength_weight: float
    lead_weight: float
    bias: float
    threshold: float
    precision: float
    fitted_on: str

    def rank(self, candidates: Sequence[Evidence]) -> list[tuple[int, float]]:
        """The positions of the candidates, best first, each with the probability that it is right."""
        return [(at, self._probability(strength, lead)) for at, strength, lead in _ranked(candidates, self)]

    def _probability(self, strength: float, lead: float) -> float:
        logit = self.bias + self.strength_weight * strength + self.lead_weight * lead
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
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(f"the calibration {path} is missing or damaged ({error}): restore it") from error


def _ranked(candidates: Sequence[Evidence], model: Calibrator) -> Iterator[tuple[int, float, float]]:
    strengths = [margin + model.retrieval_weight * retrieval for margin, retrieval in candidates]
    order = sorted(range(len(candidates)), key=lambda at: -strengths[at])
    best = strengths[order[0]] if order else 0.0
    second = strengths[order[1]] if len(order) > 1 else -math.inf
    for at in order:
        rival = second if at == order[0] else best
        yield at, strengths[at], max(-_MOST_LEAD, min(_MOST_LEAD, strengths[at] - rival))


def fit(
    questions: Sequence[Sequence[Evidence]], right: Sequence[Sequence[bool]], precision: float, fitted_on: str
) -> Calibrator:
    """Fit a calibrator to the candidates of many questions and whether each candidate was right.

    The weight of retrieval is fitted to all candidates, the probability to the three strongest of each question, and
    the threshold is the lowest confidence from which the strongest ones are right in the share ``precision``.
    :raises ValueError: when the candidates are all right or all wrong.
    """
    from sklearn.linear_model import LogisticRegression

    everyone = [candidate for candidates in questions for candidate in candidates]
    labels = [label for of_question in right for label in of_question]
    if len(set(labels)) < 2:
        raise ValueError("a calibration needs both right and wrong answers")
    margin, retrieval = LogisticRegression(C=100).fit(everyone, labels).coef_[0]
    model = Calibrator(float(max(0.0, retrieval / margin)), 1.0, 0.0, 0.0, 0.0, precision, fitted_on)
    rows, hits = [], []
    for candidates, of_question in zip(questions, right, strict=True):
        for at, strength, lead in list(_ranked(candidates, model))[:_JUDGED]:
            rows.append((strength, lead))
            hits.append(of_question[at])
    logistic = LogisticRegression(C=100).fit(rows, hits)
    strength_weight, lead_weight = (float(max(0.0, weight)) for weight in logistic.coef_[0])
    model = replace(model, strength_weight=strength_weight, lead_weight=lead_weight, bias=float(logistic.intercept_[0]))
    best = [(model.rank(candidates)[0], own) for candidates, own in zip(questions, right, strict=True) if candidates]
    confidences = [confidence for (_, confidence), _ in best]
    return replace(model, threshold=threshold_for(confidences, [own[at] for (at, _), own in best], precision))


def threshold_for(confidences: Sequence[float], right: Sequence[bool], precision: float) -> float:
    """The lowest confidence from which the answers at or above it are right in the share ``precision``, or 1."""
    ranked = sorted(zip(confidences, right, strict=True), reverse=True)
    threshold, hits = 1.0, 0
    for count, (confidence, hit) in enumerate(ranked, 1):
        hits += hit
        if hits / count >= precision:
            threshold = confidence
    return threshold
