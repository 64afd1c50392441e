"""Calibration on a user's own questions: the shipped probabilities, scaled and shifted to be right for these."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.evaluating.metrics import expected_calibration_error
from rag.evaluating.questions import QuestionsError
from rag.ranking.calibration import Calibrator, threshold_for

LEAST = 20
"""Right answers, and as many wrong ones, without which nothing is fitted."""

FOLDS = 10

_SLOPE_DEVIATION = 0.5
_BIAS_DEVIATION = 1.5
_ROUNDS = 50
_CLOSE = 1e-9
_LEAST_SLOPE = 0.05

Floats = npt.NDArray[np.float64]


class RecalibrationError(QuestionsError):
    """The questions don't make a better calibration; the message says why and what would help."""

    code = "not_recalibrated"


@dataclass(frozen=True, slots=True)
class Truth:
    """How well confidences are calibrated, and what the threshold lets through.

    ``log_loss`` is the mean negative logarithm of the probability that was given to the outcome (right or wrong);
    ``precision`` the share of given answers that are right, None when none is given; ``coverage`` the share of
    questions that are answered.
    """

    log_loss: float
    calibration_error: float
    precision: float | None
    coverage: float


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A fitted calibrator, and how well it and the previous one are calibrated on questions that were not fitted on."""

    calibrator: Calibrator
    before: Truth
    after: Truth


def recalibrate(
    calibrator: Calibrator, confidences: Sequence[float], right: Sequence[bool], precision: float, fitted_on: str
) -> Recalibration:
    """Fit slope and bias (Platt 1999) and the threshold for ``precision`` to the best answers of many questions.

    A Gaussian prior keeps the slope near 1 and the bias near 0, so that few questions change little. The
    figures of the result are cross-validated in :data:`FOLDS` parts.

    :param confidences: What ``calibrator`` gave to the best answer of each question.
    :raises RecalibrationError: when there are too few right or wrong answers, or the fit would not be truer.
    """
    hits = sum(right)
    if hits < LEAST or len(right) - hits < LEAST:
        raise RecalibrationError(
            f"too few questions to calibrate with: {hits} of the best answers are right and {len(right) - hits} wrong, "
            f"and {LEAST} of each are needed. Add questions; those that no article answers count as wrong ones."
        )
    logits, labels = np.array([_logit(value) for value in confidences]), np.array(right, dtype=np.float64)
    judged = np.zeros(len(labels))
    given = np.zeros(len(labels), dtype=bool)
    for fold in range(FOLDS):
        held = _fold_of(logits, fold)
        slope, bias = _fit(logits[~held], labels[~held])
        fitted = _probabilities(logits[~held], slope, bias)
        judged[held] = _probabilities(logits[held], slope, bias)
        given[held] = judged[held] >= threshold_for(fitted.tolist(), labels[~held].astype(bool).tolist(), precision)
    before = _truth(np.array(confidences), labels, np.array(confidences) >= calibrator.threshold)
    after = _truth(judged, labels, given)
    if after.log_loss >= before.log_loss:
        raise RecalibrationError(
            f"the calibration is kept as it is: on questions not fitted on, a new one would be less true (log loss "
            f"{after.log_loss:.3f} against {before.log_loss:.3f} now). More questions than these {len(right)} may help."
        )
    slope, bias = platt(confidences, right)
    fitted = _probabilities(logits, slope, bias)
    changed = calibrator.stretched(
        slope,
        bias,
        threshold=threshold_for(fitted.tolist(), list(right), precision),
        precision=precision,
        fitted_on=fitted_on,
    )
    return Recalibration(changed, before, after)


def platt(confidences: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """The slope and the bias that make the logits of ``confidences`` true, with the prior of :func:`recalibrate`."""
    return _fit(np.array([_logit(value) for value in confidences]), np.array(right, dtype=np.float64))


def _fold_of(logits: Floats, fold: int) -> npt.NDArray[np.bool_]:
    """Which answers are in a fold: every tenth in the order of confidence, so that folds are alike."""
    order = np.argsort(np.argsort(logits, kind="stable"), kind="stable")
    members: npt.NDArray[np.bool_] = order % FOLDS == fold
    return members


def _fit(logits: Floats, labels: Floats) -> tuple[float, float]:
    """Slope and bias of the highest posterior probability, by Newton's method, steps halved until they help."""
    rows = np.stack([logits, np.ones_like(logits)], axis=1)
    prior = np.diag([_SLOPE_DEVIATION**-2, _BIAS_DEVIATION**-2])
    centre = np.array([1.0, 0.0])

    def loss(weights: Floats) -> float:
        values = rows @ weights
        away = weights - centre
        return float(np.logaddexp(0, values).sum() - labels @ values + away @ prior @ away / 2)

    weights = centre
    for _ in range(_ROUNDS):
        chances = _probabilities(logits, *weights)
        gradient = rows.T @ (chances - labels) + prior @ (weights - centre)
        curvature = (rows * (chances * (1 - chances))[:, np.newaxis]).T @ rows + prior
        step = np.linalg.solve(curvature, gradient)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > _CLOSE:
            step = step / 2
        if np.abs(step).max() <= _CLOSE:
            break
        weights = weights - step
    return max(_LEAST_SLOPE, float(weights[0])), float(weights[1])


def _probabilities(logits: Floats, slope: float, bias: float) -> Floats:
    values: Floats = 1 / (1 + np.exp(-np.clip(slope * logits + bias, -60, 60)))
    return values


def _logit(confidence: float) -> float:
    clipped = min(max(confidence, 1e-9), 1 - 1e-9)
    return math.log(clipped / (1 - clipped))


def _truth(chances: Floats, labels: Floats, given: npt.NDArray[np.bool_]) -> Truth:
    bounded = np.clip(chances, 1e-9, 1 - 1e-9)
    loss = -np.mean(labels * np.log(bounded) + (1 - labels) * np.log(1 - bounded))
    error = expected_calibration_error(chances.tolist(), labels.astype(bool).tolist())
    precision = float(labels[given].mean()) if given.any() else None
    return Truth(float(loss), error, precision, float(given.mean()))
