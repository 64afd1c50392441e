"""Fits how answers are chosen over all passages, and their confidence, to what a reader made of held-out titles."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rag.evaluating.evaluation import RIGHT_F1
from rag.evaluating.metrics import area_under_roc, exact_match, expected_calibration_error, f1
from rag.evaluating.recalibration import platt
from rag.ranking.calibration import Calibrator, threshold_for
from rag.ranking.candidates import gather
from rag.ranking.evidence import Evidence
from training.readings import Reading

PRECISION = 0.8
"""The share of right answers among those given for which the default threshold is chosen."""

RIDGE = 3.0
"""Weight of the squared weights, of standardised evidence, beside the log likelihood summed over questions."""

FOLDS = 5

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Options:
    """The candidates of a question: what speaks for each, its exact match and word F1 with the answers that count."""

    reading: Reading
    evidence: tuple[Evidence, ...]
    exact: tuple[float, ...]
    f1: tuple[float, ...]

    @property
    def right(self) -> list[bool]:
        """Which candidates are right."""
        return [value >= RIGHT_F1 for value in self.f1]

    @property
    def kind(self) -> str:
        """``inside``, ``title out``, or ``near miss``: a question that its own passage does not answer."""
        if self.reading.title_out:
            return "title out"
        return "inside" if self.reading.gold.answers else "near miss"

    @property
    def fold(self) -> int:
        """One of :data:`FOLDS` parts; questions of one title are in the same."""
        return hashlib.sha256(self.reading.gold.title.encode()).digest()[1] % FOLDS


def options(reading: Reading) -> Options:
    """The candidates that the reader found."""
    candidates = gather([reading.found[at] for at in reading.read], reading.spans)
    golds = reading.answers
    return Options(
        reading,
        tuple(candidate.evidence for candidate in candidates),
        tuple(exact_match(candidate.text, golds) if golds else 0.0 for candidate in candidates),
        tuple(f1(candidate.text, golds) if golds else 0.0 for candidate in candidates),
    )


def fit(questions: Sequence[Options], precision: float, fitted_on: str, reader: str) -> Calibrator:
    """The calibrator of highest likelihood.

    Weights and base make the right candidates of each question likely, taken together, or "none" where none is right;
    slope, bias and threshold are fitted to the strongest of each question.
    :raises ValueError: when the candidates are all right or all wrong.
    """
    if len({right for item in questions for right in item.right}) < 2:
        raise ValueError("a calibration needs both right and wrong answers")
    weights, base = _conditional_logit(questions)
    model = Calibrator(weights, base, 1.0, 0.0, 0.0, precision, fitted_on, reader)
    confidences, right = _tops(model, questions)
    model = model.stretched(*platt(confidences, right))
    confidences, right = _tops(model, questions)
    return replace(model, threshold=threshold_for(confidences, right, precision))


def _tops(model: Calibrator, questions: Sequence[Options]) -> tuple[list[float], list[bool]]:
    tops = [judge(model, item) for item in questions]
    return [confidence for confidence, _ in tops], [hit for _, hit in tops]


def judge(model: Calibrator, item: Options) -> tuple[float, bool]:
    """The confidence of the best candidate and whether it is right; 0 when there is none."""
    if not item.evidence:
        return 0.0, False
    at, confidence = model.rank(item.evidence)[0]
    return confidence, item.right[at]


def _conditional_logit(questions: Sequence[Options]) -> tuple[Evidence, float]:
    """Weights and base that minimise the negative log likelihood of what is right, plus :data:`RIDGE`."""
    from scipy.optimize import minimize

    filled = [item for item in questions if item.evidence]
    most = max(len(item.evidence) for item in filled)
    columns = len(Evidence._fields)
    everyone = np.array([evidence for item in filled for evidence in item.evidence])
    centre, spread = everyone.mean(axis=0), everyone.std(axis=0) + 1e-9
    rows = np.zeros((len(filled), most + 1, columns + 1))
    there = np.zeros((len(filled), most + 1), dtype=bool)
    right = np.zeros((len(filled), most + 1), dtype=bool)
    there[:, most] = True
    for number, item in enumerate(filled):
        count = len(item.evidence)
        rows[number, :count, :columns] = (np.array(item.evidence) - centre) / spread
        rows[number, :count, columns] = 1
        there[number, :count] = True
        right[number, :count] = item.right
        right[number, most] = not any(item.right)

    def loss(theta: Floats) -> tuple[float, Floats]:
        strengths = np.where(there, rows @ theta, -np.inf)
        shares = _softmax(strengths)
        among_right = _softmax(np.where(right, strengths, -np.inf))
        likelihood = np.log(np.maximum((shares * right).sum(axis=1), 1e-300)).sum()
        gradient = np.einsum("qc,qck->k", shares - among_right, rows)
        ridge = np.append(theta[:-1], 0.0)
        return float(RIDGE / 2 * ridge @ ridge - likelihood), gradient + RIDGE * ridge

    found = minimize(loss, np.zeros(columns + 1), jac=True, method="L-BFGS-B").x
    weights = found[:columns] / spread
    return Evidence(*weights.tolist()), float(found[columns] - centre @ weights)


def _softmax(strengths: Floats) -> Floats:
    sizes = np.exp(strengths - strengths.max(axis=1, keepdims=True))
    shares: Floats = sizes / sizes.sum(axis=1, keepdims=True)
    return shares


def figures(judged: Sequence[tuple[Calibrator, Options]]) -> dict[str, float]:
    """How well calibrators do on questions: F1 and confidence over all kinds, what the threshold lets through."""
    tops = [judge(model, item) for model, item in judged]
    confidences, right = [confidence for confidence, _ in tops], [hit for _, hit in tops]
    given = [confidence >= model.threshold for confidence, (model, _) in zip(confidences, judged, strict=True)]
    kinds = [item.kind for _, item in judged]
    bounded = np.clip(np.where(right, confidences, 1 - np.array(confidences)), 1e-9, 1)
    result = {"questions": float(len(judged)), "log loss": float(-np.log(bounded).mean())}
    result["calibration error"] = expected_calibration_error(confidences, right)
    result["AUROC, right against wrong"] = area_under_roc(confidences, right)
    for other in ("title out", "near miss"):
        pairs = [(c, kind == "inside") for c, kind in zip(confidences, kinds, strict=True) if kind in ("inside", other)]
        if len({inside for _, inside in pairs}) == 2:
            result[f"AUROC, inside against {other}"] = area_under_roc(*zip(*pairs, strict=True))
    result["right, of those given"] = sum(map(all, zip(right, given, strict=True))) / max(1, sum(given))
    for kind in ("inside", "title out", "near miss"):
        own = [shown for shown, other in zip(given, kinds, strict=True) if other == kind]
        if own:
            result[f"given, {kind}"] = sum(own) / len(own)
    inside = [(model, item) for model, item in judged if item.kind == "inside"]
    for name, limit in (("F1", 1), ("F1, best of three", 3)):
        values = [
            max((item.f1[at] for at, _ in model.rank(item.evidence)[:limit]), default=0.0) for model, item in inside
        ]
        result[name] = float(np.mean(values))
    return result


def cross_validated(questions: Sequence[Options], precision: float) -> list[tuple[Calibrator, Options]]:
    """Each question with the calibrator fitted on the titles of the other folds."""
    models = {
        fold: fit([item for item in questions if item.fold != fold], precision, "the other folds", "")
        for fold in range(FOLDS)
    }
    return [(models[item.fold], item) for item in questions]
